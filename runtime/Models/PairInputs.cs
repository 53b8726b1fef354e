namespace GptGen;

/// <summary>What sequences of one or two texts have beside tokens: token types, and the row that stands for the whole.</summary>
internal sealed class PairInputs(InputBuffer inputs, int sequenceCapacity)
{
    private readonly int[] firstRows = new int[sequenceCapacity];
    private int[] noTypes = [];

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
    internal void Set(int sequences, int length, ReadOnlySpan<int> tokenTypes)
    {
        if (tokenTypes.IsEmpty && noTypes.Length < sequences * length)
            noTypes = new int[sequences * length];
        inputs.Write("TokenTypes", tokenTypes.IsEmpty ? noTypes.AsSpan(0, sequences * length) : tokenTypes);
        for (var sequence = 0; sequence < sequences; sequence++)
            firstRows[sequence] = sequence * length;
        inputs.Write("FirstRows", firstRows.AsSpan(0, sequences));
    }
}
