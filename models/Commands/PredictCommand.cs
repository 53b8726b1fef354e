using System.CommandLine;
using GptGen.Checkpoints;
using GptGen.Finetuning;

namespace GptGen.Models.Commands;

/// <summary><c>gptgen predict</c>: labels or grades of new examples by a fine-tuned model.</summary>
internal static class PredictCommand
{
    internal static Command Create()
    {
        var weights = new Option<string>("--weights") { Description = "The folder that 'gptgen finetune' wrote.", Required = true, HelpName = "folder" };
        var data = new Option<string?>("--data") { Description = "Examples to predict: .tsv, .csv or .jsonl; labels are not needed.", HelpName = "file" };
        var text = new Option<string[]>("--text") { Description = "The texts of one example, in the task's order, in place of a file.", AllowMultipleArgumentsPerToken = true, HelpName = "text…" };
        var texts = new Option<string[]>("--texts") { Description = "Columns of the texts; as in training without it.", AllowMultipleArgumentsPerToken = true, HelpName = "column…" };
        var label = new Option<string?>("--label") { Description = "Column of the label; as in training without it.", HelpName = "column" };
        var batch = CommonOptions.Number("--batch", "Examples predicted at once.", 32);
        var output = new Option<string?>("--out") { Description = "The predictions: .tsv, or .jsonl; on the console without it.", HelpName = "file" };
        var device = new DeviceOptions();
        var json = CommonOptions.Json();
        var command = new Command("predict", "Predict labels with a fine-tuned model.") { weights, data, text, texts, label, batch, output, json };
        device.AddTo(command);
        return command.WithWork((result, cancellation) =>
        {
            if (result.GetValue(batch) < 1)
                throw new GptGenException($"--batch is {result.GetValue(batch)}, but must be at least 1.");
            var folder = result.GetValue(weights)!;
            var task = FinetunedTask.Load(folder);
            var entry = TaskZoo.Find(task.Model);
            var given = result.GetValue(texts) is { Length: > 0 } named ? named : task.Columns.Texts;
            var columns = new TaskColumns(given, result.GetValue(label) ?? task.Columns.Label);
            var examples = (result.GetValue(data), result.GetValue(text)) switch
            {
                ({ } path, null or []) => TaskFile.Read(path, columns, needsLabels: result.GetValue(label) is not null),
                (null, { Length: > 0 } words) => [new(words, null)],
                _ => throw new GptGenException("Give either --data with a file of examples or --text with the texts of one."),
            };
            var tokenizer = Texts.Tokenizer(RunTokenizer.Find(task.Tokenizer, folder), entry.Description);
            var encoded = new ExampleEncoder(entry.Head, tokenizer, task.Targets, task.Length, task.Truncate).Encode(examples);
            using var runDevice = device.Open(result);
            using var model = entry.Create(runDevice);
            ModelCheckpoint.Load(model, folder, Note.Show);
            using var predictor = new TaskPredictor(model, Math.Min(result.GetValue(batch), encoded.Count), task.Length, task.Targets.Outputs);
            var predictions = predictor.Predict(encoded, cancellation);
            if (result.GetValue(output) is not { } target)
            {
                using var console = Console.OpenStandardOutput();
                PredictionFile.Write(console, result.GetValue(json), task.Targets, predictions);
                return 0;
            }

            PredictionFile.Write(target, task.Targets, predictions);
            if (encoded.All(static example => example.IsLabelled))
                MetricsTable.Write(Console.Out, $"'{result.GetValue(data)}'", task.Targets.Measure(encoded, predictions));
            Console.WriteLine($"written: {target}");
            return 0;
        });
    }
}
