using System.Globalization;
using GptGen.Checkpoints;
using GptGen.Distributed;
using GptGen.Text;
using GptGen.Training;

namespace GptGen.Models.Commands;

/// <summary>One run of <c>gptgen train</c>: data, progress, log, plot, and what the model has learned at the end.</summary>
internal sealed class TrainingRun(ZooEntry entry, TrainingOptions options, string folder)
{
    private const string PlotName = "loss.svg";

    private readonly LossPlot plot = new();
    private TrainingOptions options = options;
    private TrainingDisplay display = new(options);

    /// <summary>The right to write into the folder; null where another process has it.</summary>
    internal required FolderClaim? Claim { get; init; }

    /// <summary>The processes that compute the run together; null for one.</summary>
    internal required Communicator? Others { get; init; }

    /// <summary>The checkpoint, or the folder whose newest one, the run continues; null for a new run.</summary>
    internal string? Checkpoint { get; init; }

    /// <summary>Weights that a new run begins with; null for random ones.</summary>
    internal string? Weights { get; init; }

    /// <summary>What such a run takes for options that are not given; null for random weights and for a run that goes on.</summary>
    internal GivenWeights? Recipe { get; init; }

    /// <summary>What it trains on.</summary>
    internal required TrainingRequest Request { get; init; }

    /// <summary>The number of tokens that the run was begun with; null for a new run.</summary>
    internal long? TokensBefore { get; init; }

    /// <summary>Where TensorBoard's event files go; null for none.</summary>
    internal string? TensorBoard { get; init; }

    /// <summary>The memory that the run takes.</summary>
    internal MemoryNeed Need => MemoryNeed.Training(
        SequencesAtOnce, options.Length,
        CommonOptions.RemedyWithMemory(entry.Description, "a smaller --batch, a smaller --length or another --model")!, Request.Memory,
        Others?.Size ?? 1, options.Shares, (int)Math.Min(int.MaxValue, (long)options.Batch * options.Accumulate / (Others?.Size ?? 1)));

    /// <summary>Sequences of a micro-batch as shares cut it.</summary>
    private int SequencesAtOnce =>
        entry.Kind is ModelKind.Segment or ModelKind.Bidirectional || (entry.Kind == ModelKind.Language && Request.Pairs is null)
            ? StepCut.Of(options).Sequences
        : BatchCut.Of(options).AtOnce;

    /// <summary>The folder of a model's run when none is named.</summary>
    internal static string DefaultFolder(ZooEntry entry) => Path.Combine("runs", entry.Name);

    /// <summary>The folder of a run with given weights, which may be those of the model's own run, when none is named.</summary>
    internal static string ContinuedFolder(ZooEntry entry) => $"{DefaultFolder(entry)}-continued";

    /// <summary>Refuses data that the run would overwrite, and tells of what it would read of itself.</summary>
    /// <exception cref="GptGenException">It would.</exception>
    internal void CheckData()
    {
        OutputTarget.RequireNoInputs(folder, [TrainingLog.FileName, PlotName], Request.Paths);
        foreach (var data in Request.Data)
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
        using var material = TrainingMaterial.Open(entry, Request, tokenizer, cancellation);
        if (TokensBefore is { } before && before != material.TokenCount)
        {
            throw new GptGenException(
                $"The run was begun on {before} tokens, but '{material.Source}' has {material.TokenCount} to train on: give the same "
                + $"{(Request.Pairs is null ? "--data, --tokenizer and --end-of-text" : "--pairs and --tokenizer")}, "
                + "or begin a new run with --weights.");
        }

        if (Recipe is not null)
        {
            options = Recipe.Complete(options, material.TokenCount);
            display = new(options);
        }

        using var model = entry.Open(device, Need);
        using var batches = material.CreateBatches(model, options);
        if (Others is not null)
            Agree(Others, device, tokenizer, material);
        using var trainer = new Trainer(batches, options, folder, Record(tokenizer, material).ToJson(), Others, Claim);
        if (Checkpoint is not null)
            Resume(trainer);
        else
            Begin(model);

        if (Processes.IsFirst)
            tokenizer.CopyFiles(folder);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{entry.Name}: {entry.Description.ParameterCount:N0} parameters; {material.TokenCount:N0} tokens to train on, "
            + $"{material.Validation(trainer)} to validate on, from {material.Source}"));
        if (Others is not null)
            Console.WriteLine($"{Others.Size} processes, {Others.On(device).Engine}; {options.Shares} shares");
        if (Recipe is not null)
            ShowBeginning(trainer, Recipe.Describe(options), cancellation);
        using var hold = Interruption.Hold();
        using (var log = Processes.IsFirst ? new TrainingLog(Path.Combine(folder, TrainingLog.FileName), trainer.StepsDone) : null)
        using (var board = TensorBoard is null || !Processes.IsFirst ? null : new TensorBoardLog(TensorBoard, trainer.StepsDone))
            Train(trainer, log, board, step => material.ShowOnTheWay(model, step, cancellation), cancellation);
        var isInterrupted = cancellation.IsCancellationRequested || trainer.WasInterrupted;
        if (!Processes.IsFirst)
            return Interruption.ExitCode ?? (isInterrupted ? Interruption.Interrupted : 0);
        var picture = Path.Combine(folder, PlotName);
        plot.Save(picture, entry.Name);
        if (trainer.HasLostPatience)
            Console.WriteLine($"the validation loss has not fallen since step {trainer.BestStep}: ended after step {trainer.StepsDone}");
        if (!isInterrupted)
        {
            Console.WriteLine();
            material.ShowAtEnd(model, cancellation);
        }

        Console.WriteLine($"checkpoint: {trainer.LastCheckpoint ?? "none"}");
        if (trainer.BestWeights is { } best)
        {
            Console.WriteLine(
                FormattableString.Invariant($"best:       {best}, validation loss {trainer.BestLoss:F3} after step {trainer.BestStep}"));
        }

        else if (double.IsFinite(trainer.BestLoss) && trainer.BestStep == 0 && trainer.StepsDone > 0)
        {
            Console.WriteLine(FormattableString.Invariant(
                $"best:       '{Weights}', with which the run began: no validation loss was below its {trainer.BestLoss:F3}"));
        }

        Console.WriteLine($"loss plot:  {picture}");
        if (isInterrupted)
        {
            Console.WriteLine(
                $"interrupted after step {trainer.StepsDone}{(trainer.StepsDone > 0 ? ": continue with --resume" : ", with nothing to save")}");
        }

        return Interruption.ExitCode ?? (isInterrupted ? Interruption.Interrupted : Screen.ExitCode());
    }

    private RunRecord Record(Tokenizer tokenizer, TrainingMaterial material) => new(
        entry.Name,
        RunTokenizer.Name(tokenizer),
        [.. Request.Data.Select(Path.GetFullPath)],
        material.TokenCount,
        options,
        Request.EndOfText,
        Request.Pretraining,
        Request.Pairs is { } pairs ? Path.GetFullPath(pairs) : null,
        Request.Memory,
        TensorBoard is null ? null : Path.GetFullPath(TensorBoard) is var board && board == Path.GetFullPath(folder) ? "" : board);

    /// <summary>Refuses processes that would compute another run than the first one.</summary>
    private void Agree(Communicator others, Device device, Tokenizer tokenizer, TrainingMaterial material) => Agreement.Require(
        others,
        (Processes.Options, Agreement.Number(
            $"{options.Shares} {Processes.Identity(device)} "
            + (Record(tokenizer, material) with
            {
                Data = [], Pairs = Request.Pairs is null ? null : "", Tokens = 1, Tokenizer = "", TensorBoard = null,
            }).ToJson())),
        ("tokens to train on", material.TokenCount),
        ("data", material.Fingerprint));

    private void Begin(Model model)
    {
        // The first process gives its weights to the others.
        if (!Processes.IsFirst)
            return;
        // Weights may lack optional parts, which then begin as in a new model.
        if (Weights is null || ModelCheckpoint.FindMissingParts(Weights, model.Description).Count > 0)
            model.Initialize(options.Seed);
        if (Weights is not null)
            Waiting.For("reading the weights", () => ModelCheckpoint.Load(model, Weights, Note.Show));
    }

    /// <summary>Says what was chosen, and what the given weights know of the text before the first step.</summary>
    private void ShowBeginning(Trainer trainer, string chosen, CancellationToken cancellation)
    {
        if (chosen.Length > 0)
            Console.WriteLine($"chosen for given weights: {chosen}");
        if (options.EvaluateEvery == 0)
            return;
        trainer.EvaluationProgress = display.ShowEvaluation;
        var loss = trainer.Evaluate(cancellation).Loss;
        display.EndEvaluation();
        Console.WriteLine(FormattableString.Invariant($"before the first step: validation {loss:F3}"));
    }

    private void Resume(Trainer trainer)
    {
        var aside = Waiting.For("reading the checkpoint", () => trainer.Resume(Checkpoint!, Note.Show));
        Console.WriteLine($"continuing after step {trainer.StepsDone}");
        if (aside.Count > 0)
            Console.WriteLine($"later checkpoints are set aside as {string.Join(", ", aside.Select(static path => $"'{Path.GetFileName(path)}'"))}");
    }

    private void Train(Trainer trainer, TrainingLog? log, TensorBoardLog? board, Action<int> show, CancellationToken cancellation)
    {
        trainer.EvaluationProgress = display.ShowEvaluation;
        foreach (var step in log?.Kept ?? [])
            plot.Add(step);
        display.Show(trainer.StepsDone, () =>
        {
            foreach (var step in trainer.Run(cancellation))
            {
                if (log is not null)
                    TryLog(log, board, step);
                plot.Add(new(step.Step, step.Loss, step.ValidationLoss));
                display.Add(step);
                if (step.Step < options.Steps && Processes.IsFirst)
                    show(step.Step);
            }
        });
    }

    /// <summary>A log that cannot be written is no reason to lose the run.</summary>
    private static void TryLog(TrainingLog log, TensorBoardLog? board, in TrainingProgress step)
    {
        try
        {
            log.Write(step);
            board?.Write(step);
        }
        catch (GptGenException error)
        {
            Screen.Lose(error.Message);
        }
    }
}
