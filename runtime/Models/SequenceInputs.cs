namespace GptGen;

/// <summary>The sequences of a batch: tokens, positions and lengths, checked on their way to a graph's inputs.</summary>
/// <param name="inputs">The inputs.</param>
/// <param name="sequenceCapacity">The most sequences.</param>
/// <param name="capacity">The most tokens of all of them.</param>
/// <param name="kind">What the names of these inputs begin with: nothing, or "Source".</param>
internal sealed class SequenceInputs(InputBuffer inputs, int sequenceCapacity, int capacity, string kind = "")
{
    private const string DirectedTokens = "DirectedTokens";
    private const string DirectedCharacters = "DirectedCharacters";

    private readonly string tokensName = kind + "Tokens";
    private readonly string positionsName = kind + "Positions";
    private readonly string lengthsName = kind + "Lengths";
    private int[] padded = new int[capacity];
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
        if (model.CharactersPerToken == 0)
            RequireCount(sequences, length, tokens.Length, "tokens");
        TokenCheck.Read(tokens, (long)sequences * length, model);
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
        // A model may read several characters in place of each token.
        var each = tokens.IsEmpty ? 1 : tokens.Length / (sequences * length);
        if (padded.Length < capacity * each)
            padded = new int[checked(capacity * each)];
        for (var sequence = 0; sequence < sequences; sequence++)
        {
            var (first, count) = (sequence * length, lengths.Length == 0 ? length : lengths[sequence]);
            counts[sequence] = count;
            // What stands behind a sequence's end changes no bit of anything, not even the order in which a GPU sums up.
            if (!tokens.IsEmpty)
                tokens.Slice(first * each, count * each).CopyTo(padded.AsSpan(first * each));
            padded.AsSpan((first + count) * each, (length - count) * each).Clear();
            for (var position = 0; position < length; position++)
                positions[first + position] = position;
        }

        var read = padded.AsSpan(0, sequences * length * each);
        if (inputs.Has(tokensName))
            inputs.Write(tokensName, read);
        if (!tokens.IsEmpty && (inputs.Has(DirectedTokens) || inputs.Has(DirectedCharacters)))
        {
            // Both directions read the same.
            directed ??= new int[2 * padded.Length];
            read.CopyTo(directed);
            read.CopyTo(directed.AsSpan(read.Length));
            inputs.Write(inputs.Has(DirectedTokens) ? DirectedTokens : DirectedCharacters, directed.AsSpan(0, 2 * read.Length));
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
