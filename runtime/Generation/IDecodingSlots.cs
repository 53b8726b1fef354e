namespace GptGen.Generation;

/// <summary>What beam search needs of a graph: sequences in slots of a cache that grow by a token, and copies between slots.</summary>
internal interface IDecodingSlots
{
    /// <summary>Number of sequences in the cache.</summary>
    int Slots { get; }

    /// <summary>Positions of each.</summary>
    int Capacity { get; }

    /// <summary>Numbers of a row of logits.</summary>
    int Vocabulary { get; }

    /// <summary>Adds tokens[r] at position positions[r] to slot slots[r], and leaves what follows it in row r of the logits.</summary>
    void Decode(ReadOnlySpan<int> tokens, ReadOnlySpan<int> positions, ReadOnlySpan<int> slots);

    /// <summary>Copies the logits of a row of the last call.</summary>
    void ReadLogits(int row, Span<float> logits);

    /// <summary>Does copies between slots, of which none is copied both from and to.</summary>
    void CopySlots(ReadOnlySpan<SlotCopy> slots);
}
