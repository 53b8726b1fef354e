using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace GptGen.Cpu;

/// <summary>Lines that are contiguous in memory become columns, as many at a time as registers and lines allow. Values only move.</summary>
internal static unsafe class LineTransposition
{
    /// <summary>Writes lines into neighbouring columns of a matrix that has <paramref name="width"/> columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Write(float* source, nint stride, int lines, nint depth, float* destination, nint width)
    {
        int line = 0;
        if (Avx512F.IsSupported)
        {
            for (; line + 16 <= lines; line += 16)
                Sixteen(source + line * stride, stride, depth, destination + line, width);
        }

        if (Avx.IsSupported)
        {
            for (; line + 8 <= lines; line += 8)
                Eight(source + line * stride, stride, depth, destination + line, width);
        }

        for (; line + 4 <= lines; line += 4)
            Four(source + line * stride, stride, depth, destination + line, width);
        for (; line + 2 <= lines; line += 2)
            Two(source + line * stride, stride, depth, destination + line, width);
        if (line < lines)
            Spread(source + line * stride, depth, destination + line, width);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sixteen(float* source, nint stride, nint depth, float* destination, nint width)
    {
        nint k = 0;
        for (; k <= depth - 4; k += 4)
        {
            if (k % CacheLine.Floats == 0)
                AskForNext(source + k, stride, 16);

            // Quarter q of a register holds a line of the q-th four, so that what is transposed within the quarters is in order.
            float* from = source + k;
            Vector512<float> row0 = Quarters(from, stride), row1 = Quarters(from + stride, stride);
            Vector512<float> row2 = Quarters(from + 2 * stride, stride), row3 = Quarters(from + 3 * stride, stride);
            Vector512<double> low01 = Avx512F.UnpackLow(row0, row1).AsDouble(), high01 = Avx512F.UnpackHigh(row0, row1).AsDouble();
            Vector512<double> low23 = Avx512F.UnpackLow(row2, row3).AsDouble(), high23 = Avx512F.UnpackHigh(row2, row3).AsDouble();
            float* to = destination + k * width;
            Avx512F.UnpackLow(low01, low23).AsSingle().Store(to);
            Avx512F.UnpackHigh(low01, low23).AsSingle().Store(to + width);
            Avx512F.UnpackLow(high01, high23).AsSingle().Store(to + 2 * width);
            Avx512F.UnpackHigh(high01, high23).AsSingle().Store(to + 3 * width);
        }

        WriteRest(source, stride, 16, k, depth, destination, width);
    }

    /// <summary>Asks for a cache line of each of the lines that are packed after these.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AskForNext(float* source, nint stride, int lines)
    {
        for (int line = lines; line < 2 * lines; line++)
            CacheLine.Prefetch(source + line * stride);
    }

    /// <summary>What is left of the depth, number by number.</summary>
    private static void WriteRest(float* source, nint stride, int lines, nint k, nint depth, float* destination, nint width)
    {
        for (; k < depth; k++)
        {
            for (int line = 0; line < lines; line++)
                destination[k * width + line] = source[line * stride + k];
        }
    }

    /// <summary>Four numbers of each fourth line.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Quarters(float* from, nint stride)
    {
        Vector512<float> row = Vector128.Load(from).ToVector256Unsafe().ToVector512Unsafe();
        row = Avx512F.InsertVector128(row, Vector128.Load(from + 4 * stride), 1);
        row = Avx512F.InsertVector128(row, Vector128.Load(from + 8 * stride), 2);
        return Avx512F.InsertVector128(row, Vector128.Load(from + 12 * stride), 3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Eight(float* source, nint stride, nint depth, float* destination, nint width)
    {
        nint k = 0;
        for (; k <= depth - 4; k += 4)
        {
            if (k % CacheLine.Floats == 0)
                AskForNext(source + k, stride, 8);

            float* from = source + k;
            Vector256<float> row0 = Halves(from, stride), row1 = Halves(from + stride, stride);
            Vector256<float> row2 = Halves(from + 2 * stride, stride), row3 = Halves(from + 3 * stride, stride);
            Vector256<double> low01 = Avx.UnpackLow(row0, row1).AsDouble(), high01 = Avx.UnpackHigh(row0, row1).AsDouble();
            Vector256<double> low23 = Avx.UnpackLow(row2, row3).AsDouble(), high23 = Avx.UnpackHigh(row2, row3).AsDouble();
            float* to = destination + k * width;
            Avx.UnpackLow(low01, low23).AsSingle().Store(to);
            Avx.UnpackHigh(low01, low23).AsSingle().Store(to + width);
            Avx.UnpackLow(high01, high23).AsSingle().Store(to + 2 * width);
            Avx.UnpackHigh(high01, high23).AsSingle().Store(to + 3 * width);
        }

        WriteRest(source, stride, 8, k, depth, destination, width);
    }

    /// <summary>Four numbers of a line and of the fourth after it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Halves(float* from, nint stride) =>
        Avx.InsertVector128(Vector128.Load(from).ToVector256Unsafe(), Vector128.Load(from + 4 * stride), 1);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Four(float* source, nint stride, nint depth, float* destination, nint width)
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
    private static void Two(float* source, nint stride, nint depth, float* destination, nint width)
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
    public static void Spread(float* line, nint depth, float* destination, nint width)
    {
        for (nint k = 0; k < depth; k++)
        {
            destination[k * width] = line == null ? 0f : line[k];
        }
    }
}
