using System.CommandLine;
using GptGen.Checkpoints;
using GptGen.Distributed;
using GptGen.Finetuning;

namespace GptGen.Models.Commands;

/// <summary><c>gptgen predict</c>: labels or grades of new examples by a fine-tuned model.</summary>
internal static class PredictCommand
{
    internal static Command Create()
    {
        var weights = new Option<string>("--weights")
        {
            Description = "The folder that 'gptgen finetune' wrote, or a published BERT classifier or tagger of Hugging Face's.",
            Required = true,
            HelpName = "folder",
        };
        var data = new Option<string?>("--data")
        {
            Description = "Examples to predict: .tsv, .csv, .jsonl or .json; labels are not needed.",
            HelpName = "file",
        };
        var text = new Option<string[]>("--text")
        {
            Description = "The texts of one example, in the task's order, in place of a file; of a tagger, texts whose words stand between spaces.",
            AllowMultipleArgumentsPerToken = true,
            HelpName = "text…",
        };
        var texts = new Option<string[]>("--texts")
        {
            Description = "Columns of the texts; as in training without it.",
            AllowMultipleArgumentsPerToken = true,
            HelpName = "column…",
        };
        var label = new Option<string?>("--label") { Description = "Column of the label; as in training without it.", HelpName = "column" };
        var batch = CommonOptions.Number("--batch", "Examples predicted at once.", 32, least: 1);
        var output = new Option<string?>("--out")
        {
            Description = "The predictions: .tsv, .csv, .jsonl or .json; on the console without it.",
            HelpName = "file",
        };
        var device = new DeviceOptions();
        var json = CommonOptions.Json();
        var command = new Command("predict", "Predict labels with a fine-tuned model.") { weights, data, text, texts, label, batch, output, json };
        device.AddTo(command);
        return command.WithWork((result, cancellation) =>
        {
            var others = Processes.Start();
            var folder = result.GetValue(weights)!;
            var (target, isLabelled) = (result.GetValue(output), result.GetValue(label) is not null);
            var format = PredictionFormats.Of(target, result.GetValue(json));
            if (target is not null)
                OutputTarget.RequireNotInput(target, result.GetValue(data), folder);
            var columnsOfTexts = result.GetValue(texts) ?? [];
            var model = PredictorFolder.Open(folder, Math.Max(columnsOfTexts.Length, result.GetValue(text)?.Length ?? 0));
            var (task, entry) = (model.Task, model.Entry);
            var given = columnsOfTexts is { Length: > 0 } named ? named : task.Columns.Texts;
            var columns = new TaskColumns(given, result.GetValue(label) ?? task.Columns.Label);
            var examples = (result.GetValue(data), result.GetValue(text)) switch
            {
                ({ } path, null or []) => TaskFile.Read(path, task.Kind, columns, isLabelled, Note.Show),
                (null, { Length: > 0 } lines) when task.Targets is TagSet => [.. lines.Select(TagFile.OfText)],
                (null, { Length: not 2 and > 0 } wrong) when task.Targets is AnswerSpans => throw new GptGenException(
                    $"--text names {wrong.Length} texts, but a question has two: itself and the text that answers it."),
                (null, { Length: > 0 } words) => [new(words, null)],
                _ => throw new GptGenException("Give either --data with a file of examples or --text with the texts of one."),
            };
            if (!isLabelled)
                examples = task.Targets.PassOverUnknown(examples, Note.Show);
            var tokenizer = Texts.Reader(
                entry.Description, null, () => Texts.Tokenizer(RunTokenizer.Find(task.Tokenizer, folder), entry.Description));
            var encoded = new ExampleEncoder(entry.Head, tokenizer, task.Targets, task.Length, task.Truncate).Encode(examples);
            using var runDevice = device.Open(result, others);
            var atOnce = Math.Min(result.GetValue(batch), encoded.Count);
            using var loaded = entry.Open(
                runDevice, MemoryNeed.Predictions(atOnce * entry.Head.SequencesPerExample, task.Length, "a smaller --batch"));
            Waiting.For("reading the weights", () => model.Load(loaded));
            Processes.RequireAlike(
                others, result, runDevice, ("examples", () => new Fingerprint().Add(encoded).Number),
                ("weights", () => new Fingerprint().Add(loaded.Model.Parameters).Number));
            using var predictor = new TaskPredictor(loaded, atOnce, task.Length, task.Targets.Outputs) { Others = others };
            var predictions = Waiting.For("predicting", () => predictor.Predict(encoded, cancellation));
            if (!Processes.IsFirst)
                return 0;
            if (target is null)
            {
                using var console = Screen.OpenOutput();
                PredictionFile.Write(console, format, task.Targets, encoded, predictions);
                return 0;
            }

            Screen.KeepOutputForData(target);
            PredictionFile.Write(target, format, task.Targets, encoded, predictions);
            if (encoded.All(static example => example.IsLabelled))
                MetricsTable.Write(Screen.People, $"'{result.GetValue(data)}'", task.Targets.Measure(encoded, predictions));
            Screen.People.WriteLine($"written: {target}");
            return 0;
        });
    }
}
