namespace GptGen;

/// <summary>What sequences of one or two texts have beside tokens: token types, and the row that stands for the whole.</summary>
internal sealed class PairInputs(InputBuffer inputs, int sequenceCapacity, int capacity)
{
    private readonly int[] types = new int[capacity];
    private readonly int[] firstRows = new int[sequenceCapacity];

    /// <summary>Throws unless the types fit the tokens; none mean 0 everywhere.</summary>
    internal void Check(int sequences, int length, ReadOnlySpan<int> tokenTypes, ModelDescription model)
    {
        if (tokenTypes.IsEmpty)
            return;
        SequenceInputs.RequireCount(sequences, length, tokenTypes.Length, "token types (or none)");
        for (var row = 0; row < tokenTypes.Length; row++)
        {
            if ((uint)tokenTypes[row] >= (uint)model.TokenTypes)
            {
                throw new GptGenException(
                    $"Token type {tokenTypes[row]} at row {row} does not exist: {model.Name} has {model.TokenTypes}, "
                    + $"from 0 to {model.TokenTypes - 1}.");
            }
        }
    }

    /// <summary>Sets what <see cref="Check"/> has let pass.</summary>
    internal void Set(int length, ReadOnlySpan<int> tokenTypes, ReadOnlySpan<int> lengths)
    {
        var sequences = lengths.Length;
        types.AsSpan(0, sequences * length).Clear();
        for (var sequence = 0; sequence < sequences; sequence++)
        {
            firstRows[sequence] = sequence * length;
            if (!tokenTypes.IsEmpty)
                tokenTypes.Slice(firstRows[sequence], lengths[sequence]).CopyTo(types.AsSpan(firstRows[sequence]));
        }

        inputs.Write("TokenTypes", types.AsSpan(0, sequences * length));
        if (inputs.Has("FirstRows"))
            inputs.Write("FirstRows", firstRows.AsSpan(0, sequences));
    }
}
