namespace GptGen.Generator.Graph;

/// <summary>What a value has one of.</summary>
internal enum Extent
{
    /// <summary>One a row: sequences x length in training and prefill, sequences in decoding.</summary>
    Row,

    /// <summary>One a sequence.</summary>
    Sequence,

    /// <summary>One a pooled row of a task head: at most one a sequence.</summary>
    Pooled,

    /// <summary>One a row of the logits' workspace.</summary>
    LogitRow,
}

/// <summary>What a value is made of.</summary>
internal enum ValueKind
{
    /// <summary>Activations of a width.</summary>
    Rows,

    /// <summary>A fixed count of f32 numbers.</summary>
    Statistics,
}

/// <summary>Something that an operator computes: an activation, a statistic, or the gradient of an activation.</summary>
internal sealed class Value(string name, ValueKind kind, Extent extent, Dimension? width, int perExtent, bool inLayer)
{
    /// <summary>Name in the generated code, PascalCase; the activations' member.</summary>
    public string Name { get; } = name;

    public ValueKind Kind { get; } = kind;

    public Extent Extent { get; } = extent;

    /// <summary>The width of rows; null for statistics.</summary>
    public Dimension? Width { get; } = width;

    /// <summary>Elements for each row or sequence.</summary>
    public int PerExtent { get; } = perExtent;

    /// <summary>Whether each layer computes its own.</summary>
    public bool InLayer { get; } = inLayer;

    /// <summary>Whether it is carried from layer to layer: layer l reads instance l and writes instance l + 1.</summary>
    public bool IsCarried { get; set; }

    /// <summary>
    /// Values whose memory this one may be, when a call returns one of them; empty for a value with memory of its own.
    /// </summary>
    public IReadOnlyList<Value> Backing { get; set; } = [];

    public static Value OfRows(string name, Extent extent, Dimension width, bool inLayer) =>
        new(name, ValueKind.Rows, extent, width, width.Stored, inLayer);

    public static Value OfStatistics(string name, int perRow, bool inLayer) =>
        new(name, ValueKind.Statistics, Extent.Row, null, perRow, inLayer);
}
