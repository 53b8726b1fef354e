using GptGen.Checkpoints;
using GptGen.Generation;
using GptGen.Sampling;
using GptGen.Text;
using GptGen.Training;
using Spectre.Console;

namespace GptGen.Models.Commands;

/// <summary>One run of <c>gptgen train</c>: data, progress, log, plot, and a sample of text at the end.</summary>
internal sealed class TrainingRun(ZooEntry entry, TrainingOptions options, string folder, bool resume)
{
    private readonly LossPlot plot = new();

    /// <returns>The exit code: 130 when the run was interrupted after saving.</returns>
    internal int Execute(Device device, Tokenizer tokenizer, Func<TextCorpus> corpus, CancellationToken cancellation)
    {
        if (!resume && TrainingCheckpoint.FindLatest(folder) is { } existing)
            throw new GptGenException($"'{existing}' is there already: continue that run with --resume, or name another folder with --out.");
        var text = corpus();
        using var data = TokenDataset.Split(TokenSource.FromMemory(text.Tokenize(tokenizer)));
        using var model = entry.Create(device);
        using var trainer = new Trainer(model, data, options, folder, $"{{\"tokenizer\":\"{System.Text.Json.JsonEncodedText.Encode(tokenizer.Name)}\"}}");
        if (resume)
            trainer.Resume(folder);
        else
            model.Initialize(options.Seed);

        CreateFolder();
        AnsiConsole.MarkupLineInterpolated(
            $"{entry.Name}: {entry.Description.ParameterCount:N0} parameters; {data.Training.Count:N0} tokens to train on, {data.Validation.Count:N0} to validate on, from {text.Source}");
        string? checkpoint;
        using (var log = new TrainingLog(Path.Combine(folder, "log.jsonl"), resume))
            checkpoint = Train(trainer, log, cancellation);
        var picture = Path.Combine(folder, "loss.svg");
        plot.Save(picture, entry.Name);
        if (!cancellation.IsCancellationRequested)
            WriteSample(model, tokenizer, cancellation);
        Console.WriteLine($"checkpoint: {checkpoint ?? TrainingCheckpoint.FindLatest(folder)}");
        Console.WriteLine($"loss plot:  {picture}");
        return cancellation.IsCancellationRequested ? 130 : 0;
    }

    private void CreateFolder()
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new GptGenException($"The folder '{folder}' cannot be made ({exception.Message}): name a writable folder with --out.", exception);
        }
    }

    private string? Train(Trainer trainer, TrainingLog log, CancellationToken cancellation)
    {
        string? checkpoint = null;
        AnsiConsole.Progress()
            .AutoClear(false)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(progress =>
            {
                var task = progress.AddTask("training", maxValue: options.Steps);
                task.Value = trainer.StepsDone;
                var smooth = double.NaN;
                double? validation = null;
                foreach (var step in trainer.Run(cancellation))
                {
                    smooth = double.IsNaN(smooth) ? step.Loss : (0.95 * smooth) + (0.05 * step.Loss);
                    validation = step.ValidationLoss ?? validation;
                    checkpoint = step.Checkpoint ?? checkpoint;
                    log.Write(step);
                    plot.AddTraining(step.Step, smooth);
                    if (step.ValidationLoss is { } loss)
                        plot.AddValidation(step.Step, loss);
                    var speed = options.Batch * options.Length * options.Accumulate / step.Seconds;
                    task.Description = FormattableString.Invariant(
                        $"step {step.Step}/{options.Steps}  loss {smooth:F3}{(validation is { } value ? FormattableString.Invariant($"  validation {value:F3}") : "")}  {speed:N0} tokens/s");
                    task.Value = step.Step;
                }
            });
        return checkpoint;
    }

    private static void WriteSample(LanguageModel model, Tokenizer tokenizer, CancellationToken cancellation)
    {
        Console.WriteLine();
        var generator = new TextGenerator(model, tokenizer);
        var sampling = new SamplingOptions { Temperature = 0.7f, TopK = 40, Seed = 1 };
        foreach (var piece in generator.Generate("", new() { Tokens = 400, Sampling = sampling }, cancellation))
            Console.Write(piece.Text);
        Console.WriteLine();
        Console.WriteLine();
    }
}
