using GptGen.Distributed;

namespace GptGen.Training;

/// <summary>
/// Sums up a step's gradients over all processes, bucket by bucket, while the last backward pass of this process goes on: a bucket is handed to the
/// communicator when the pass has written the last of its gradients and those of this process's other shares are added. All processes hand on the
/// same buckets in the same order, each when it comes to them.
/// </summary>
internal sealed class BucketReduction : IDisposable
{
    private readonly TrainingGraph graph;
    private readonly GradientTree? tree;
    private readonly Communicator communicator;
    private readonly Partition parts;
    private readonly Action<int> observer;
    private int next;

    /// <summary>Prepares the steps of a run.</summary>
    /// <param name="graph">The graph, whose gradients are summed up.</param>
    /// <param name="tree">What keeps those of the other shares; null where a process has one share.</param>
    /// <param name="communicator">The processes.</param>
    internal BucketReduction(TrainingGraph graph, GradientTree? tree, Communicator communicator)
    {
        (this.graph, this.tree, this.communicator) = (graph, tree, communicator);
        parts = communicator.Divide(graph.Model.Description);
        observer = HandOnBefore;
    }

    /// <summary>The graph's passes from here on are the last of this step, or are not.</summary>
    internal void Watch(bool isLast) => graph.LayerObserver = isLast ? observer : null;

    /// <summary>Hands on what is left and waits for the sums, of which each process finds those of its part in the graph's gradients.</summary>
    /// <param name="isGivenUp">
    /// Whether the gradients are of no use, as the step is given up; the others, who may not know that yet, are summed up with all the same.
    /// </param>
    /// <exception cref="GptGenException">Another process cannot be reached.</exception>
    internal void Complete(bool isGivenUp)
    {
        Watch(isLast: false);
        while (next < parts.Buckets)
            HandOn(isGivenUp);
        communicator.AwaitSums();
        next = 0;
    }

    /// <summary>Gives up what a step that failed has begun, before the gradients are freed.</summary>
    public void Dispose()
    {
        if (next > 0)
            communicator.AbandonSums();
    }

    private void HandOnBefore(int layer)
    {
        while (next < parts.Buckets && parts.LayerOf(next) >= layer)
            HandOn(isGivenUp: false);
    }

    private void HandOn(bool isGivenUp)
    {
        for (var range = parts.FirstRange(next); !isGivenUp && range < parts.FirstRange(next + 1); range++)
            tree?.Complete(parts[range].First, parts[range].Count);
        communicator.StartSum(graph.Gradients, parts, next++);
    }
}
