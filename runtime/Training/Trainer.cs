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
    private readonly LanguageModel model;
    private readonly TrainingOptions options;
    private readonly string folder;
    private readonly string optionsText;
    private readonly TrainingGraph graph;
    private readonly AdamWOptimizer optimizer;
    private readonly RandomBatches batches;
    private readonly Evaluator evaluator;
    private readonly int[] tokens;
    private readonly int[] targets;
    private readonly float[] weights;
    private double bestLoss = double.PositiveInfinity;

    /// <summary>Prepares a run that writes its checkpoints into <paramref name="folder"/>.</summary>
    /// <param name="model">The model; its weights are used as they are.</param>
    /// <param name="data">Tokens to train on and to validate on.</param>
    /// <param name="options">The options.</param>
    /// <param name="folder">The run's folder.</param>
    /// <param name="optionsText">What checkpoints say about the run, as JSON.</param>
    /// <exception cref="GptGenException">An option is out of range, or the data is too short.</exception>
    public Trainer(LanguageModel model, TokenDataset data, TrainingOptions options, string folder, string optionsText = "{}")
    {
        options.Validate(model.Description);
        (this.model, this.options, this.folder, this.optionsText) = (model, options, folder, optionsText);
        batches = new(data.Training, options.Length, options.Seed);
        graph = model.CreateTraining(options.Batch, options.Length);
        graph.ReserveGradients();
        var validation = options.ValidationTokens is > 0 and var most && most < data.Validation.Count ? data.Validation.Slice(0, most) : data.Validation;
        evaluator = new(graph, validation, options.Batch, options.Length);
        optimizer = new(model);
        tokens = new int[options.Batch * options.Length];
        targets = new int[tokens.Length];
        weights = new float[tokens.Length];
        Array.Fill(weights, 1f / (tokens.Length * (float)options.Accumulate));
    }

    /// <summary>Tokens that each evaluation predicts.</summary>
    public long ValidationTokens => evaluator.PredictionCount;

    /// <summary>Told on the way through an evaluation how many tokens were predicted and how many there are.</summary>
    public Action<long, long>? EvaluationProgress { get; set; }

    /// <summary>Steps done.</summary>
    public int StepsDone { get; private set; }

    /// <summary>The checkpoint that holds the newest saved state: the last one written, or the one resumed from; null before either.</summary>
    public string? LastCheckpoint { get; private set; }

    /// <summary>
    /// Continues from a checkpoint or the newest one of a run's folder. Checkpoints of later steps in this run's folder belong to a course that
    /// is given up: they are set aside under another name, so that they never count as the newest again.
    /// </summary>
    /// <returns>The new names of the checkpoints set aside.</returns>
    /// <exception cref="GptGenException">There is none, it is damaged, of another model or seed, or has more steps than the options say.</exception>
    public IReadOnlyList<string> Resume(string path)
    {
        path = TrainingCheckpoint.Resolve(path);
        var state = TrainingCheckpoint.Load(path, model, optimizer.FirstMoments, optimizer.SecondMoments);
        if (state.Seed != options.Seed)
            throw new GptGenException($"'{path}' was made with --seed {state.Seed}, not {options.Seed}: give the same seed to continue it.");
        if (state.Step > options.Steps)
            throw new GptGenException($"'{path}' has {state.Step} steps behind it, but --steps is {options.Steps}: give a number of steps for the whole run.");
        StepsDone = (int)state.Step;
        bestLoss = state.BestLoss;
        LastCheckpoint = path;
        return TrainingCheckpoint.SetAsideAfter(folder, state.Step);
    }

    /// <summary>
    /// Runs the remaining steps, one each time the caller asks for the next; the step's checkpoint, if one is due, is written when the caller does
    /// so, after it has had the chance to log the step. When <paramref name="cancellation"/> asks to stop, the step is finished, a checkpoint is written
    /// and the run ends.
    /// </summary>
    /// <exception cref="GptGenException">The loss is no number, or a checkpoint cannot be written.</exception>
    public IEnumerable<TrainingProgress> Run(CancellationToken cancellation)
    {
        while (StepsDone < options.Steps)
        {
            var watch = Stopwatch.GetTimestamp();
            var rate = options.LearningRates.At(StepsDone);
            var (loss, norm) = Step();
            var seconds = Stopwatch.GetElapsedTime(watch).TotalSeconds;
            StepsDone++;
            var isLast = StepsDone == options.Steps;
            var validation = isLast || IsDue(options.EvaluateEvery) ? EvaluateUnless(cancellation) : null;
            yield return new(StepsDone, loss, norm, rate, seconds, validation);
            var isStopping = cancellation.IsCancellationRequested;
            if (isLast || isStopping || IsDue(options.SaveEvery))
                Save();
            if (isStopping)
                yield break;
        }
    }

    /// <summary>One optimiser step. Allocates nothing on the managed heap.</summary>
    /// <returns>The mean loss before the update and the gradients' norm before clipping.</returns>
    public (double Loss, double GradientNorm) Step()
    {
        var loss = 0.0;
        for (var micro = 0; micro < options.Accumulate; micro++)
        {
            batches.Fill((uint)StepsDone, micro, tokens, targets);
            graph.SetBatch(options.Batch, options.Length, tokens, targets, weights);
            graph.Dropout = new((float)options.Dropout, options.Seed, (uint)StepsDone, micro);
            graph.Forward();
            graph.Backward(accumulate: micro > 0);
            loss += graph.ReadLoss();
        }

        RequireFinite(loss, "loss");
        var norm = optimizer.Step(graph.Gradients, StepsDone, options);
        RequireFinite(norm, "gradient norm");
        return (loss, norm);
    }

    /// <summary>The mean loss over the validation split, or as much of it as the options say, in nats per token.</summary>
    /// <exception cref="OperationCanceledException">The token asked to stop.</exception>
    public double Evaluate(CancellationToken cancellation = default)
    {
        var loss = evaluator.MeanLoss(cancellation, EvaluationProgress);
        bestLoss = Math.Min(bestLoss, loss);
        return loss;
    }

    /// <summary>Writes a checkpoint now.</summary>
    /// <returns>Its path.</returns>
    /// <exception cref="GptGenException">It cannot be written.</exception>
    public string Save() => LastCheckpoint = TrainingCheckpoint.Save(
        folder, model, optimizer.FirstMoments, optimizer.SecondMoments,
        new() { Step = StepsDone, Seed = options.Seed, DataPosition = StepsDone, Options = optionsText, BestLoss = bestLoss }, options.Keep);

    /// <summary>Frees the run's memory; the model stays.</summary>
    public void Dispose()
    {
        graph.Dispose();
        optimizer.Dispose();
    }

    private void RequireFinite(double value, string name)
    {
        if (!double.IsFinite(value))
        {
            throw new GptGenException(FormattableString.Invariant($"The {name} of step {StepsDone + 1} is {value}: lower --learning-rate or raise --warmup; ")
                + (LastCheckpoint is null ? "no checkpoint was written yet." : $"the last good checkpoint is '{LastCheckpoint}'."));
        }
    }

    private double? EvaluateUnless(CancellationToken cancellation)
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
