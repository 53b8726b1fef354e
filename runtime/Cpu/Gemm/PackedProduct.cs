using System.Runtime.CompilerServices;

namespace GptGen.Cpu;

/// <summary>The product of operands that are packed already, on one thread: the part that matrix products and attention share.</summary>
internal static unsafe class PackedProduct
{
    /// <summary>
    /// c[i, j] (= | +=) bias[j] + the sum over k of a[k, i] * b[k, j]. Each panel of b stays in the first-level cache while
    /// those of a pass.
    /// </summary>
    /// <param name="depth">How many k, at least 1.</param>
    /// <param name="a">Panels [depth, <see cref="IMicroKernel.Rows"/>] one after another, the last filled up.</param>
    /// <param name="rows">Rows of c.</param>
    /// <param name="b">Panels [depth, <see cref="IMicroKernel.Columns"/>] one after another, the last filled up.</param>
    /// <param name="columns">Columns of c.</param>
    /// <param name="bias">A value for each column, or null.</param>
    /// <param name="c">The first element of the result; nothing is written outside its rows and columns.</param>
    /// <param name="stride">Elements between the rows of c.</param>
    /// <param name="accumulate">Whether to add to c.</param>
    /// <param name="streamed">Whether b comes from memory as it is read.</param>
    /// <param name="ahead">What comes next.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply<TKernel>(
        nint depth, float* a, nint rows, float* b, nint columns, float* bias, float* c, nint stride, bool accumulate, bool streamed,
        ref BlockAhead ahead)
        where TKernel : struct, IMicroKernel
    {
        for (nint column = 0; column < columns; column += TKernel.Columns)
        {
            nint width = Math.Min(TKernel.Columns, columns - column);
            float* tileBias = bias == null ? null : bias + column;
            float* panel = a;
            for (nint row = 0; row < rows; row += TKernel.Rows)
            {
                nint height = Math.Min(TKernel.Rows, rows - row);
                float* tile = c + row * stride + column;
                ahead.Fetch();

                // The kernel reads or writes the tile at its end: by then its lines are in the first-level cache.
                for (nint line = 0; line < height; line++)
                {
                    CacheLine.Prefetch(tile + line * stride);
                    CacheLine.Prefetch(tile + line * stride + width - 1);
                }

                if (height == TKernel.Rows && width == TKernel.Columns)
                {
                    TKernel.Multiply(depth, panel, b, tileBias, tile, stride, accumulate, streamed && row == 0);
                }
                else if (height <= MicroKernels.MostFew && width == TKernel.Columns)
                {
                    TKernel.MultiplyFew((int)height, depth, panel, b, tileBias, tile, stride, accumulate);
                }
                else
                {
                    MultiplyEdge<TKernel>(depth, panel, (int)height, b, (int)width, tileBias, tile, stride, accumulate);
                }

                panel += TKernel.Rows * depth;
            }

            b += TKernel.Columns * depth;
        }
    }

    /// <summary>A tile that sticks out of the result: computed whole beside it, and the part inside written with the same roundings.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void MultiplyEdge<TKernel>(
        nint depth, float* a, int rows, float* b, int columns, float* bias, float* c, nint stride, bool accumulate)
        where TKernel : struct, IMicroKernel
    {
        float* tile = stackalloc float[TKernel.Rows * TKernel.Columns];
        float* tileBias = null;
        if (bias != null)
        {
            float* copy = stackalloc float[TKernel.Columns];
            new Span<float>(copy, TKernel.Columns).Clear();
            new ReadOnlySpan<float>(bias, columns).CopyTo(new Span<float>(copy, columns));
            tileBias = copy;
        }

        TKernel.Multiply(depth, a, b, tileBias, tile, TKernel.Columns, accumulate: false);
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                float value = tile[row * TKernel.Columns + column];
                c[column] = accumulate ? c[column] + value : value;
            }

            c += stride;
        }
    }
}
