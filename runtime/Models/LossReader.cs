namespace GptGen;

/// <summary>Losses of a graph and their weights: the loss of a batch is the weighted sum.</summary>
/// <param name="inputs">The graph's inputs.</param>
/// <param name="weightsName">The weights among them.</param>
/// <param name="lossesName">The losses among them.</param>
/// <param name="capacity">The most losses.</param>
internal sealed class LossReader(InputBuffer inputs, string weightsName, string lossesName, int capacity)
{
    private readonly float[] weights = new float[capacity];
    private readonly float[] losses = new float[capacity];

    /// <summary>The clusters of the vocabulary whose losses add to these; null where there are none.</summary>
    internal ClusterInputs? Clusters { get; init; }

    /// <summary>The weights, to be filled before <see cref="Write"/>.</summary>
    internal Span<float> Weights(int count) => weights.AsSpan(0, count);

    /// <summary>Gives the weights to the device.</summary>
    internal void Write(int count) => inputs.Write(weightsName, weights.AsSpan(0, count));

    /// <summary>Copies the losses. Waits for the device.</summary>
    internal void Read(Span<float> destination)
    {
        inputs.Read(lossesName, destination);
        Clusters?.AddLosses(destination);
    }

    /// <summary>The weighted sum of the losses. Waits for the device.</summary>
    internal double Sum(int count)
    {
        Read(losses.AsSpan(0, count));
        var sum = 0.0;
        for (var index = 0; index < count; index++)
            sum += (double)weights[index] * losses[index];
        return sum;
    }
}
