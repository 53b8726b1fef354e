using System.Runtime.CompilerServices;

namespace GptGen.Cpu;

/// <summary>
/// The work of <see cref="ThinProduct"/>: groups of outputs are claimed, and within a group each row of the matrix comes
/// from memory once, for all rows of x. The properties are the parameters of <see cref="ThinProduct.Multiply"/>.
/// </summary>
internal unsafe struct ThinProductJob : IVectorJob
{
    private WorkCounter groups;

    public required nint Rows { get; init; }

    public required nint Outputs { get; init; }

    public required nint Inputs { get; init; }

    public required float* X { get; init; }

    public required nint XStride { get; init; }

    public required WeightMatrix W { get; init; }

    public required float* Y { get; init; }

    public required nint YStride { get; init; }

    public float* Bias { get; init; }

    /// <inheritdoc/>
    public void Run<TSimd, TVector>(int worker, int workers)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        // A worker alone takes everything at once; otherwise groups of up to 128 rows of the matrix, eight for each.
        nint fours = (Outputs + 3) / 4;
        nint group = workers == 1 ? fours : Math.Clamp(fours / (workers * 8), 1, 32);
        while (groups.TryClaim((fours + group - 1) / group, out nint index))
        {
            nint first = index * group * 4;
            nint last = Math.Min(Outputs, first + group * 4);
            MultiplyGroup<TSimd, TVector>(first, last);
        }
    }

    /// <summary>Four rows of the matrix at a time: they stay in the first-level cache while the rows of x pass in fours or pairs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    private readonly void MultiplyGroup<TSimd, TVector>(nint first, nint last)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        float* sums = stackalloc float[16];

        // Rows a cache line further apart than they are long, so that those of a power of two do not share their places in the cache.
        nint decodedStride = Inputs + CacheLine.Floats;
        float* decoded = stackalloc float[W.IsFloat32 ? 1 : (int)(4 * decodedStride)];
        nint ahead = W.IsFloat32 ? 4 * W.Stride : 0;
        for (nint output = first; output < last; output += 4)
        {
            nint count = Math.Min(4, last - output);
            if (Rows == 1 && !W.IsFloat32)
            {
                nint end = Outputs - 1;
                WeightDecoding.OneByFour<TSimd, TVector>(
                    W.Type, Inputs, X, W.Encoded(output), W.Encoded(Math.Min(output + 1, end)), W.Encoded(Math.Min(output + 2, end)),
                    W.Encoded(Math.Min(output + 3, end)), 4 * W.RowBytes, sums);
                Write(0, output, count, sums);
                continue;
            }

            float* w0 = Weights<TSimd, TVector>(output, decoded), w1 = Weights<TSimd, TVector>(output + 1, decoded + decodedStride);
            float* w2 = Weights<TSimd, TVector>(output + 2, decoded + 2 * decodedStride);
            float* w3 = Weights<TSimd, TVector>(output + 3, decoded + 3 * decodedStride);
            nint row = 0;
            for (; SimdHardware.HasManyRegisters(TSimd.Count) && row + 4 <= Rows; row += 4)
            {
                DotProducts.FourByFour<TSimd, TVector>(Inputs, X + row * XStride, XStride, w0, w1, w2, w3, ahead, sums);
                for (var line = 0; line < 4; line++)
                    Write(row + line, output, count, sums + 4 * line);
            }

            for (; row + 2 <= Rows; row += 2)
            {
                float* x = X + row * XStride;
                DotProducts.TwoByFour<TSimd, TVector>(Inputs, x, x + XStride, w0, w1, w2, w3, ahead, sums);
                Write(row, output, count, sums);
                Write(row + 1, output, count, sums + 4);
            }

            if (row < Rows)
            {
                DotProducts.OneByFour<TSimd, TVector>(Inputs, X + row * XStride, w0, w1, w2, w3, sums);
                Write(row, output, count, sums);
            }
        }
    }

    /// <summary>A row of the matrix; beyond the end the last, whose sums are then dropped.</summary>
    private readonly float* Weights<TSimd, TVector>(nint output, float* buffer)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged => W.Row<TSimd, TVector>(Math.Min(output, Outputs - 1), Inputs, buffer, ahead: 4);

    private readonly void Write(nint row, nint output, nint count, float* sums)
    {
        float* y = Y + row * YStride + output;
        for (nint i = 0; i < count; i++)
        {
            y[i] = Bias == null ? sums[i] : sums[i] + Bias[output + i];
        }
    }
}
