using System.CommandLine;
using System.Text.Json;

namespace GptGen.Models.Commands;

/// <summary><c>gptgen features</c>: the final hidden states of a text, one JSON line a token.</summary>
internal static class FeaturesCommand
{
    internal static Command Create()
    {
        var model = CommonOptions.ModelOfWeights();
        var weights = CommonOptions.WeightsOfRun();
        var tokenizer = CommonOptions.Tokenizer();
        var prompt = new Option<string>("--prompt") { Description = "The text.", Required = true, HelpName = "text" };
        var device = new DeviceOptions();
        var command = new Command("features", "Final hidden states of a text, one JSON line a token.") { model, weights, tokenizer, prompt };
        device.AddTo(command);
        return command.WithWork((result, _) =>
        {
            var found = LoadedModel.Find(result.GetValue(model), result.GetValue(weights));
            var tokens = found.OpenTokenizer(result.GetValue(tokenizer)).EncodePrompt(result.GetValue(prompt)!);
            if (tokens.Length == 0 || tokens.Length > found.Description.Context)
                throw new GptGenException(
                    $"The text has {tokens.Length} tokens, but must have between 1 and {found.Description.Context}: give another --prompt.");
            using var runDevice = device.Open(result);
            using var loaded = found.Load(runDevice, MemoryNeed.Inference(new(1, tokens.Length, tokens.Length, tokens.Length)));
            using var graph = loaded.CreateInference(1, tokens.Length, tokens.Length, tokens.Length);
            graph.PrefillAllLogits(tokens.Length, tokens, [tokens.Length], [0]);
            Write(graph, tokens, new float[found.Description.Width]);
            return 0;
        });
    }

    private static void Write(InferenceGraph graph, int[] tokens, float[] hidden)
    {
        using var output = Screen.OpenOutput();
        using var writer = new Utf8JsonWriter(output);
        for (var row = 0; row < tokens.Length; row++)
        {
            graph.ReadHidden(row, hidden);
            if (hidden.Any(static value => !float.IsFinite(value)))
                throw LoadedModel.NoNumbers($"The states of token {row + 1} are no numbers");
            writer.WriteStartObject();
            writer.WriteNumber("token", tokens[row]);
            writer.WriteStartArray("hidden");
            foreach (var value in hidden)
                writer.WriteNumberValue(value);
            writer.WriteEndArray();
            writer.WriteEndObject();
            writer.Flush();
            writer.Reset();
            output.WriteByte((byte)'\n');
        }
    }
}
