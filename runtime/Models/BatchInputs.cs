namespace GptGen;

/// <summary>The inputs of a training batch on the device, checked on the way in, and the losses on the way out.</summary>
internal sealed class BatchInputs : IDisposable
{
    private readonly int capacity;
    private readonly int sequenceCapacity;
    private readonly Arena integers;
    private readonly Arena numbers;
    private readonly int[] positions;
    private readonly int[] fullLengths;
    private readonly float[] weights;
    private readonly float[] losses;

    internal BatchInputs(Device device, int sequences, int rows)
    {
        capacity = rows;
        sequenceCapacity = sequences;
        integers = device.Allocate(BufferRole.Token, (3 * (nint)rows) + sequences);
        numbers = device.Allocate(BufferRole.Statistic, 2 * (nint)rows);
        positions = new int[rows];
        fullLengths = new int[sequences];
        weights = new float[rows];
        losses = new float[rows];
    }

    internal Integers Tokens(int rows) => new(integers.At(0), rows);

    internal Integers Positions(int rows) => new(integers.At(capacity), rows);

    internal Integers Targets(int rows) => new(integers.At(2 * (nint)capacity), rows);

    internal Integers Lengths(int sequences) => new(integers.At(3 * (nint)capacity), sequences);

    internal Statistics Weights(int rows) => new(numbers.At(0), rows);

    internal Statistics Losses(int rows) => new(numbers.At(capacity), rows);

    /// <summary>Throws unless a batch of this form fits; no lengths mean that every sequence is full.</summary>
    internal void Check(int sequences, int length, int context, ReadOnlySpan<int> tokens, ReadOnlySpan<int> lengths)
    {
        if (sequences < 1 || sequences > sequenceCapacity || length < 1 || length > context || (long)sequences * length > capacity)
        {
            throw new GptGenException(
                $"A batch of {sequences} x {length} tokens does not fit a graph made for {sequenceCapacity} sequences and {capacity} tokens with context {context}.");
        }

        if (tokens.Length != sequences * length || (lengths.Length != 0 && lengths.Length != sequences))
            throw new GptGenException($"A batch of {sequences} x {length} needs {sequences * length} tokens, not {tokens.Length}, and a length for each sequence or none.");
        for (var sequence = 0; sequence < lengths.Length; sequence++)
        {
            if ((uint)lengths[sequence] > (uint)length)
                throw new GptGenException($"Sequence {sequence} says it has {lengths[sequence]} tokens, but rows hold {length}.");
        }
    }

    /// <summary>Sets a batch that <see cref="Check"/> has let pass.</summary>
    internal void Set(
        int sequences, int length, int vocabulary, ReadOnlySpan<int> tokens, ReadOnlySpan<int> targets, ReadOnlySpan<float> lossWeights, ReadOnlySpan<int> lengths)
    {
        var rows = sequences * length;
        if (targets.Length != rows || (lossWeights.Length != 0 && lossWeights.Length != rows))
            throw new GptGenException($"A batch of {sequences} x {length} needs {rows} targets, not {targets.Length}, and a weight for each or none.");
        TokenCheck.Tokens(tokens, vocabulary, "token");
        foreach (var target in targets)
        {
            if (target != Device.IgnoredTarget && (uint)target >= (uint)vocabulary)
                throw TokenCheck.OutOfRange(target, vocabulary, "target");
        }

        for (var sequence = 0; sequence < sequences; sequence++)
        {
            fullLengths[sequence] = lengths.Length == 0 ? length : lengths[sequence];
            for (var position = 0; position < length; position++)
                positions[(sequence * length) + position] = position;
        }

        SetWeights(targets, lossWeights, rows);
        integers.Write(0, tokens);
        integers.Write(capacity, positions.AsSpan(0, rows));
        integers.Write(2 * (nint)capacity, targets);
        integers.Write(3 * (nint)capacity, fullLengths.AsSpan(0, sequences));
        numbers.Write(0, weights.AsSpan(0, rows));
    }

    internal double ReadLoss(int rows)
    {
        numbers.Read(capacity, losses.AsSpan(0, rows));
        var sum = 0.0;
        for (var row = 0; row < rows; row++)
            sum += (double)weights[row] * losses[row];
        return sum;
    }

    internal void ReadLosses(Span<float> destination) => numbers.Read(capacity, destination);

    private void SetWeights(ReadOnlySpan<int> targets, ReadOnlySpan<float> lossWeights, int rows)
    {
        if (lossWeights.Length != 0)
        {
            lossWeights.CopyTo(weights);
            return;
        }

        var counted = rows - targets.Count(Device.IgnoredTarget);
        for (var row = 0; row < rows; row++)
            weights[row] = targets[row] == Device.IgnoredTarget ? 0 : 1f / counted;
    }

    public void Dispose()
    {
        integers.Dispose();
        numbers.Dispose();
    }
}
