namespace GptGen.Cpu;

/// <summary>An operand of a product, as it lies in memory.</summary>
/// <param name="data">The first element.</param>
/// <param name="stride">Elements from one stored row to the next.</param>
/// <param name="transposed">
/// Whether the product uses the transpose of what is stored: an operand used as [M, K] is then stored as [K, M].
/// </param>
internal readonly unsafe struct MatrixOperand(float* data, nint stride, bool transposed = false)
{
    private readonly PackedPanels panels;

    /// <summary>A right operand that is kept in panels of the tile's width, its columns being their lines.</summary>
    public MatrixOperand(float* data, PackedPanels panels)
        : this(data, stride: 0) => this.panels = panels;

    /// <summary>Its lines, the rows of a left operand and the columns of a right one, in panels.</summary>
    /// <param name="lines">How many.</param>
    /// <param name="width">Lines of a panel.</param>
    /// <param name="areRows">Whether they are rows of the operand.</param>
    public PanelSource InPanels(nint lines, int width, bool areRows) =>
        panels.Width == 0 ? new(data, stride, transposed != areRows, lines, width)
        : !areRows && panels.Width == width && lines <= panels.Lines ? PanelSource.Of(data, panels, lines)
        : throw new ArgumentException("The operand is kept in panels of another shape.");
}
