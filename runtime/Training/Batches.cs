using GptGen.Checkpoints;
using GptGen.Distributed;

namespace GptGen.Training;

/// <summary>
/// What a run trains on: a training graph, the batches that it is given, and the split that the model is evaluated on. What a batch holds follows
/// from the run's seed, the step and the micro-batch alone, and what a model carries from step to step is in <see cref="States"/>, so a resumed run
/// continues bit-exactly. A kind of model has its own.
/// </summary>
public abstract class Batches : IDisposable, IMicroBatches
{
    /// <summary>The graph that is trained.</summary>
    public abstract TrainingGraph Graph { get; }

    /// <summary>The predictions that an evaluation makes.</summary>
    public abstract long EvaluationCount { get; }

    /// <summary>The processes that evaluate together; null for one.</summary>
    internal Communicator? Communicator { get; set; }

    /// <summary>Micro-batches of a step; other than asked for where the shares cut the batches smaller.</summary>
    internal virtual int MicroBatches(TrainingOptions options) => options.Accumulate;

    /// <summary>Whether <see cref="Evaluate"/> divides its work among the processes, and otherwise each one does it all.</summary>
    internal virtual bool DividesEvaluation => false;

    /// <summary>Sets the graph's batch. Allocates nothing on the managed heap.</summary>
    /// <param name="step">The step, from 0.</param>
    /// <param name="micro">The micro-batch within the step, from 0.</param>
    /// <exception cref="GptGenException">The data cannot be read.</exception>
    public abstract void Fill(int step, int micro);

    /// <summary>The same; false, with nothing set, where shares cut a batch into more parts than it has examples.</summary>
    internal virtual bool TryFill(int step, int micro)
    {
        Fill(step, micro);
        return true;
    }

    bool IMicroBatches.TryFill(int step, int micro) => TryFill(step, micro);

    /// <summary>Told when a step is done: what the model carries on goes on to behind its batches. A step that is given up leaves it.</summary>
    public virtual void Complete()
    {
    }

    /// <summary>What the model carries from step to step, for checkpoints; nothing, unless a kind of model says otherwise.</summary>
    public virtual IEnumerable<TensorSource> States => [];

    /// <summary>The same where several processes can keep it together; null where there is nothing, or one process alone has it.</summary>
    internal virtual ICarriedStates? Carried => null;

    /// <summary>Takes what a checkpoint holds of <see cref="States"/>, by their names.</summary>
    /// <exception cref="GptGenException">It is of other batches.</exception>
    public virtual void Restore(IReadOnlyDictionary<string, StoredState> states)
    {
    }

    /// <summary>Evaluates the model on the whole split.</summary>
    /// <param name="cancellation">Ends the work between two batches.</param>
    /// <param name="progress">Told on the way how many predictions are made and how many there are.</param>
    /// <exception cref="OperationCanceledException">The token asked to stop.</exception>
    public abstract Evaluation Evaluate(CancellationToken cancellation = default, Action<long, long>? progress = null);

    /// <summary>Frees the graph; the model stays.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the graph.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
            Graph.Dispose();
    }
}

/// <summary>One of the <see cref="Batches.States"/> in a checkpoint.</summary>
/// <param name="Shape">Its dimensions, the slowest first.</param>
/// <param name="Read">Reads it.</param>
public sealed record StoredState(IReadOnlyList<long> Shape, Func<float[]> Read);

/// <summary>What an evaluation found.</summary>
/// <param name="Loss">The mean loss of a prediction, in nats.</param>
/// <param name="Metrics">What is measured beside it.</param>
public sealed record Evaluation(double Loss, IReadOnlyList<Metric> Metrics)
{
    /// <summary>The loss alone.</summary>
    /// <param name="loss">The mean loss of a prediction, in nats.</param>
    public Evaluation(double loss)
        : this(loss, [])
    {
    }
}

/// <summary>One number that an evaluation measured.</summary>
/// <param name="Name">What it is, in lower case with underscores, as logs write it: "masked_accuracy".</param>
/// <param name="Value">The number.</param>
public readonly record struct Metric(string Name, double Value);
