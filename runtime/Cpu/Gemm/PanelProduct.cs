namespace GptGen.Cpu;

/// <summary>The product of two operands that are packed already and small enough for one thread's caches.</summary>
internal static unsafe class PanelProduct
{
    /// <summary>c (= | +=) a · b. The result is padded: it fills whole tiles, rows and columns beyond the operands' lines with zeros.</summary>
    /// <param name="depth">How many k, at least 1.</param>
    /// <param name="a">Packed panels, [<paramref name="rowPanels"/>, <paramref name="depth"/>, tile rows].</param>
    /// <param name="rowPanels">Panels of a.</param>
    /// <param name="b">Packed panels; only the first <paramref name="depth"/> of each one's k are used.</param>
    /// <param name="columnPanels">Panels of b.</param>
    /// <param name="packedDepth">The depth that b was packed to.</param>
    /// <param name="c">The result.</param>
    /// <param name="stride">Elements between the rows of c.</param>
    /// <param name="accumulate">Whether to add to c.</param>
    public static void Multiply<TKernel>(
        nint depth, float* a, nint rowPanels, float* b, nint columnPanels, nint packedDepth, float* c, nint stride, bool accumulate = false)
        where TKernel : struct, IMicroKernel
    {
        for (nint column = 0; column < columnPanels; column++)
        {
            float* right = b + column * packedDepth * TKernel.Columns;
            for (nint row = 0; row < rowPanels; row++)
            {
                TKernel.Multiply(
                    depth, a + row * depth * TKernel.Rows, right, null,
                    c + row * TKernel.Rows * stride + column * TKernel.Columns, stride, accumulate);
            }
        }
    }
}
