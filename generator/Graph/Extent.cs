namespace GptGen.Generator.Graph;

/// <summary>Memory whose size grows with one run-time number: a term of every offset.</summary>
/// <param name="Count">The number's name in generated code.</param>
/// <param name="Property">The graph's property that is this number.</param>
/// <param name="SharesMemory">Whether short-lived values share memory; not worth it where there are few rows.</param>
internal sealed record Region(string Count, string Property, bool SharesMemory)
{
    /// <summary>Sequences x length in training and prefill, sequences in decoding.</summary>
    public static readonly Region Rows = new("rows", "RowCount", SharesMemory: true);

    /// <summary>Sequences x length of the sources that an encoder reads and a decoder looks at.</summary>
    public static readonly Region SourceRows = new("sourceRows", "SourceRowCount", SharesMemory: true);

    /// <summary>Sequences.</summary>
    public static readonly Region Sequences = new("sequences", "Sequences", SharesMemory: false);
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

    /// <summary>One a pooled row of a task head.</summary>
    public static readonly Extent Pooled = new("pooled", "PooledCount", Region.Sequences);

    /// <summary>One a row of the logits' workspace, which is no region.</summary>
    public static readonly Extent LogitRow = new("logitRows", "", Region.Rows);
}
