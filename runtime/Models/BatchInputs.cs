namespace GptGen;

/// <summary>The inputs of a training batch on the device, checked on the way in, and the losses on the way out.</summary>
internal sealed class BatchInputs : IDisposable
{
    private readonly int capacity;
    private readonly int sequenceCapacity;
    private readonly Arena integers;
    private readonly Arena numbers;
    private readonly int[] positions;
    private readonly int[] counted;
    private readonly int[] fullLengths;
    private readonly float[] weights;
    private readonly float[] losses;

    internal BatchInputs(Device device, int sequences, int rows)
    {
        capacity = rows;
        sequenceCapacity = sequences;
        integers = device.AllocateIndices((3 * (nint)rows) + sequences);
        numbers = device.Allocate(BufferRole.Statistic, 2 * (nint)rows);
        positions = new int[rows];
        counted = new int[rows];
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

    /// <summary>The rows of a graph of some size.</summary>
    /// <exception cref="GptGenException">A size is out of range.</exception>
    internal static int Rows(ModelDescription model, int sequences, int length, string graph)
    {
        if (sequences < 1 || length < 1)
            throw new GptGenException($"A {graph} for {sequences} sequences of {length} tokens is impossible: both must be at least 1.");
        if (length > model.Context)
            throw new GptGenException($"A {graph} for sequences of {length} tokens is impossible: {model.Name} sees at most {model.Context}.");
        return (long)sequences * length <= Array.MaxLength
            ? sequences * length
            : throw new GptGenException($"A {graph} for {sequences} sequences of {length} tokens is too large: use fewer sequences.");
    }

    /// <summary>Throws unless a batch of this form fits; no lengths mean that every sequence is full.</summary>
    internal void Check(int sequences, int length, int context, ReadOnlySpan<int> tokens, ReadOnlySpan<int> lengths)
    {
        if (sequences < 1 || sequences > sequenceCapacity || length < 1 || length > context || (long)sequences * length > capacity)
        {
            throw new GptGenException(
                $"A batch of {sequences} x {length} tokens does not fit a graph made for {sequenceCapacity} sequences and {capacity} "
                + $"tokens with context {context}.");
        }

        RequireCount(sequences, length, sequences * length, tokens.Length, "tokens");
        if (lengths.Length != 0 && lengths.Length != sequences)
            throw new GptGenException($"A batch of {sequences} sequences needs as many lengths or none, not {lengths.Length}.");
        for (var sequence = 0; sequence < lengths.Length; sequence++)
        {
            if ((uint)lengths[sequence] > (uint)length)
                throw new GptGenException($"Sequence {sequence} says it has {lengths[sequence]} tokens, but rows hold {length}.");
        }
    }

    /// <summary>Sets a batch that <see cref="Check"/> has let pass.</summary>
    internal void Set(
        int sequences, int length, int vocabulary, ReadOnlySpan<int> tokens, ReadOnlySpan<int> targets, ReadOnlySpan<float> lossWeights,
        ReadOnlySpan<int> lengths)
    {
        var rows = sequences * length;
        RequireCount(sequences, length, rows, targets.Length, "targets");
        if (lossWeights.Length != 0)
            RequireCount(sequences, length, rows, lossWeights.Length, "weights (or none)");
        TokenCheck.Tokens(tokens, vocabulary, "token");
        TokenCheck.Targets(targets, vocabulary);
        for (var sequence = 0; sequence < sequences; sequence++)
        {
            var (first, count) = (sequence * length, lengths.Length == 0 ? length : lengths[sequence]);
            fullLengths[sequence] = count;
            for (var position = 0; position < length; position++)
                positions[first + position] = position;
            // Rows behind a sequence's end do not count, whatever their targets.
            targets.Slice(first, count).CopyTo(counted.AsSpan(first));
            counted.AsSpan(first + count, length - count).Fill(Device.IgnoredTarget);
        }

        SetWeights(counted.AsSpan(0, rows), lossWeights);
        integers.Write(0, tokens);
        integers.Write(capacity, positions.AsSpan(0, rows));
        integers.Write(2 * (nint)capacity, counted.AsSpan(0, rows));
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

    private static void RequireCount(int sequences, int length, int needed, int there, string what)
    {
        if (there != needed)
            throw new GptGenException($"A batch of {sequences} x {length} needs {needed} {what}, not {there}.");
    }

    private void SetWeights(ReadOnlySpan<int> targets, ReadOnlySpan<float> lossWeights)
    {
        var ignored = targets.Count(Device.IgnoredTarget);
        for (var row = 0; row < targets.Length; row++)
        {
            weights[row] = targets[row] == Device.IgnoredTarget ? 0
                : lossWeights.IsEmpty ? 1f / (targets.Length - ignored)
                : lossWeights[row];
        }
    }

    public void Dispose()
    {
        integers.Dispose();
        numbers.Dispose();
    }
}
