namespace GptGen;

// Passes in which a slot may have several rows, so that prompts are read in pieces beside sequences that are decoded.
public abstract partial class InferenceGraph
{
    /// <summary>
    /// Adds tokens to some sequences, one or more to each: tokens[r] goes to position positions[r] of slot slots[r], behind the slot's earlier ones.
    /// Leaves the logits of every row. Of graphs whose device says that rows are independent (<see cref="Device.IndependentRows"/>).
    /// </summary>
    /// <exception cref="GptGenException">A token, slot or position is out of range, or the rows do not fit.</exception>
    /// <exception cref="InvalidOperationException">A slot lacks positions before a token's.</exception>
    internal void Extend(ReadOnlySpan<int> tokens, ReadOnlySpan<int> positions, ReadOnlySpan<int> slots)
    {
        using var call = Enter();
        if (tokens.Length < 1 || tokens.Length > Math.Min(RowCapacity, LogitRowCapacity) || positions.Length != tokens.Length
            || slots.Length != tokens.Length)
        {
            throw new GptGenException(
                $"{tokens.Length} tokens at {positions.Length} positions of {slots.Length} slots do not fit an inference graph made for "
                + $"{RowCapacity} "
                + $"rows and {LogitRowCapacity} rows of logits.");
        }

        TokenCheck.Tokens(tokens, Model.Description.Vocabulary, "token");
        for (var row = 0; row < tokens.Length; row++)
        {
            CheckSlot(slots[row]);
            var reached = filled[slots[row]];
            for (var before = 0; before < row && reached < positions[row]; before++)
                reached = slots[before] == slots[row] ? Math.Max(reached, positions[before] + 1) : reached;
            if (positions[row] < 0 || positions[row] >= Capacity)
                throw new GptGenException($"Position {positions[row]} lies outside the cache's {Capacity} positions.");
            if (positions[row] > reached)
                throw new InvalidOperationException($"Slot {slots[row]} has {reached} positions, so that position {positions[row]} cannot follow.");
        }

        DecodeChecked(tokens, positions, slots);
    }
}
