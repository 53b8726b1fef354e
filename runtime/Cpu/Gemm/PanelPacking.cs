using System.Runtime.CompilerServices;

namespace GptGen.Cpu;

/// <summary>Moves lines of a matrix into panels [depth, width]. It only moves values, so the result is the same on every path.</summary>
internal static unsafe class PanelPacking
{
    /// <summary>Floats of a panel that are filled before the next ones are begun (16 KiB).</summary>
    private const int PieceFloats = 4096;

    /// <summary>Rows of one panel that are copied before those of its neighbour, which would need the same cache lines.</summary>
    private const int RowsAtOnce = 8;

    /// <summary>Packs neighbouring whole panels of lines that lie across memory: a few rows of each at a time.</summary>
    public static void Copy(float* source, nint stride, int width, nint panels, nint depth, float* destination)
    {
        switch (width)
        {
            case 6:
                Copy<Floats6>(source, stride, panels, depth, destination);
                break;
            case 8:
                Copy<Floats8>(source, stride, panels, depth, destination);
                break;
            case 12:
                Copy<Floats12>(source, stride, panels, depth, destination);
                break;
            case 16:
                Copy<Floats16>(source, stride, panels, depth, destination);
                break;
            case 32:
                Copy<Floats32>(source, stride, panels, depth, destination);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(width), width, "No tile has this width.");
        }
    }

    /// <summary>Packs the last panel, of fewer lines than its width, and fills it up with zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void CopyPart(float* source, nint stride, int lines, int width, nint depth, float* destination)
    {
        for (nint k = 0; k < depth; k++)
        {
            new ReadOnlySpan<float>(source, lines).CopyTo(new Span<float>(destination, lines));
            new Span<float>(destination + lines, width - lines).Clear();
            source += stride;
            destination += width;
        }
    }

    /// <summary>Packs one panel of lines that are contiguous in memory, then zeros.</summary>
    public static void Transpose(float* source, nint stride, int lines, int width, nint depth, float* destination)
    {
        // In pieces that stay in the first-level cache: each pass over a piece fills only some columns of its rows.
        nint piece = Math.Max(8, PieceFloats / width / 8 * 8);
        for (nint k = 0; k < depth; k += piece)
        {
            nint count = Math.Min(piece, depth - k);
            float* to = destination + k * width;
            LineTransposition.Write(source + k, stride, lines, count, to, width);
            for (int line = lines; line < width; line++)
            {
                LineTransposition.Spread(null, count, to + line, width);
            }
        }
    }

    /// <summary>Writes lines that are contiguous in memory into neighbouring columns of a matrix that has <paramref name="width"/> columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void WriteColumns(float* source, nint stride, nint depth, int lines, float* destination, nint width)
    {
        // So few rows at once that their cache lines, which may all belong in one set, stay until the last of the lines is there.
        const int Rows = 8;
        for (nint k = 0; k < depth; k += Rows)
            LineTransposition.Write(source + k, stride, lines, Math.Min(Rows, depth - k), destination + k * width, width);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Copy<TRow>(float* source, nint stride, nint panels, nint depth, float* destination)
        where TRow : unmanaged
    {
        nint panelSize = depth * sizeof(TRow) / sizeof(float);
        for (nint k = 0; k < depth; k += RowsAtOnce)
        {
            nint rows = Math.Min(RowsAtOnce, depth - k);
            float* to = destination;
            for (nint panel = 0; panel < panels; panel++)
            {
                float* from = source + panel * (sizeof(TRow) / sizeof(float));
                for (nint row = 0; row < rows; row++)
                {
                    CacheLine.Prefetch(from + RowsAtOnce * stride);
                    if (sizeof(TRow) > CacheLine.Bytes)
                        CacheLine.Prefetch(from + RowsAtOnce * stride + CacheLine.Floats);
                    ((TRow*)to)[row] = *(TRow*)from;
                    from += stride;
                }

                to += panelSize;
            }

            source += RowsAtOnce * stride;
            destination += RowsAtOnce * (sizeof(TRow) / sizeof(float));
        }
    }

    // A row of a panel as one value: the compiler copies it with the widest moves it has.
    [InlineArray(6)]
    private struct Floats6
    {
        private float first;
    }

    [InlineArray(8)]
    private struct Floats8
    {
        private float first;
    }

    [InlineArray(12)]
    private struct Floats12
    {
        private float first;
    }

    [InlineArray(16)]
    private struct Floats16
    {
        private float first;
    }

    [InlineArray(32)]
    private struct Floats32
    {
        private float first;
    }
}
