namespace GptGen;

/// <summary>The rows that something behind the layers reads, each once, in the order in which they are first asked for.</summary>
internal sealed class ReadRows(int capacity)
{
    private readonly int[] rows = new int[capacity];
    private readonly int[] places = new int[capacity];

    /// <summary>How many they are.</summary>
    internal int Count { get; private set; }

    /// <summary>The rows.</summary>
    internal ReadOnlySpan<int> Rows => rows.AsSpan(0, Count);

    /// <summary>Begins anew.</summary>
    internal void Clear()
    {
        Count = 0;
        places.AsSpan().Fill(-1);
    }

    /// <summary>Where <paramref name="row"/> is among them; from the first call on it is.</summary>
    internal int PlaceOf(int row)
    {
        if (places[row] >= 0)
            return places[row];
        rows[Count] = row;
        return places[row] = Count++;
    }
}
