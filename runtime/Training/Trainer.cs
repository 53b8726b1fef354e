using System.Diagnostics;
using GptGen.Checkpoints;
using GptGen.Distributed;
using GptGen.Text;

namespace GptGen.Training;

/// <summary>
/// Trains a model: batches, forward, backward, AdamW, evaluation and checkpoints. Everything that a step depends on besides the weights and
/// moments follows from the seed and the step's number, so a resumed run continues bit-exactly.
/// </summary>
public sealed partial class Trainer : IDisposable
{
    private readonly Batches batches;
    private readonly bool ownsBatches;
    private readonly TrainingOptions options;
    private readonly string folder;
    private readonly string optionsText;
    private readonly Communicator? communicator;
    private readonly StepGradients gradients;
    private readonly AdamWOptimizer optimizer;
    private FolderClaim? claim;
    private readonly bool ownsClaim;
    private TrainingProgress? unevaluated;
    private int savedSteps;
    private bool hasSharedWeights;

    /// <summary>
    /// Prepares a run that writes its checkpoints into <paramref name="folder"/>, and takes the right to do so with its first checkpoint, or to
    /// resume, until it is disposed of.
    /// </summary>
    /// <param name="model">The language model; its weights are used as they are.</param>
    /// <param name="data">Tokens to train on and to validate on.</param>
    /// <param name="options">The options.</param>
    /// <param name="folder">The run's folder.</param>
    /// <param name="optionsText">What checkpoints say about the run, as JSON.</param>
    /// <param name="communicator">
    /// The processes that compute the run together, each with a trainer on data and options of the same kind; null for one. The caller keeps it.
    /// </param>
    /// <exception cref="GptGenException">An option is out of range, or the data is too short.</exception>
    public Trainer(
        LanguageModel model, TokenDataset data, TrainingOptions options, string folder, string optionsText = "{}", Communicator? communicator = null)
        : this(new LanguageBatches(model, data, options), options, folder, optionsText, communicator) =>
        ownsBatches = true;

    /// <summary>The same of any kind of model, on batches that the caller disposes of.</summary>
    /// <param name="batches">The graph of the model, whose weights are used as they are, and its batches.</param>
    /// <param name="options">The options.</param>
    /// <param name="folder">The run's folder.</param>
    /// <param name="optionsText">What checkpoints say about the run, as JSON.</param>
    /// <param name="communicator">The processes that compute the run together; null for one.</param>
    /// <exception cref="GptGenException">An option is out of range.</exception>
    public Trainer(Batches batches, TrainingOptions options, string folder, string optionsText = "{}", Communicator? communicator = null)
        : this(batches, options, folder, optionsText, communicator, claim: null)
    {
    }

    /// <summary>The same for a caller who may have the right to write into the folder already, and gives it back himself.</summary>
    internal Trainer(
        Batches batches, TrainingOptions options, string folder, string optionsText, Communicator? communicator, FolderClaim? claim)
    {
        ArgumentNullException.ThrowIfNull(batches);
        options.Validate(batches.Graph.Model.Description);
        (
            this.batches, this.options, this.folder, this.optionsText, this.claim,
            ownsClaim) = (batches, options, folder, optionsText, claim, claim is null);
        this.communicator = batches.Communicator = communicator?.On(batches.Graph.Device);
        var micros = MicroBatches(batches, options, this.communicator);
        gradients = new(batches, micros, options, this.communicator);
        batches.Carried?.Divide(this.communicator);
        optimizer = new(batches.Graph.Model, this.communicator);
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

    /// <summary>Whether the run ended before its last step, as this process or another one was asked to stop.</summary>
    public bool WasInterrupted { get; private set; }

    /// <summary>
    /// Whether the run ended before its last step, as the validation loss did not fall any more (<see cref="TrainingOptions.Patience"/>).
    /// </summary>
    public bool HasLostPatience { get; private set; }

    /// <summary>
    /// Runs the remaining steps, one each time the caller asks for the next; the step's checkpoint, if one is due, is written when the caller does
    /// so, after it has had the chance to log the step. When <paramref name="cancellation"/> asks to stop, the micro-batch is finished, a step that
    /// is not is given up, a checkpoint is written and the run ends. A step whose evaluation is interrupted comes when the run is resumed, which
    /// makes the evaluation up. Several processes stop after the same step when one of them is asked to.
    /// </summary>
    /// <exception cref="GptGenException">The loss is no number, or a checkpoint cannot be written.</exception>
    public IEnumerable<TrainingProgress> Run(CancellationToken cancellation)
    {
        while (unevaluated is not null || StepsDone < options.Steps)
        {
            if ((unevaluated ?? TimedStep(cancellation)) is not { } progress)
            {
                WasInterrupted = true;
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
                    (unevaluated, WasInterrupted) = (progress, true);
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
            // What one process sees alone decides nothing where there are several.
            var isInterrupted = communicator is null ? cancellation.IsCancellationRequested : gradients.IsStopping;
            WasInterrupted = isInterrupted && !isLast && !HasLostPatience;
            var isStopping = HasLostPatience || isInterrupted;
            if (isLast || isStopping || IsDue(options.SaveEvery))
                Save();
            if (isBest && isLast)
                DeleteBest();
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
        ShareWeights();
        if (gradients.Compute(StepsDone, cancellation) is not { } loss)
            return null;
        RequireFinite(loss, "loss", StepsDone + 1);
        var norm = optimizer.Step(batches.Graph.Gradients, StepsDone, options);
        RequireFinite(norm, "gradient norm", StepsDone + 1);
        batches.Complete();
        return (loss, norm);
    }

    /// <summary>The mean loss over the validation split, or as much of it as the options say, in nats, and what is measured beside it.</summary>
    /// <exception cref="OperationCanceledException">The token asked to stop.</exception>
    public Evaluation Evaluate(CancellationToken cancellation = default)
    {
        ShareWeights();
        var evaluation = communicator is null || batches.DividesEvaluation
            ? batches.Evaluate(cancellation, EvaluationProgress)
            : EvaluateAlike(communicator, cancellation);
        BestLoss = Math.Min(BestLoss, evaluation.Loss);
        return evaluation;
    }

    /// <summary>Frees the run's memory and its folder; the model stays.</summary>
    public void Dispose()
    {
        gradients.Dispose();
        if (ownsBatches)
            batches.Dispose();
        optimizer.Dispose();
        if (ownsClaim)
            claim?.Dispose();
    }

    /// <summary>Micro-batches of a step, which the shares divide.</summary>
    private static int MicroBatches(Batches batches, TrainingOptions options, Communicator? others)
    {
        var (name, count) = (batches.Graph.Model.Description.Name, batches.MicroBatches(options));
        if (others is not null && batches.Carried is null && batches.States.Any())
        {
            throw new GptGenException(
                $"What the batches of {name} carry from step to step ({batches.GetType().Name}.States) several processes do not divide: train it "
                + "with one.");
        }

        return count % options.Shares == 0 ? count : throw new GptGenException(
            $"TrainingOptions.Shares is {options.Shares}, but the {count} micro-batches of {name} are not cut smaller: give "
            + $"TrainingOptions.Accumulate {(count / options.Shares + 1L) * options.Shares}, and a smaller TrainingOptions.Batch for the same step.");
    }

    private TrainingProgress? TimedStep(CancellationToken cancellation)
    {
        var watch = Stopwatch.GetTimestamp();
        var rate = options.LearningRates.At(StepsDone);
        if (Step(cancellation) is not var (loss, norm))
            return null;
        StepsDone++;
        return new(StepsDone, loss, norm, rate, Stopwatch.GetElapsedTime(watch).TotalSeconds, null) { Rows = gradients.Rows };
    }

    private void RequireFinite(double value, string name, int step)
    {
        if (double.IsFinite(value))
            return;
        throw new GptGenException(
            FormattableString.Invariant($"The {name} of step {step} is {value}: ")
            + "lower TrainingOptions.LearningRate or raise TrainingOptions.Warmup; " + LastGood());
    }

    /// <summary>Each process evaluates everything, and before each batch all learn whether one is asked to stop.</summary>
    private Evaluation EvaluateAlike(Communicator others, CancellationToken cancellation)
    {
        using var stop = new CancellationTokenSource();
        return batches.Evaluate(stop.Token, (done, all) =>
        {
            if (others.Any(cancellation.IsCancellationRequested))
                stop.Cancel();
            EvaluationProgress?.Invoke(done, all);
        });
    }

    /// <summary>Gives all processes the weights of the first, once: those of a file may be elsewhere on its machine.</summary>
    private void ShareWeights()
    {
        if (!hasSharedWeights)
            communicator?.Broadcast(batches.Graph.Model.Parameters, batches.Graph.Model.Description.ParameterElements);
        hasSharedWeights = true;
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
