namespace GptGen.Cpu;

/// <summary>
/// One operand of a product, cut into panels of a tile's height or width. The rows of A and the columns of B are packed by
/// the same code: <em>lines</em> stands for either, and each panel becomes [depth, width].
/// </summary>
/// <param name="data">The element of line 0 at depth 0.</param>
/// <param name="stride">Elements between lines when a line lies contiguous in memory, otherwise between depths.</param>
/// <param name="lineContiguous">Whether neighbours in depth are neighbours in memory.</param>
/// <param name="lines">How many lines; the last panel is filled up with zeros.</param>
/// <param name="width">Lines of a panel.</param>
internal readonly unsafe struct PanelSource(float* data, nint stride, bool lineContiguous, nint lines, int width)
{
    /// <summary>Lines of a panel.</summary>
    public int Width => width;

    /// <summary>How many lines there are.</summary>
    public nint Lines => lines;

    /// <summary>How many panels there are.</summary>
    public nint Panels => (lines + width - 1) / width;

    /// <summary>Whether the panels lie in memory already; nothing is then packed.</summary>
    public bool IsPacked => Packed.Width > 0;

    private PackedPanels Packed { get; init; }

    private nint PackedDepth { get; init; }

    /// <summary>The first lines of an operand that is kept in panels.</summary>
    public static PanelSource Of(float* data, PackedPanels panels, nint lines) => new(data, 0, false, lines, panels.Width) { Packed = panels };

    /// <summary>The same lines from a given depth on.</summary>
    public PanelSource FromDepth(nint depth) =>
        IsPacked ? this with { PackedDepth = PackedDepth + depth }
        : new(data + (lineContiguous ? depth : depth * stride), stride, lineContiguous, lines, width);

    /// <summary>Where a panel is that lies in memory already, in the block at some depth.</summary>
    public float* PackedAt(nint panel, nint depth) => data + Packed.PanelAt(panel, PackedDepth + depth);

    /// <summary>A run of the same operand's lines, of one that is not packed yet.</summary>
    public PanelSource Slice(nint first, nint count) =>
        new(data + (lineContiguous ? first * stride : first), stride, lineContiguous, count, width);

    /// <summary>What <see cref="Pack"/> of these panels, or the product with them, will read.</summary>
    /// <param name="first">The first panel.</param>
    /// <param name="last">The one after the last.</param>
    /// <param name="depth">Where in depth.</param>
    /// <param name="count">How deep.</param>
    /// <param name="tiles">Tiles that are computed before.</param>
    public BlockAhead Ahead(nint first, nint last, nint depth, nint count, nint tiles)
    {
        if (IsPacked)
            return new(PackedAt(first, depth), 1, (last - first) * count * width, 0, tiles);
        nint across = Math.Min(lines, last * width) - first * width;
        return lineContiguous
            ? new(data + first * width * stride + depth, across, count, stride, tiles)
            : new(data + depth * stride + first * width, count, across, stride, tiles);
    }

    /// <summary>Packs the panels from <paramref name="first"/> to before <paramref name="last"/>, one after another.</summary>
    public void Pack(nint first, nint last, nint depth, nint count, float* destination)
    {
        nint whole = Math.Max(first, Math.Min(last, lines / width));
        float* source = data + (lineContiguous ? first * width * stride + depth : depth * stride + first * width);
        if (lineContiguous)
        {
            for (nint panel = first; panel < whole; panel++)
            {
                PanelPacking.Transpose(source, stride, width, width, count, destination);
                source += width * stride;
                destination += width * count;
            }
        }
        else
        {
            PanelPacking.Copy(source, stride, width, whole - first, count, destination);
            source += (whole - first) * width;
            destination += (whole - first) * width * count;
        }

        if (whole < last)
        {
            int rest = (int)(lines - whole * width);
            if (lineContiguous)
            {
                PanelPacking.Transpose(source, stride, rest, width, count, destination);
            }
            else
            {
                PanelPacking.CopyPart(source, stride, rest, width, count, destination);
            }
        }
    }
}
