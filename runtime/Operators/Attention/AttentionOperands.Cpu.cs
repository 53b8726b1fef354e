namespace GptGen.Cpu;

/// <summary>Rows in memory that begin every <paramref name="stride"/> floats.</summary>
internal readonly unsafe struct StridedRows(float* start, nint stride)
{
    /// <summary>Floats from one row to the next.</summary>
    public nint Stride => stride;

    /// <summary>The beginning of row <paramref name="index"/>.</summary>
    public float* Row(nint index) => start + index * stride;
}

/// <summary>What attention reads, in memory.</summary>
internal readonly unsafe struct AttentionOperands(StridedRows query, StridedRows key, StridedRows value, int* queryLengths, int* keyLengths)
{
    /// <summary>Queries.</summary>
    public StridedRows Query => query;

    /// <summary>Keys.</summary>
    public StridedRows Key => key;

    /// <summary>Values.</summary>
    public StridedRows Value => value;

    /// <summary>How many of each sequence's queries count.</summary>
    public int* QueryLengths => queryLengths;

    /// <summary>How many of each sequence's keys and values count.</summary>
    public int* KeyLengths => keyLengths;
}
