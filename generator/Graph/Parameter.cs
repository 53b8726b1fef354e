using GptGen.Generator.Spec;

namespace GptGen.Generator.Graph;

/// <summary>How a parameter begins; the names are those of the runtime's enumeration.</summary>
internal enum Initialization
{
    Normal,
    Zeros,
    Ones,
    Sinusoids,
    HighwayBias,
}

/// <summary>How files store a matrix; the names are those of the runtime's enumeration.</summary>
internal enum StoredLayout
{
    Linear,
    Conv1D,
    Row,
    StackedConv1D,
    Convolution,
}

/// <summary>Rows of a parameter that files hold in a tensor of their own.</summary>
/// <param name="Word">What the tensor's name has in the place of "{part}".</param>
/// <param name="Rows">How many rows.</param>
internal sealed record StoredPart(string Word, int Rows);

/// <summary>A weight matrix, bias or gain; one a model, or one a layer.</summary>
/// <param name="Name">Name in the generated code, PascalCase.</param>
/// <param name="FileName">
/// Name in files; a layer's has its number for {layer}. Where files keep rows apart (<see cref="Parts"/>) it has "{part}" in the place of the parts'
/// words.
/// </param>
/// <param name="Rows">Output width, or the length of a vector.</param>
/// <param name="Columns">Input width; null for a vector.</param>
/// <param name="Loop">The loop each of whose layers has its own; null for the model's.</param>
/// <param name="Layout">How files store it.</param>
/// <param name="Initialization">How it begins.</param>
/// <param name="Deviation">Standard deviation of a normal beginning.</param>
internal sealed record Parameter(
    string Name, string FileName, Dimension Rows, Dimension? Columns, LoopId? Loop, StoredLayout Layout, Initialization Initialization,
    float Deviation)
{
    /// <summary>The word in the place of a name's "{part}".</summary>
    public const string PartWord = "{part}";

    /// <summary>The tensors that files hold the rows in, in their order; empty where they hold all rows in one.</summary>
    public EquatableArray<StoredPart> Parts { get; private set; } = new([]);

    /// <summary>Whether files hold it; a constant is computed, and does not train.</summary>
    public bool IsStored { get; init; } = true;

    /// <summary>Whether training leaves it as it is: it has no gradient and no moments.</summary>
    public bool IsFrozen
    {
        get => field || !IsStored;
        init;
    }

    /// <summary>Characters that a filter sees at once.</summary>
    public int Window { get; init; } = 1;

    public bool IsMatrix => Columns is not null;

    /// <summary>The parameter of whose rows it is a view, and the first of them; null for one with memory of its own.</summary>
    public (Parameter Whole, int FirstRow)? Within { get; private set; }

    /// <summary>The tensors that files hold: their names and rows.</summary>
    public IEnumerable<(string Name, int Rows)> Tensors =>
        Parts.Count == 0 ? [(FileName, Rows.Size)] : Parts.Select(part => (FileName.Replace(PartWord, part.Word), part.Rows));

    /// <summary>The name of all rows together.</summary>
    public string WholeName => FileName.Replace(PartWord, string.Join("_", Parts.Select(part => part.Word)));

    /// <summary>Says in which tensors files hold the rows.</summary>
    public Parameter StoredIn(params StoredPart[] parts)
    {
        if (!FileName.Contains(PartWord) || parts.Sum(part => part.Rows) != Rows.Size)
            throw new InvalidOperationException($"{Name} needs {PartWord} in its name in files, and parts of {Rows.Size} rows together.");
        Parts = new(parts);
        return this;
    }

    /// <summary>Some rows of this parameter, for operators that use them alone.</summary>
    /// <param name="name">Name in the generated code.</param>
    /// <param name="firstRow">The first of them.</param>
    /// <param name="rows">How many; the last rows have the padding.</param>
    public Parameter Slice(string name, int firstRow, Dimension rows) =>
        rows.Stored == (firstRow + rows.Size == Rows.Size ? Rows.Stored - firstRow : rows.Size) && firstRow + rows.Size <= Rows.Size
            ? this with { Name = name, Rows = rows, Within = (this, firstRow) }
            : throw new InvalidOperationException($"{name} is no slice of {Name}.");

    /// <summary>Elements that count.</summary>
    public long Count => (long)Rows.Size * (Columns?.Size ?? 1);

    /// <summary>Elements in memory.</summary>
    public long Stored => (long)Rows.Stored * (Columns?.Stored ?? 1);
}
