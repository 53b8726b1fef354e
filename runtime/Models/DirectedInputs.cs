namespace GptGen;

/// <summary>What the two directions of a <see cref="BidirectionalModel"/> read, and the state that they go on from.</summary>
/// <param name="inputs">The graph's inputs.</param>
/// <param name="model">The model.</param>
/// <param name="capacity">The most rows of a direction.</param>
internal sealed class DirectedInputs(InputBuffer inputs, BidirectionalModel model, int capacity)
{
    private readonly bool readsCharacters = model.Description.CharactersPerToken > 0;
    private readonly int each = TokenCheck.PerRow(model.Description);
    private readonly int[] read = new int[checked(2 * capacity * TokenCheck.PerRow(model.Description))];
    private RecurrentState? state;
    private int version;

    /// <summary>Rows of each LSTM's state; none where no state is kept.</summary>
    internal int StateRows => state?.Sequences ?? 0;

    /// <summary>Throws unless a state, which there need not be, is of so many texts of the model.</summary>
    internal void CheckState(RecurrentState? given, int sequences)
    {
        if (given is not null && (given.Model != model || given.Sequences != sequences))
        {
            throw new GptGenException(
                $"The state is of {given.Sequences} texts of {(given.Model == model ? "this" : "another")} model, but the batch has {sequences} "
                + "sequences: create one for them.");
        }
    }

    /// <summary>Sets a batch that was checked: what is read forward, [sequences, length], and what is read backward.</summary>
    internal void Set(RecurrentState? given, int length, ReadOnlySpan<int> forward, ReadOnlySpan<int> backward, ReadOnlySpan<int> counts)
    {
        (state, version) = (given, given?.Version ?? 0);
        for (var sequence = 0; sequence < counts.Length; sequence++)
        {
            var (first, count) = (sequence * length * each, counts[sequence] * each);
            Pad(forward.Slice(first, count), read.AsSpan(first, length * each));
            Pad(backward.Slice(first, count), read.AsSpan(forward.Length + first, length * each));
        }

        inputs.Write(readsCharacters ? "DirectedCharacters" : "DirectedTokens", read.AsSpan(0, 2 * forward.Length));
    }

    /// <summary>Takes what the pass has left as the state.</summary>
    /// <exception cref="InvalidOperationException">There is no state, or it has changed since the batch was set.</exception>
    internal void Advance() =>
        (state is null ? throw new InvalidOperationException("The batch has no state that could go on.") : Current(state)).Advance();

    internal Location CellsOf(int place) => state is null ? default : Current(state).CellsOf(place);

    internal Location OutputsOf(int place) => state is null ? default : Current(state).OutputsOf(place);

    internal Location NextCellsOf(int place) => state?.NextCellsOf(place) ?? default;

    internal Location NextOutputsOf(int place) => state?.NextOutputsOf(place) ?? default;

    /// <summary>What stands behind a sequence's end changes no bit of anything.</summary>
    private static void Pad(ReadOnlySpan<int> read, Span<int> row)
    {
        read.CopyTo(row);
        row[read.Length..].Clear();
    }

    private RecurrentState Current(RecurrentState state) => state.Version == version
        ? state
        : throw new InvalidOperationException("The state is no longer what it was when the batch was set: set a batch again.");
}
