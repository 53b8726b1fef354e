using System.CommandLine;
using GptGen.Distributed;
using GptGen.Training;

namespace GptGen.Models.Commands;

/// <summary>What is measured.</summary>
internal enum EvaluationTask
{
    /// <summary>Perplexity of a text.</summary>
    Text,

    /// <summary>The last word of passages.</summary>
    Lambada,

    /// <summary>The right ending.</summary>
    HellaSwag,

    /// <summary>The word left out of a children's book.</summary>
    Cbt,

    /// <summary>Translations of pairs, by a model that was trained on pairs.</summary>
    Translation,
}

/// <summary><c>gptgen evaluate</c>: perplexity of a text, or accuracy on a benchmark's file.</summary>
internal static class EvaluateCommand
{
    internal static Command Create()
    {
        var task = CommonOptions.Choice(
            "--task",
            "Perplexity of a text (of a BERT model: masked tokens), last words (LAMBADA), endings (HellaSwag), the Children's "
            + "Book Test, or BLEU, chrF and exact match of translations (--data takes files of pairs).",
            EvaluationTask.Text);
        var model = CommonOptions.ModelOfWeights();
        var weights = CommonOptions.WeightsOfRun();
        var paths = CommonOptions.Data();
        var tokenizer = CommonOptions.Tokenizer();
        var endOfText = CommonOptions.EndOfText();
        var stride = CommonOptions.Number("--stride", "Of a text: tokens from one window to the next; 0 means the whole context.", 0, least: 0);
        var memory = CommonOptions.Memory();
        var zeroMemory = SegmentFlags.ZeroMemory();
        var sameLength = SegmentFlags.SameLength();
        var limit = CommonOptions.Number("--limit", "Examples to evaluate, or tokens of a text; 0 means all.", 0, least: 0);
        var batch = CommonOptions.Number("--batch", "Texts or windows computed at once.", 8, least: 1);
        var search = new SearchOptions(beams: 4);
        var device = new DeviceOptions();
        var json = CommonOptions.Json();
        var command = new Command("evaluate", "Perplexity of a text, accuracy on a benchmark's file, or the quality of translations.")
        {
            task, model, weights, paths, tokenizer, endOfText, stride, memory, zeroMemory, sameLength, limit, batch,
            json,
        };
        foreach (var option in search.All)
            command.Add(option);
        device.AddTo(command);
        return command.WithWork((result, cancellation) =>
        {
            var others = Processes.Start();
            var found = LoadedModel.Find(result.GetValue(model), result.GetValue(weights));
            var options = new TrainingOptions { Batch = result.GetValue(batch), Length = found.Description.Context };
            options.Validate(found.Description);
            if (result.GetValue(task) != EvaluationTask.Translation && search.All.FirstOrDefault(result.IsGiven) is { } given)
                throw new GptGenException($"{given.Name} belongs to --task translation: leave it out.");
            var request = new EvaluationRequest(
                result.GetValue(paths) ?? [], options.Batch, result.GetValue(stride), result.GetValue(limit), new(result.GetValue(endOfText)),
                search.Read(result, found.Description.Context))
            {
                Memory = CommonOptions.CheckedMemory(result.GetValue(memory) ?? found.RunMemory, found.Entry),
                BeginsWithZeros = result.ReadFor(found.Entry, zeroMemory),
                SameLength = result.ReadFor(found.Entry, sameLength),
                Others = others,
            };
            using var work = EvaluationWork.Prepare(result.GetValue(task), request, found, result.GetValue(tokenizer), cancellation);
            using var runDevice = device.Open(result, others);
            using var loaded = found.Load(runDevice, work.Need(found.Description));
            Processes.RequireAlike(
                others, result, runDevice, ("data", () => work.Fingerprint), ("weights", () => new Fingerprint().Add(loaded.Parameters).Number));
            var report = work.Run(loaded, cancellation);
            if (Processes.IsFirst)
                report.Write(result.GetValue(json));
            return 0;
        });
    }
}
