namespace GptGen.Generator.Graph;

/// <summary>A compile-time size that becomes a marker struct in the generated code.</summary>
/// <param name="TypeName">How the generated code names it.</param>
/// <param name="Size">Elements that count.</param>
/// <param name="Stored">Elements in memory.</param>
/// <param name="Summary">What it is, for the generated documentation; null when the runtime already has the type.</param>
internal sealed record Dimension(string TypeName, int Size, int Stored, string? Summary)
{
    /// <summary>Rows of a table on the device are a multiple of this, so that tiles of a product need no edge.</summary>
    private const int TableAlignment = 64;

    public static Dimension Of(string name, int size, string summary) => new(name, size, size, summary);

    public static Dimension Padded(string name, int size, string summary) =>
        new(name, size, checked((size + TableAlignment - 1) / TableAlignment * TableAlignment), summary);

    /// <summary>Query, key and value side by side.</summary>
    public static Dimension Triple(Dimension width) =>
        new($"global::GptGen.Tensors.Triple<{width.TypeName}>", checked(3 * width.Size), checked(3 * width.Stored), null);

    /// <summary>Key and value side by side.</summary>
    public static Dimension Double(Dimension width) =>
        new($"global::GptGen.Tensors.Double<{width.TypeName}>", checked(2 * width.Size), checked(2 * width.Stored), null);

    /// <summary>The gates of an LSTM side by side.</summary>
    public static Dimension Quadruple(Dimension cells) =>
        new($"global::GptGen.Tensors.Quadruple<{cells.TypeName}>", checked(4 * cells.Size), checked(4 * cells.Stored), null);
}
