using System.CommandLine;
using System.Text.Json;
using GptGen.Generation;

namespace GptGen.Models.Commands;

/// <summary>What <c>summarize</c>, <c>translate</c> and <c>answer</c> share: the model, the text, and how the result is shown.</summary>
internal static class ZeroShotCommand
{
    /// <summary>Does the task on a text.</summary>
    internal delegate ZeroShotText Work(ZeroShot zeroShot, string text, ParseResult result, int tokens, CancellationToken cancellation);

    /// <summary>Does the task with a model that was trained for it.</summary>
    /// <returns>The exit code, or null where the model was not.</returns>
    internal delegate int? TrainedWork(LoadedModel model, TrainedRequest request, ParseResult result, CancellationToken cancellation);

    /// <summary>What such work is asked for.</summary>
    /// <param name="Text">The whole text.</param>
    /// <param name="Tokenizer">The tokenizer's name, or null for the model's.</param>
    /// <param name="Tokens">The most tokens to write, or null where that was not said.</param>
    /// <param name="Json">Whether to write JSON.</param>
    /// <param name="Device">Opens the device.</param>
    internal sealed record TrainedRequest(string Text, string? Tokenizer, int? Tokens, bool Json, Func<Device> Device);

    /// <summary>Makes a command.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it does.</param>
    /// <param name="input">The text that it works on.</param>
    /// <param name="cut">What is left out where the context is too short.</param>
    /// <param name="more">Options of its own.</param>
    /// <param name="check">Reads the command's own files, before any weights are.</param>
    /// <param name="work">The task.</param>
    /// <param name="trained">The task of a model that was trained for it, or null where none is.</param>
    internal static Command Create(
        string name, string description, InputText input, string cut, Option[] more, Action<ParseResult> check, Work work,
        TrainedWork? trained = null)
    {
        var model = CommonOptions.ModelOfWeights();
        var weights = CommonOptions.WeightsOfRun();
        var tokenizer = CommonOptions.Tokenizer();
        var tokens = CommonOptions.Number("--tokens", "The most tokens to write.", ZeroShot.DefaultTokens);
        var device = new DeviceOptions();
        var json = CommonOptions.Json();
        var command = new Command(name, description) { model, weights, tokenizer, input.Text, input.File, tokens, json };
        device.AddTo(command);
        foreach (var option in more)
            command.Add(option);
        return command.WithWork((result, cancellation) =>
        {
            new GenerationOptions { Tokens = result.GetValue(tokens) }.Validate();
            check(result);
            var text = input.Read(result);
            var found = LoadedModel.Find(result.GetValue(model), result.GetValue(weights));
            var request = new TrainedRequest(
                text, result.GetValue(tokenizer), result.IsGiven(tokens) ? result.GetValue(tokens) : null, result.GetValue(json),
                () => device.Open(result));
            if (trained?.Invoke(found, request, result, cancellation) is { } code)
                return code;
            found.Entry.Require(ModelKind.Language);
            var generatorTokenizer = found.OpenTokenizer(result.GetValue(tokenizer));
            using var runDevice = device.Open(result);
            using var loaded = found.LoadLanguage(runDevice, MemoryNeed.Inference(TextGenerator.SizeFor(found.Description, samples: 1)));
            var written = Waiting.For("writing", () => work(
                new(new(loaded, generatorTokenizer)), text, result, result.GetValue(tokens), cancellation));
            Explain(written, cut, found.Entry, result.GetValue(tokens));
            if (result.GetValue(json))
                WriteJson(written);
            else
                Console.WriteLine(written.Text);
            return 0;
        });
    }

    private static void Explain(ZeroShotText written, string cut, ZooEntry model, int tokens)
    {
        if (written.CutTokens > 0)
        {
            Console.Error.WriteLine(
                $"note: the first {written.CutTokens} tokens of {cut} were left out: {model.Name} sees {model.Description.Context} at once, "
                + $"{FittedPrompt.Room(model.Description, tokens)} of them before the text to write.");
        }

        if (written.Text.Length == 0)
            Console.Error.WriteLine("note: the model wrote nothing.");
    }

    private static void WriteJson(ZeroShotText written)
    {
        using var output = Screen.OpenOutput();
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartObject();
            writer.WriteString("text", written.Text);
            writer.WriteNumber("cut_tokens", written.CutTokens);
            writer.WriteEndObject();
        }

        output.WriteByte((byte)'\n');
    }
}
