namespace GptGen;

/// <summary>The sequences of a batch: tokens, positions and lengths, checked on their way to a graph's inputs.</summary>
/// <param name="inputs">The inputs.</param>
/// <param name="sequenceCapacity">The most sequences.</param>
/// <param name="capacity">The most tokens of all of them.</param>
/// <param name="kind">What the names of these inputs begin with: nothing, or "Source".</param>
internal sealed class SequenceInputs(InputBuffer inputs, int sequenceCapacity, int capacity, string kind = "")
{
    private const string DirectedName = "DirectedTokens";

    private readonly string tokensName = kind + "Tokens";
    private readonly string positionsName = kind + "Positions";
    private readonly string lengthsName = kind + "Lengths";
    private readonly int[] padded = new int[capacity];
    private readonly int[] positions = new int[capacity];
    private readonly int[] counts = new int[sequenceCapacity];
    private int[]? directed;

    /// <summary>The rows of each sequence that count, in the last batch.</summary>
    internal ReadOnlySpan<int> Counts(int sequences) => counts.AsSpan(0, sequences);

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
    internal void Check(int sequences, int length, ModelDescription model, ReadOnlySpan<int> tokens, ReadOnlySpan<int> lengths)
    {
        CheckForm(sequences, length, model, lengths);
        RequireCount(sequences, length, tokens.Length, "tokens");
        TokenCheck.Tokens(tokens, model.Vocabulary, "token");
    }

    /// <summary>The same whatever stands in its rows.</summary>
    internal void CheckForm(int sequences, int length, ModelDescription model, ReadOnlySpan<int> lengths)
    {
        if (sequences < 1 || sequences > sequenceCapacity || length < 1 || length > model.Context || (long)sequences * length > capacity)
        {
            throw new GptGenException(
                $"A batch of {sequences} x {length} tokens does not fit a graph made for {sequenceCapacity} sequences and {capacity} tokens "
                + $"with context {model.Context}.");
        }

        if (lengths.Length != 0 && lengths.Length != sequences)
            throw new GptGenException($"A batch of {sequences} sequences needs as many lengths or none, not {lengths.Length}.");
        for (var sequence = 0; sequence < lengths.Length; sequence++)
        {
            if ((uint)lengths[sequence] > (uint)length)
                throw new GptGenException($"Sequence {sequence} says it has {lengths[sequence]} tokens, but rows hold {length}.");
        }
    }

    /// <summary>Sets a batch that <see cref="Check"/> has let pass; without tokens where others give what is read.</summary>
    internal void Set(int sequences, int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> lengths)
    {
        for (var sequence = 0; sequence < sequences; sequence++)
        {
            var (first, count) = (sequence * length, lengths.Length == 0 ? length : lengths[sequence]);
            counts[sequence] = count;
            // What stands behind a sequence's end changes no bit of anything, not even the order in which a GPU sums up.
            if (!tokens.IsEmpty)
                tokens.Slice(first, count).CopyTo(padded.AsSpan(first));
            padded.AsSpan(first + count, length - count).Clear();
            for (var position = 0; position < length; position++)
                positions[first + position] = position;
        }

        if (inputs.Has(tokensName))
            inputs.Write(tokensName, padded.AsSpan(0, sequences * length));
        if (!tokens.IsEmpty && inputs.Has(DirectedName))
        {
            // Both directions read the same.
            padded.AsSpan(0, sequences * length).CopyTo(directed ??= new int[2 * padded.Length]);
            padded.AsSpan(0, sequences * length).CopyTo(directed.AsSpan(sequences * length));
            inputs.Write(DirectedName, directed.AsSpan(0, 2 * sequences * length));
        }

        if (inputs.Has(positionsName))
            inputs.Write(positionsName, positions.AsSpan(0, sequences * length));
        if (inputs.Has(lengthsName))
            inputs.Write(lengthsName, counts.AsSpan(0, sequences));
    }

    /// <summary>Throws unless there is one of something for each row.</summary>
    internal static void RequireCount(int sequences, int length, int there, string what)
    {
        if (there != sequences * length)
            throw new GptGenException($"A batch of {sequences} x {length} needs {sequences * length} {what}, not {there}.");
    }
}
