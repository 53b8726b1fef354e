using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

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
            TransposeLines(source + k, stride, lines, count, to, width);
            for (int line = lines; line < width; line++)
            {
                Spread(null, count, to + line, width);
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
            TransposeLines(source + k, stride, lines, Math.Min(Rows, depth - k), destination + k * width, width);
    }

    /// <summary>Four lines at a time, then two, then one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TransposeLines(float* source, nint stride, int lines, nint depth, float* destination, nint width)
    {
        int line = 0;
        for (; line + 4 <= lines; line += 4)
        {
            TransposeFour(source + line * stride, stride, depth, destination + line, width);
        }

        for (; line + 2 <= lines; line += 2)
        {
            TransposeTwo(source + line * stride, stride, depth, destination + line, width);
        }

        if (line < lines)
        {
            Spread(source + line * stride, depth, destination + line, width);
        }
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
                    ((TRow*)to)[row] = *(TRow*)from;
                    from += stride;
                }

                to += panelSize;
            }

            source += RowsAtOnce * stride;
            destination += RowsAtOnce * (sizeof(TRow) / sizeof(float));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TransposeFour(float* source, nint stride, nint depth, float* destination, nint width)
    {
        float* line0 = source, line1 = source + stride, line2 = line1 + stride, line3 = line2 + stride;
        nint k = 0;
        if (Avx.IsSupported)
        {
            for (; k <= depth - 8; k += 8)
            {
                // Pairs, then fours, within the halves of the registers: the lower halves hold k to k + 3.
                Vector256<float> row0 = Vector256.Load(line0 + k), row1 = Vector256.Load(line1 + k);
                Vector256<float> row2 = Vector256.Load(line2 + k), row3 = Vector256.Load(line3 + k);
                Vector256<double> low01 = Avx.UnpackLow(row0, row1).AsDouble(), high01 = Avx.UnpackHigh(row0, row1).AsDouble();
                Vector256<double> low23 = Avx.UnpackLow(row2, row3).AsDouble(), high23 = Avx.UnpackHigh(row2, row3).AsDouble();
                Vector256<float> k0 = Avx.UnpackLow(low01, low23).AsSingle(), k1 = Avx.UnpackHigh(low01, low23).AsSingle();
                Vector256<float> k2 = Avx.UnpackLow(high01, high23).AsSingle(), k3 = Avx.UnpackHigh(high01, high23).AsSingle();
                float* to = destination + k * width;
                k0.GetLower().Store(to);
                k1.GetLower().Store(to + width);
                k2.GetLower().Store(to + 2 * width);
                k3.GetLower().Store(to + 3 * width);
                to += 4 * width;
                k0.GetUpper().Store(to);
                k1.GetUpper().Store(to + width);
                k2.GetUpper().Store(to + 2 * width);
                k3.GetUpper().Store(to + 3 * width);

                // The same part of the four lines that are packed next.
                CacheLine.Prefetch(line0 + k + 4 * stride);
                CacheLine.Prefetch(line1 + k + 4 * stride);
                CacheLine.Prefetch(line2 + k + 4 * stride);
                CacheLine.Prefetch(line3 + k + 4 * stride);
            }
        }

        if (AdvSimd.Arm64.IsSupported)
        {
            for (; k <= depth - 4; k += 4)
            {
                Vector128<float> row0 = Vector128.Load(line0 + k), row1 = Vector128.Load(line1 + k);
                Vector128<float> row2 = Vector128.Load(line2 + k), row3 = Vector128.Load(line3 + k);
                Vector128<double> low01 = AdvSimd.Arm64.ZipLow(row0, row1).AsDouble(), high01 = AdvSimd.Arm64.ZipHigh(row0, row1).AsDouble();
                Vector128<double> low23 = AdvSimd.Arm64.ZipLow(row2, row3).AsDouble(), high23 = AdvSimd.Arm64.ZipHigh(row2, row3).AsDouble();
                float* to = destination + k * width;
                AdvSimd.Arm64.ZipLow(low01, low23).AsSingle().Store(to);
                AdvSimd.Arm64.ZipHigh(low01, low23).AsSingle().Store(to + width);
                AdvSimd.Arm64.ZipLow(high01, high23).AsSingle().Store(to + 2 * width);
                AdvSimd.Arm64.ZipHigh(high01, high23).AsSingle().Store(to + 3 * width);
            }
        }

        for (; k < depth; k++)
        {
            Vector128.Create(line0[k], line1[k], line2[k], line3[k]).Store(destination + k * width);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TransposeTwo(float* source, nint stride, nint depth, float* destination, nint width)
    {
        float* line0 = source, line1 = source + stride;
        nint k = 0;
        if (Sse2.IsSupported)
        {
            for (; k <= depth - 4; k += 4)
            {
                Vector128<float> row0 = Vector128.Load(line0 + k), row1 = Vector128.Load(line1 + k);
                Vector128<double> low = Sse.UnpackLow(row0, row1).AsDouble(), high = Sse.UnpackHigh(row0, row1).AsDouble();
                float* to = destination + k * width;
                Sse2.StoreLow((double*)to, low);
                Sse2.StoreHigh((double*)(to + width), low);
                Sse2.StoreLow((double*)(to + 2 * width), high);
                Sse2.StoreHigh((double*)(to + 3 * width), high);
            }
        }

        for (; k < depth; k++)
        {
            destination[k * width] = line0[k];
            destination[k * width + 1] = line1[k];
        }
    }

    /// <summary>Writes one line, or zeros, into one column of a panel.</summary>
    private static void Spread(float* line, nint depth, float* destination, nint width)
    {
        for (nint k = 0; k < depth; k++)
        {
            destination[k * width] = line == null ? 0f : line[k];
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
