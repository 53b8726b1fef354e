using System.Diagnostics;
using GptGen.Checkpoints;
using GptGen.Text;

namespace GptGen.Training;

/// <summary>
/// Trains a model: batches, forward, backward, AdamW, evaluation and checkpoints. Everything that a step depends on besides the weights and
/// moments follows from the seed and the step's number, so a resumed run continues bit-exactly.
/// </summary>
public sealed class Trainer : IDisposable
{
    private readonly Batches batches;
    private readonly bool ownsBatches;
    private readonly TrainingOptions options;
    private readonly string folder;
    private readonly string optionsText;
    private readonly AdamWOptimizer optimizer;
    private FolderClaim? claim;
    private readonly bool ownsClaim;
    private TrainingProgress? unevaluated;

    /// <summary>Rows of the last step's batches.</summary>
    private long rows;
    private int savedSteps;

    /// <summary>
    /// Prepares a run that writes its checkpoints into <paramref name="folder"/>, and takes the right to do so with its first checkpoint, or to
    /// resume, until it is disposed of.
    /// </summary>
    /// <param name="model">The language model; its weights are used as they are.</param>
    /// <param name="data">Tokens to train on and to validate on.</param>
    /// <param name="options">The options.</param>
    /// <param name="folder">The run's folder.</param>
    /// <param name="optionsText">What checkpoints say about the run, as JSON.</param>
    /// <exception cref="GptGenException">An option is out of range, or the data is too short.</exception>
    public Trainer(LanguageModel model, TokenDataset data, TrainingOptions options, string folder, string optionsText = "{}")
        : this(new LanguageBatches(model, data, options), options, folder, optionsText) =>
        ownsBatches = true;

    /// <summary>The same of any kind of model, on batches that the caller disposes of.</summary>
    /// <param name="batches">The graph of the model, whose weights are used as they are, and its batches.</param>
    /// <param name="options">The options.</param>
    /// <param name="folder">The run's folder.</param>
    /// <param name="optionsText">What checkpoints say about the run, as JSON.</param>
    /// <exception cref="GptGenException">An option is out of range.</exception>
    public Trainer(Batches batches, TrainingOptions options, string folder, string optionsText = "{}")
        : this(batches, options, folder, optionsText, claim: null)
    {
    }

    /// <summary>The same for a caller who may have the right to write into the folder already, and gives it back himself.</summary>
    internal Trainer(Batches batches, TrainingOptions options, string folder, string optionsText, FolderClaim? claim)
    {
        ArgumentNullException.ThrowIfNull(batches);
        options.Validate(batches.Graph.Model.Description);
        (
            this.batches, this.options, this.folder, this.optionsText, this.claim,
            ownsClaim) = (batches, options, folder, optionsText, claim, claim is null);
        batches.Graph.ReserveGradients();
        optimizer = new(batches.Graph.Model);
    }

    /// <summary>Predictions that each evaluation makes: of a language model, tokens.</summary>
    public long ValidationTokens => batches.EvaluationCount;

    /// <summary>Told on the way through an evaluation how many predictions were made and how many there are.</summary>
    public Action<long, long>? EvaluationProgress { get; set; }

    /// <summary>Steps done.</summary>
    public int StepsDone { get; private set; }

    /// <summary>The checkpoint that holds the newest saved state: the last one written, or the one resumed from; null before either.</summary>
    public string? LastCheckpoint { get; private set; }

    /// <summary>The lowest validation loss so far, in nats; infinite before the first evaluation.</summary>
    public double BestLoss { get; private set; } = double.PositiveInfinity;

    /// <summary>The step after which it was measured; 0 before the first evaluation.</summary>
    public long BestStep { get; private set; }

    /// <summary>
    /// The file of that step's weights (<see cref="TrainingCheckpoint.BestName"/>); null where the newest checkpoint holds them, or none were
    /// measured.
    /// </summary>
    public string? BestWeights => BestStep < StepsDone && File.Exists(BestPath) ? BestPath : null;

    /// <summary>
    /// Whether the run ended before its last step, as the validation loss did not fall any more (<see cref="TrainingOptions.Patience"/>).
    /// </summary>
    public bool HasLostPatience { get; private set; }

    /// <summary>
    /// Continues from a checkpoint or the newest one of a run's folder. Checkpoints of later steps in this run's folder belong to a course that
    /// is given up: they are set aside under another name, so that they never count as the newest again.
    /// </summary>
    /// <returns>The new names of the checkpoints set aside.</returns>
    /// <exception cref="GptGenException">
    /// There is none, it is damaged, of another model or seed, has more steps than the options say, or the folder is in use.
    /// </exception>
    public IReadOnlyList<string> Resume(string path)
    {
        path = TrainingCheckpoint.Resolve(path);
        claim ??= FolderClaim.Take(folder, "training");
        var state = TrainingCheckpoint.Load(path, batches.Graph.Model, optimizer.FirstMoments, optimizer.SecondMoments, batches.Restore);
        if (state.Seed != options.Seed)
            throw new GptGenException($"'{path}' was made with --seed {state.Seed}, not {options.Seed}: give the same seed to continue it.");
        if (state.Step > options.Steps)
            throw new GptGenException(
                $"'{path}' has {state.Step} steps behind it, but --steps is {options.Steps}: give a number of steps for the whole run.");
        StepsDone = (int)state.Step;
        savedSteps = StepsDone;
        (BestLoss, BestStep) = (state.BestLoss, state.BestStep);
        unevaluated = state.Unevaluated;
        LastCheckpoint = path;
        var aside = TrainingCheckpoint.SetAsideAfter(folder, state.Step);
        // What the newest checkpoint holds is not kept twice, or was not yet written, but that checkpoint will not stay.
        if (BestStep == StepsDone && BestLoss < double.PositiveInfinity
            && !(File.Exists(BestPath) && TrainingCheckpoint.ReadState(BestPath).Step == BestStep))
        {
            SaveBest();
        }

        return aside;
    }

    /// <summary>
    /// Runs the remaining steps, one each time the caller asks for the next; the step's checkpoint, if one is due, is written when the caller does
    /// so, after it has had the chance to log the step. When <paramref name="cancellation"/> asks to stop, the micro-batch is finished, a step that
    /// is not is given up, a checkpoint is written and the run ends. A step whose evaluation is interrupted comes when the run is resumed, which
    /// makes the evaluation up.
    /// </summary>
    /// <exception cref="GptGenException">The loss is no number, or a checkpoint cannot be written.</exception>
    public IEnumerable<TrainingProgress> Run(CancellationToken cancellation)
    {
        while (unevaluated is not null || StepsDone < options.Steps)
        {
            if ((unevaluated ?? TimedStep(cancellation)) is not { } progress)
            {
                if (StepsDone > savedSteps)
                    Save();
                yield break;
            }

            unevaluated = null;
            var (isLast, isBest) = (StepsDone == options.Steps, false);
            if (isLast || IsDue(options.EvaluateEvery))
            {
                var best = BestLoss;
                if (EvaluateUnless(cancellation) is not var (loss, metrics))
                {
                    unevaluated = progress;
                    Save();
                    yield break;
                }

                RequireFinite(loss, "validation loss", StepsDone);
                progress = progress with { ValidationLoss = loss, Metrics = metrics };
                isBest = loss < best;
                if (isBest)
                    BestStep = StepsDone;
                HasLostPatience = !isLast && options.Patience > 0 && StepsDone - BestStep >= (long)options.Patience * options.EvaluateEvery;
            }

            yield return progress;
            var isStopping = HasLostPatience || cancellation.IsCancellationRequested;
            if (isLast || isStopping || IsDue(options.SaveEvery))
                Save();
            if (isBest && isLast)
                AtomicFile.TryDelete(BestPath);
            else if (isBest)
                SaveBest();
            if (isStopping)
                yield break;
        }
    }

    /// <summary>One optimiser step. Allocates nothing on the managed heap.</summary>
    /// <returns>The mean loss before the update and the gradients' norm before clipping.</returns>
    public (double Loss, double GradientNorm) Step() => Step(CancellationToken.None)!.Value;

    /// <summary>The same; null where it is given up between two micro-batches, of which nothing is left.</summary>
    private (double Loss, double GradientNorm)? Step(CancellationToken cancellation)
    {
        var (loss, graph) = (0.0, batches.Graph);
        rows = 0;
        for (var micro = 0; micro < options.Accumulate; micro++)
        {
            if (micro > 0 && cancellation.IsCancellationRequested)
                return null;
            batches.Fill(StepsDone, micro);
            rows += graph.ComputedRows;
            loss += graph.Train(
                new((float)options.Dropout, options.Seed, (uint)StepsDone, micro), accumulate: micro > 0, (float)options.LabelSmoothing);
        }

        RequireFinite(loss, "loss", StepsDone + 1);
        var norm = optimizer.Step(graph.Gradients, StepsDone, options);
        RequireFinite(norm, "gradient norm", StepsDone + 1);
        batches.Complete();
        return (loss, norm);
    }

    /// <summary>The mean loss over the validation split, or as much of it as the options say, in nats, and what is measured beside it.</summary>
    /// <exception cref="OperationCanceledException">The token asked to stop.</exception>
    public Evaluation Evaluate(CancellationToken cancellation = default)
    {
        var evaluation = batches.Evaluate(cancellation, EvaluationProgress);
        BestLoss = Math.Min(BestLoss, evaluation.Loss);
        return evaluation;
    }

    /// <summary>Writes a checkpoint now.</summary>
    /// <returns>Its path.</returns>
    /// <exception cref="GptGenException">It cannot be written, the folder is in use, or a weight or a moment is no number.</exception>
    public string Save()
    {
        claim ??= FolderClaim.Take(folder, "training");
        LastCheckpoint = TrainingCheckpoint.Save(
            folder, batches.Graph.Model, optimizer.FirstMoments, optimizer.SecondMoments, State, options.Keep, LastGood, batches.States);
        savedSteps = StepsDone;
        return LastCheckpoint;
    }

    /// <summary>Frees the run's memory and its folder; the model stays.</summary>
    public void Dispose()
    {
        if (ownsBatches)
            batches.Dispose();
        optimizer.Dispose();
        if (ownsClaim)
            claim?.Dispose();
    }

    private string BestPath => Path.Combine(folder, TrainingCheckpoint.BestName);

    private TrainingState State => new()
    {
        Step = StepsDone, Seed = options.Seed, DataPosition = StepsDone, Options = optionsText, BestLoss = BestLoss, BestStep = BestStep,
        Unevaluated = unevaluated,
    };

    private void SaveBest()
    {
        claim ??= FolderClaim.Take(folder, "training");
        TrainingCheckpoint.SaveBest(folder, batches.Graph.Model, State, LastGood);
    }

    private TrainingProgress? TimedStep(CancellationToken cancellation)
    {
        var watch = Stopwatch.GetTimestamp();
        var rate = options.LearningRates.At(StepsDone);
        if (Step(cancellation) is not var (loss, norm))
            return null;
        StepsDone++;
        return new(StepsDone, loss, norm, rate, Stopwatch.GetElapsedTime(watch).TotalSeconds, null) { Rows = rows };
    }

    private void RequireFinite(double value, string name, int step)
    {
        if (double.IsFinite(value))
            return;
        throw new GptGenException(
            FormattableString.Invariant($"The {name} of step {step} is {value}: lower --learning-rate or raise --warmup; ") + LastGood());
    }

    /// <summary>
    /// The newest checkpoint that a run goes on from. One of the step just done holds numbers, but has led to what is none: only a state from which a
    /// step has succeeded counts, and the other is set aside.
    /// </summary>
    private string LastGood()
    {
        if (LastCheckpoint is null)
            return "no checkpoint was written yet.";
        if (TrainingCheckpoint.StepOf(Path.GetFileName(LastCheckpoint.AsSpan())) is not { } step || step < StepsDone)
            return $"the last good checkpoint is '{LastCheckpoint}'.";
        if (TrainingCheckpoint.FindSoundBefore(LastCheckpoint) is not { } good)
            return $"there is no good checkpoint: '{LastCheckpoint}' leads here.";
        var aside = TrainingCheckpoint.SetAsideAfter(folder, step - 1);
        return "the last good checkpoint is "
            + $"'{good}'{(aside is [var path, ..] ? $", as the one after it leads here and is set aside as '{Path.GetFileName(path)}'" : "")}.";
    }

    private Evaluation? EvaluateUnless(CancellationToken cancellation)
    {
        try
        {
            return Evaluate(cancellation);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private bool IsDue(int every) => every > 0 && StepsDone % every == 0;
}
