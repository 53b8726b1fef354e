using System.Globalization;
using System.Text;
using GptGen.Checkpoints;
using GptGen.Generation;
using GptGen.Sampling;
using GptGen.Text;
using GptGen.Training;
using Spectre.Console;

namespace GptGen.Models.Commands;

/// <summary>One run of <c>gptgen train</c>: data, progress, log, plot, and a sample of text at the end.</summary>
internal sealed class TrainingRun(ZooEntry entry, TrainingOptions options, string folder)
{
    private const int SampleTokens = 400;
    private const int ShortSampleTokens = 150;
    private const string LogName = "log.jsonl";
    private const string PlotName = "loss.svg";

    private readonly LossPlot plot = new();
    private readonly TrainingDisplay display = new(options);

    /// <summary>The right to write into the folder.</summary>
    internal required FolderClaim Claim { get; init; }

    /// <summary>The checkpoint, or the folder whose newest one, the run continues; null for a new run.</summary>
    internal string? Checkpoint { get; init; }

    /// <summary>Weights that a new run begins with; null for random ones.</summary>
    internal string? Weights { get; init; }

    /// <summary>Files and folders of the data; none for the SDK's documentation.</summary>
    internal required string[] Data { get; init; }

    /// <summary>Whether the name of the end-of-text token ends documents in texts.</summary>
    internal bool EndOfText { get; init; }

    /// <summary>The number of tokens that the run was begun with; null for a new run.</summary>
    internal long? TokensBefore { get; init; }

    /// <summary>Steps between samples of text; 0 means only at the end.</summary>
    internal int SampleEvery { get; init; }

    /// <summary>The memory that the run takes.</summary>
    internal MemoryNeed Need => MemoryNeed.Training(options.Batch, options.Length, "a smaller --batch, a smaller --length or another --model");

    /// <summary>The folder of a model's run when none is named.</summary>
    internal static string DefaultFolder(ZooEntry entry) => Path.Combine("runs", entry.Name);

    /// <summary>Refuses data that the run would overwrite, and tells of what it would read of itself.</summary>
    /// <exception cref="GptGenException">It would.</exception>
    internal void CheckData()
    {
        OutputTarget.RequireNoInputs(folder, [LogName, PlotName], Data);
        foreach (var data in Data)
        {
            if (Directory.Exists(data)
                && $"{Path.GetFullPath(folder)}/".StartsWith($"{Path.GetFullPath(data).TrimEnd('/')}/", StringComparison.Ordinal))
            {
                Note.Show(
                    $"the run's folder '{folder}' lies inside the data '{data}': where that is text, --resume would read the run's own files; "
                    + "name a folder elsewhere with --out");
            }
        }
    }

    /// <returns>The exit code; 128 and the signal's number when the run was interrupted after saving.</returns>
    internal int Execute(Device device, Tokenizer tokenizer, CancellationToken cancellation)
    {
        Screen.Outlive();
        using var data = Texts.Data(Data, tokenizer, entry.Description, new(EndOfText), cancellation);
        var sets = data.Split();
        if (TokensBefore is { } before && before != sets.Training.Count)
        {
            throw new GptGenException(
                $"The run was begun on {before} tokens, but '{data.Source}' has {sets.Training.Count} to train on: give the same --data, "
                + "--tokenizer and --end-of-text, or begin a new run with --weights.");
        }

        using var model = entry.Open(device, Need);
        using var batches = new LanguageBatches(model, sets, options);
        using var trainer = new Trainer(batches, options, folder, Record(tokenizer, sets).ToJson(), Claim);
        if (Checkpoint is not null)
            Resume(trainer);
        else if (Weights is not null)
            Waiting.For("reading the weights", () => ModelCheckpoint.Load(model, Weights, Note.Show));
        else
            model.Initialize(options.Seed);

        tokenizer.CopyFiles(folder);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{entry.Name}: {entry.Description.ParameterCount:N0} parameters; {sets.Training.Count:N0} tokens to train on, "
            + $"{Math.Min(trainer.ValidationTokens + 1, sets.Validation.Count):N0} to validate on, from {data.Source}"));
        using var hold = Interruption.Hold();
        using (var log = new TrainingLog(Path.Combine(folder, LogName), trainer.StepsDone))
            Train(trainer, log, new(model, tokenizer), cancellation);
        var picture = Path.Combine(folder, PlotName);
        plot.Save(picture, entry.Name);
        var isInterrupted = cancellation.IsCancellationRequested;
        if (!isInterrupted)
            WriteLastSample(new(model, tokenizer), data.Text, cancellation);
        Console.WriteLine($"checkpoint: {trainer.LastCheckpoint ?? "none"}");
        Console.WriteLine($"loss plot:  {picture}");
        if (isInterrupted)
        {
            Console.WriteLine(
                $"interrupted after step {trainer.StepsDone}{(trainer.StepsDone > 0 ? ": continue with --resume" : ", with nothing to save")}");
        }

        return Interruption.ExitCode ?? Screen.ExitCode();
    }

    private RunRecord Record(Tokenizer tokenizer, TokenDataset sets) => new(
        entry.Name,
        RunTokenizer.Name(tokenizer),
        [.. Data.Select(Path.GetFullPath)],
        sets.Training.Count,
        options,
        EndOfText);

    private void Resume(Trainer trainer)
    {
        var aside = Waiting.For("reading the checkpoint", () => trainer.Resume(Checkpoint!));
        Console.WriteLine($"continuing after step {trainer.StepsDone}");
        if (aside.Count > 0)
            Console.WriteLine($"later checkpoints are set aside as {string.Join(", ", aside.Select(static path => $"'{Path.GetFileName(path)}'"))}");
    }

    private void Train(Trainer trainer, TrainingLog log, TextGenerator generator, CancellationToken cancellation)
    {
        trainer.EvaluationProgress = display.ShowEvaluation;
        foreach (var step in log.Kept)
            plot.Add(step);
        display.Show(trainer.StepsDone, () =>
        {
            foreach (var step in trainer.Run(cancellation))
            {
                TryLog(log, step);
                plot.Add(new(step.Step, step.Loss, step.ValidationLoss));
                display.Add(step);
                if (SampleEvery > 0 && step.Step % SampleEvery == 0 && step.Step < options.Steps)
                    WriteSampleOnTheWay(generator, step.Step, cancellation);
            }
        });
    }

    /// <summary>A log that cannot be written is no reason to lose the run.</summary>
    private static void TryLog(TrainingLog log, in TrainingProgress step)
    {
        try
        {
            log.Write(step);
        }
        catch (GptGenException error)
        {
            Screen.Lose(error.Message);
        }
    }

    private static void WriteSampleOnTheWay(TextGenerator generator, int step, CancellationToken cancellation)
    {
        var text = new StringBuilder();
        try
        {
            foreach (var piece in Sample(generator, ShortSampleTokens, cancellation))
                text.Append(piece);
        }
        catch (OperationCanceledException)
        {
            // The run ends with this step.
            return;
        }

        var block = $"--- sample after step {step}\n{text}\n---";
        if (TrainingDisplay.IsPlain)
            Console.WriteLine(block);
        else
            AnsiConsole.WriteLine(block);
    }

    private static void WriteLastSample(TextGenerator generator, TextCorpus? corpus, CancellationToken cancellation)
    {
        Console.WriteLine();
        var text = new StringBuilder();
        foreach (var piece in Sample(generator, SampleTokens, cancellation))
        {
            Console.Write(piece);
            text.Append(piece);
        }

        Console.WriteLine();
        Console.WriteLine();
        if (corpus is null)
            return;
        var (words, known) = new WordList(corpus).Check(text.ToString());
        if (words > 0)
            Console.WriteLine(FormattableString.Invariant($"{100.0 * known / words:F0} % of the {words} words written occur in the corpus"));
    }

    private static IEnumerable<string> Sample(TextGenerator generator, int tokens, CancellationToken cancellation)
    {
        var sampling = new SamplingOptions { Temperature = 0.7f, TopK = 40, Seed = 1 };
        return generator.Generate("", new() { Tokens = tokens, Sampling = sampling }, cancellation).Select(static piece => piece.Text);
    }
}
