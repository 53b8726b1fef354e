using GptGen.Generator.Spec;

namespace GptGen.Generator.Graph;

/// <summary>What a value is made of.</summary>
internal enum ValueKind
{
    /// <summary>Activations of a width.</summary>
    Rows,

    /// <summary>A fixed count of f32 numbers.</summary>
    Statistics,
}

/// <summary>Something that an operator computes: an activation, a statistic, or the gradient of an activation.</summary>
internal sealed class Value(string name, ValueKind kind, Extent extent, Dimension? width, int perExtent, LoopId? loop)
{
    /// <summary>Name in the generated code, PascalCase; the activations' member.</summary>
    public string Name { get; } = name;

    public ValueKind Kind { get; } = kind;

    public Extent Extent { get; } = extent;

    /// <summary>The width of rows; null for statistics.</summary>
    public Dimension? Width { get; } = width;

    /// <summary>Elements for each row or sequence.</summary>
    public int PerExtent { get; } = perExtent;

    /// <summary>The loop each of whose layers computes its own; null outside.</summary>
    public LoopId? Loop { get; } = loop;

    /// <summary>The loop that carries it from layer to layer: layer l reads instance l and writes instance l + 1.</summary>
    public LoopId? CarriedBy { get; set; }

    /// <summary>The carried value whose next instance this one is: what a layer hands on.</summary>
    public Value? HandedOnAs { get; set; }

    /// <summary>Of a carried value whose loop ends apart: what the last layer leaves, of the rows that it goes on with.</summary>
    public Value? EndsAs { get; set; }

    /// <summary>Of logits: the elements of each row of the workspace that others before them take.</summary>
    public int WorkspaceOffset { get; init; }

    /// <summary>Whether nothing that trains stands behind it, so that nobody wants its gradient.</summary>
    public bool IsConstant { get; init; }

    /// <summary>Of an activation's result: what the function is of, and which it is; null otherwise, and where no gradient is wanted.</summary>
    public (Value Before, ActivationKind Activation)? ActivationOf { get; set; }

    /// <summary>How many inputs of nodes it is.</summary>
    public int Readers { get; set; }

    /// <summary>The value that has a place of its own in the plan.</summary>
    public Value Planned => HandedOnAs ?? this;

    /// <summary>
    /// Values whose memory this one may be, when a call returns one of them; empty for a value with memory of its own.
    /// </summary>
    public IReadOnlyList<Value> Backing { get; set; } = [];

    /// <summary>The values that own its memory: what it is planned as, or those behind it.</summary>
    public IEnumerable<Value> Owners => Backing.Count == 0 ? [Planned] : Backing.SelectMany(value => value.Owners);

    public static Value OfRows(string name, Extent extent, Dimension width, LoopId? loop, bool isConstant = false) =>
        new(name, ValueKind.Rows, extent, width, width.Stored, loop) { IsConstant = isConstant };

    public static Value OfLogits(string name, Dimension width, int workspaceOffset) =>
        new(name, ValueKind.Rows, Extent.LogitRow, width, width.Stored, loop: null) { WorkspaceOffset = workspaceOffset };

    public static Value OfStatistics(string name, Extent extent, int perRow, LoopId? loop) =>
        new(name, ValueKind.Statistics, extent, null, perRow, loop);
}
