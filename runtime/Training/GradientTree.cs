namespace GptGen.Training;

/// <summary>
/// The sum of the gradients of a process's shares, one after the other, in the tree that <see cref="Distributed.TreeSumKernel"/> sums up those of
/// processes in: a pair is summed up as soon as it is there, so that no more are kept than the tree is deep.
/// </summary>
/// <param name="graph">The graph, whose gradients are those of one share after the other, and after the last one the sum.</param>
/// <param name="shares">Shares.</param>
internal sealed class GradientTree(TrainingGraph graph, int shares) : IDisposable
{
    private readonly Arena[] kept = [.. Enumerable.Range(0, Depth(shares)).Select(_ =>
        graph.Device.Allocate(BufferRole.Gradient, graph.Model.Description.TrainedElements))];

    private int count;

    /// <summary>Gradients that are kept beside the graph's own.</summary>
    internal static int Depth(int shares) => shares == 1 ? 0 : int.Log2(shares - 1) + 1;

    /// <summary>A step begins, whatever is left of one that was given up.</summary>
    internal void Begin() => count = 0;

    /// <summary>The gradients of a share are complete, which is not the last one.</summary>
    internal void Add(int share)
    {
        for (var pairs = share + 1; pairs % 2 == 0; pairs /= 2)
            Meet(--count, 0, graph.Gradients.Elements);
        Move(graph.Gradients, kept[count++], 0, graph.Gradients.Elements, GradientWrite.Write);
    }

    /// <summary>Some gradients of the last share are complete: they become the sum of all shares.</summary>
    internal void Complete(nint first, nint elements)
    {
        for (var left = count - 1; left >= 0; left--)
            Meet(left, first, elements);
    }

    /// <inheritdoc/>
    public void Dispose() => Array.ForEach(kept, static arena => arena.Dispose());

    private void Meet(int index, nint first, nint elements) => Move(kept[index], graph.Gradients, first, elements, GradientWrite.Add);

    private void Move(Arena from, Arena to, nint first, nint elements, GradientWrite write) =>
        graph.Device.Accumulate(from, to, first, elements, write);
}
