namespace GptGen.Generator.Graph;

/// <summary>Memory whose size grows with one run-time number: a term of every offset.</summary>
/// <param name="Count">The number's name in generated code.</param>
/// <param name="Property">The graph's property that is this number.</param>
/// <param name="SharesMemory">Whether short-lived values share memory; not worth it where there are few rows.</param>
/// <param name="Input">What the runtime calls it where it lays out inputs.</param>
/// <param name="Most">The largest that it gets in training, from the sequences and the length that a graph is made for.</param>
internal sealed record Region(
    string Count, string Property, bool SharesMemory, string Input = "Row", string Most = "checked(sequences * length)")
{
    /// <summary>Sequences x length in training and prefill, sequences in decoding.</summary>
    public static readonly Region Rows = new("rows", "RowCount", SharesMemory: true);

    /// <summary>Sequences x length of the sources that an encoder reads and a decoder looks at.</summary>
    public static readonly Region SourceRows = new("sourceRows", "SourceRowCount", SharesMemory: true, "SourceRow");

    /// <summary>Sequences.</summary>
    public static readonly Region Sequences = new("sequences", "Sequences", SharesMemory: false, "Sequence", "sequences");

    /// <summary>Each sequence's memory and, behind it, its rows.</summary>
    public static readonly Region JoinedRows = new(
        "joinedRows", "JoinedRowCount", SharesMemory: true, "JoinedRow", "checked(sequences * (length + MemoryLength))");

    /// <summary>How far one row can be from another that it sees, and one more.</summary>
    public static readonly Region Distances = new(
        "distances", "DistanceCount", SharesMemory: true, "Distance", "checked(length + MemoryLength)");

    /// <summary>Every row twice: those that are read forward, then those that are read backward.</summary>
    public static readonly Region DirectedRows = new(
        "directedRows", "DirectedRowCount", SharesMemory: true, "DirectedRow", "checked(2 * sequences * length)");

    /// <summary>What a graph's inputs have a fixed number of; no value lies there.</summary>
    public static readonly Region Once = new("1", "1", SharesMemory: false, "Graph", "1");
}

/// <summary>What a value or an input has one of.</summary>
/// <param name="Count">The number's name in generated code.</param>
/// <param name="Property">The graph's property that is this number.</param>
/// <param name="Region">The memory that it lies in: there are never more than that region's number.</param>
internal sealed record Extent(string Count, string Property, Region Region)
{
    /// <summary>One a row.</summary>
    public static readonly Extent Row = new("rows", "RowCount", Region.Rows);

    /// <summary>One a source's row.</summary>
    public static readonly Extent SourceRow = new("sourceRows", "SourceRowCount", Region.SourceRows);

    /// <summary>One a sequence.</summary>
    public static readonly Extent Sequence = new("sequences", "Sequences", Region.Sequences);

    /// <summary>One a row of a sequence's memory and one a row behind it.</summary>
    public static readonly Extent JoinedRow = new("joinedRows", "JoinedRowCount", Region.JoinedRows);

    /// <summary>One a distance.</summary>
    public static readonly Extent Distance = new("distances", "DistanceCount", Region.Distances);

    /// <summary>One a row that is read forward, then one a row that is read backward.</summary>
    public static readonly Extent DirectedRow = new("directedRows", "DirectedRowCount", Region.DirectedRows);

    /// <summary>One a graph.</summary>
    public static readonly Extent Once = new("1", "1", Region.Once);

    /// <summary>One a pooled row of a task head.</summary>
    public static readonly Extent Pooled = new("pooled", "PooledCount", Region.Sequences);

    /// <summary>One a row of the logits' workspace, which is no region.</summary>
    public static readonly Extent LogitRow = new("logitRows", "", Region.Rows);
}
