namespace GptGen.Generator.Graph;

/// <summary>How a parameter begins; the names are those of the runtime's enumeration.</summary>
internal enum Initialization
{
    Normal,
    Zeros,
    Ones,
}

/// <summary>How files store a matrix; the names are those of the runtime's enumeration.</summary>
internal enum StoredLayout
{
    Linear,
    Conv1D,
}

/// <summary>A weight matrix, bias or gain; one a model, or one a layer.</summary>
/// <param name="Name">Name in the generated code, PascalCase.</param>
/// <param name="FileName">Name in files; a layer's has its number for {layer}.</param>
/// <param name="Rows">Output width, or the length of a vector.</param>
/// <param name="Columns">Input width; null for a vector.</param>
/// <param name="Loop">The loop each of whose layers has its own; null for the model's.</param>
/// <param name="Layout">How files store it.</param>
/// <param name="Initialization">How it begins.</param>
/// <param name="Deviation">Standard deviation of a normal beginning.</param>
internal sealed record Parameter(
    string Name, string FileName, Dimension Rows, Dimension? Columns, LoopId? Loop, StoredLayout Layout, Initialization Initialization, float Deviation)
{
    public bool IsMatrix => Columns is not null;

    /// <summary>Elements that count.</summary>
    public long Count => (long)Rows.Size * (Columns?.Size ?? 1);

    /// <summary>Elements in memory.</summary>
    public long Stored => (long)Rows.Stored * (Columns?.Stored ?? 1);
}
