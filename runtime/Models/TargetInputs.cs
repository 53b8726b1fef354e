namespace GptGen;

/// <summary>What the rows of a batch should predict, with the losses of that and their weights.</summary>
/// <param name="inputs">The graph's inputs.</param>
/// <param name="capacity">The most rows.</param>
/// <param name="clusters">The clusters of the vocabulary; null where there are none.</param>
internal sealed class TargetInputs(InputBuffer inputs, int capacity, ClusterInputs? clusters = null)
{
    private readonly LossReader losses = new(inputs, "Weights", "Losses", capacity) { Clusters = clusters };
    private readonly int[] counted = new int[capacity];

    /// <summary>Throws unless targets and weights, of which there may be none, fit a batch.</summary>
    internal static void Check(int sequences, int length, ReadOnlySpan<int> targets, ReadOnlySpan<float> weights, int vocabulary)
    {
        SequenceInputs.RequireCount(sequences, length, targets.Length, "targets");
        if (weights.Length != 0)
            SequenceInputs.RequireCount(sequences, length, weights.Length, "weights (or none)");
        TokenCheck.Targets(targets, vocabulary);
    }

    /// <summary>
    /// Sets what <see cref="Check"/> has let pass, of sequences of which some rows count. No weights mean the mean over the targets that count.
    /// </summary>
    internal void Set(int length, ReadOnlySpan<int> counts, ReadOnlySpan<int> targets, ReadOnlySpan<float> weights)
    {
        for (var sequence = 0; sequence < counts.Length; sequence++)
        {
            // Rows behind a sequence's end do not count, whatever their targets.
            var (first, count) = (sequence * length, counts[sequence]);
            targets.Slice(first, count).CopyTo(counted.AsSpan(first));
            counted.AsSpan(first + count, length - count).Fill(Device.IgnoredTarget);
        }

        SetWeights(counted.AsSpan(0, targets.Length), weights);
        clusters?.SetTargets(counted.AsSpan(0, targets.Length), losses.Weights(targets.Length));
        inputs.Write("Targets", counted.AsSpan(0, targets.Length));
    }

    /// <summary>The weighted sum of the losses of so many rows. Waits for the device.</summary>
    internal double Sum(int rows) => losses.Sum(rows);

    /// <summary>Copies the losses. Waits for the device.</summary>
    internal void Read(Span<float> destination) => losses.Read(destination);

    private void SetWeights(ReadOnlySpan<int> targets, ReadOnlySpan<float> given)
    {
        var weights = losses.Weights(targets.Length);
        var ignored = targets.Count(Device.IgnoredTarget);
        for (var row = 0; row < targets.Length; row++)
            weights[row] = targets[row] == Device.IgnoredTarget ? 0 : given.IsEmpty ? 1f / (targets.Length - ignored) : given[row];
        losses.Write(targets.Length);
    }
}
