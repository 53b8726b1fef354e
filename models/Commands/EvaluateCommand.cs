using System.CommandLine;
using System.Text.Json;
using GptGen.Training;

namespace GptGen.Models.Commands;

/// <summary><c>gptgen evaluate</c>: loss, perplexity and bits per byte of a text.</summary>
internal static class EvaluateCommand
{
    internal static Command Create()
    {
        var model = CommonOptions.ModelOfWeights();
        var weights = CommonOptions.WeightsOfRun();
        var paths = CommonOptions.Data();
        var tokenizer = CommonOptions.Tokenizer();
        var batch = CommonOptions.Number("--batch", "Windows evaluated at once.", 8);
        var device = new DeviceOptions();
        var json = CommonOptions.Json();
        var command = new Command("evaluate", "Loss, perplexity and bits per byte of a text.") { model, weights, paths, tokenizer, batch, json };
        device.AddTo(command);
        return command.WithWork((result, cancellation) =>
        {
            if (result.GetValue(batch) < 1)
                throw new GptGenException($"--batch is {result.GetValue(batch)}, but must be at least 1.");
            var found = LoadedModel.Find(result.GetValue(model), result.GetValue(weights));
            var options = new TrainingOptions { Batch = result.GetValue(batch), Length = found.Description.Context };
            options.Validate(found.Description);
            using var data = Texts.Data(result.GetValue(paths), found.OpenTokenizer(result.GetValue(tokenizer)));
            using var runDevice = device.Open(result);
            MemoryCheck.Require(runDevice, found.Description, options);
            using var loaded = found.Load(runDevice);
            using var graph = loaded.CreateTraining(options.Batch, options.Length);
            var tokens = data.ForEvaluation;
            var loss = new Evaluator(graph, tokens, options.Batch, options.Length).MeanLoss(cancellation);
            if (!double.IsFinite(loss))
                throw LoadedModel.NoNumbers($"The loss is {loss}");
            var bits = loss * (tokens.Count - 1) / Math.Log(2);
            Write(loss, Math.Exp(loss), bits / data.CountBytes(tokens), tokens.Count, result.GetValue(json));
            return 0;
        });
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
