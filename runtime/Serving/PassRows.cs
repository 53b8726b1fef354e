namespace GptGen.Serving;

/// <summary>The rows of one pass: a token each, of the sequences that it belongs to.</summary>
internal sealed class PassRows(int capacity)
{
    private readonly int[] tokens = new int[capacity];
    private readonly int[] positions = new int[capacity];
    private readonly int[] slots = new int[capacity];
    private readonly EngineSequence[] sequences = new EngineSequence[capacity];

    internal int Count { get; private set; }

    internal int Room => tokens.Length - Count;

    internal ReadOnlySpan<int> Tokens => tokens.AsSpan(0, Count);

    internal ReadOnlySpan<int> Positions => positions.AsSpan(0, Count);

    internal ReadOnlySpan<int> Slots => slots.AsSpan(0, Count);

    internal EngineSequence this[int row] => sequences[row];

    internal void Clear()
    {
        sequences.AsSpan(0, Count).Clear();
        Count = 0;
    }

    /// <summary>Adds a token of a sequence's window that goes to a position.</summary>
    internal void Add(EngineSequence sequence, int place, int position)
    {
        (tokens[Count], positions[Count], slots[Count], sequences[Count]) = (sequence.Window[place], position, sequence.Slot, sequence);
        Count++;
    }
}
