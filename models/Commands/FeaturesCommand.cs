using System.CommandLine;
using System.Text.Json;
using GptGen.Checkpoints;

namespace GptGen.Models.Commands;

/// <summary><c>gptgen features</c>: the final hidden states of a text, one JSON line a token.</summary>
internal static class FeaturesCommand
{
    internal static Command Create()
    {
        var model = CommonOptions.Model();
        var weights = CommonOptions.Weights("runs/gpt2-nano");
        var tokenizer = CommonOptions.Tokenizer();
        var prompt = new Option<string>("--prompt") { Description = "The text.", Required = true };
        var threads = CommonOptions.Threads();
        var device = CommonOptions.Device();
        var command = new Command("features", "Final hidden states of a text, one JSON line a token.") { model, weights, tokenizer, prompt, threads, device };
        command.SetAction(result =>
        {
            var entry = Zoo.Find(result.GetValue(model)!);
            var description = entry.Description;
            var text = Texts.Tokenizer(result.GetValue(tokenizer), description);
            var tokens = text.EncodePrompt(result.GetValue(prompt)!);
            if (tokens.Length == 0 || tokens.Length > description.Context)
                throw new GptGenException($"The text has {tokens.Length} tokens, but must have between 1 and {description.Context}.");
            using var runDevice = Devices.Open(result.GetValue(device)!, result.GetValue(threads));
            using var loaded = entry.Create(runDevice);
            ModelCheckpoint.Load(loaded, result.GetValue(weights)!);
            using var graph = loaded.CreateInference(1, tokens.Length, tokens.Length, tokens.Length);
            graph.PrefillAllLogits(tokens.Length, tokens, [tokens.Length], [0]);
            Write(graph, tokens, new float[description.Width]);
        });
        return command;
    }

    private static void Write(InferenceGraph graph, int[] tokens, float[] hidden)
    {
        using var output = Console.OpenStandardOutput();
        using var writer = new Utf8JsonWriter(output);
        for (var row = 0; row < tokens.Length; row++)
        {
            graph.ReadHidden(row, hidden);
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
