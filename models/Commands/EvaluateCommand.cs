using System.CommandLine;
using System.Text.Json;
using GptGen.Checkpoints;
using GptGen.Text;
using GptGen.Training;

namespace GptGen.Models.Commands;

/// <summary><c>gptgen evaluate</c>: loss, perplexity and bits per byte of a text.</summary>
internal static class EvaluateCommand
{
    internal static Command Create()
    {
        var model = CommonOptions.Model();
        var weights = CommonOptions.Weights("runs/gpt2-nano");
        var data = CommonOptions.Data();
        var tokenizer = CommonOptions.Tokenizer();
        var batch = CommonOptions.Number("--batch", "Windows evaluated at once.", 8);
        var threads = CommonOptions.Threads();
        var device = CommonOptions.Device();
        var json = CommonOptions.Json();
        var command = new Command("evaluate", "Loss, perplexity and bits per byte of a text.") { model, weights, data, tokenizer, batch, threads, device, json };
        command.SetAction((result, cancellation) =>
        {
            var entry = Zoo.Find(result.GetValue(model)!);
            if (result.GetValue(batch) < 1)
                throw new GptGenException($"--batch is {result.GetValue(batch)}, but must be at least 1.");
            using var runDevice = Devices.Open(result.GetValue(device)!, result.GetValue(threads));
            using var loaded = entry.Create(runDevice);
            ModelCheckpoint.Load(loaded, result.GetValue(weights)!);
            var text = Texts.Corpus(result.GetValue(data));
            using var source = TokenSource.FromMemory(text.Tokenize(Texts.Tokenizer(result.GetValue(tokenizer), entry.Description)));
            using var graph = loaded.CreateTraining(result.GetValue(batch), entry.Description.Context);
            var loss = new Evaluator(graph, source, result.GetValue(batch), entry.Description.Context).MeanLoss(cancellation);
            Write(loss, Math.Exp(loss), loss * (source.Count - 1) / Math.Log(2) / text.ByteCount, source.Count, result.GetValue(json));
            return Task.FromResult(0);
        });
        return command;
    }

    private static void Write(double loss, double perplexity, double bitsPerByte, long tokens, bool json)
    {
        if (!json)
        {
            Console.WriteLine(FormattableString.Invariant($"tokens         {tokens}\nloss           {loss:F4} nats per token\nperplexity     {perplexity:F3}\nbits per byte  {bitsPerByte:F4}"));
            return;
        }

        using var output = Console.OpenStandardOutput();
        using var writer = new Utf8JsonWriter(output);
        writer.WriteStartObject();
        writer.WriteNumber("tokens", tokens);
        writer.WriteNumber("loss", loss);
        writer.WriteNumber("perplexity", perplexity);
        writer.WriteNumber("bits_per_byte", bitsPerByte);
        writer.WriteEndObject();
    }
}
