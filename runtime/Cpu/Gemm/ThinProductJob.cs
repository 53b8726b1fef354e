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

    /// <summary>
    /// Four rows of the matrix at a time, which stay in the first-level cache while the rows of x pass in fours or pairs: one from each quarter of
    /// the group, so that each quarter is read from its beginning to its end, which the processor foresees.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    private readonly void MultiplyGroup<TSimd, TVector>(nint first, nint last)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        float* sums = stackalloc float[16];

        // Rows a cache line further apart than they are long, so that those of a power of two do not share their places in the cache.
        nint decodedStride = Inputs + CacheLine.Floats;
        bool isDecodedOnce = !W.IsFloat32 && Rows > 1;
        float* decoded = stackalloc float[isDecodedOnce ? (int)(4 * decodedStride) : 1];
        nint ahead = W.IsFloat32 ? W.Stride : 0;

        // Beyond the end the last row stands in, whose sums are then dropped.
        nint quarter = (last - first + 3) / 4, end = last - 1;
        for (nint output = first; output < first + quarter; output++)
        {
            nint second = Math.Min(output + quarter, end), third = Math.Min(output + 2 * quarter, end), fourth = Math.Min(output + 3 * quarter, end);
            if (!W.IsFloat32 && !isDecodedOnce)
            {
                WeightDecoding.OneByFour<TSimd, TVector>(
                    W.Type, Inputs, X, W.Encoded(output), W.Encoded(second), W.Encoded(third), W.Encoded(fourth), W.RowBytes, sums);
                Write(0, output, quarter, last, sums);
                continue;
            }

            float* w0 = Weights<TSimd, TVector>(output, decoded), w1 = Weights<TSimd, TVector>(second, decoded + decodedStride);
            float* w2 = Weights<TSimd, TVector>(third, decoded + 2 * decodedStride);
            float* w3 = Weights<TSimd, TVector>(fourth, decoded + 3 * decodedStride);
            nint row = 0;
            for (; SimdHardware.HasManyRegisters(TSimd.Count) && row + 4 <= Rows; row += 4)
            {
                DotProducts.FourByFour<TSimd, TVector>(Inputs, X + row * XStride, XStride, w0, w1, w2, w3, ahead, sums);
                for (var line = 0; line < 4; line++)
                    Write(row + line, output, quarter, last, sums + 4 * line);
            }

            for (; row + 2 <= Rows; row += 2)
            {
                float* x = X + row * XStride;
                DotProducts.TwoByFour<TSimd, TVector>(Inputs, x, x + XStride, w0, w1, w2, w3, ahead, sums);
                Write(row, output, quarter, last, sums);
                Write(row + 1, output, quarter, last, sums + 4);
            }

            if (row < Rows)
            {
                DotProducts.OneByFour<TSimd, TVector>(Inputs, X + row * XStride, w0, w1, w2, w3, sums);
                Write(row, output, quarter, last, sums);
            }
        }
    }

    /// <summary>A row of the matrix as f32, and the next one asked for.</summary>
    private readonly float* Weights<TSimd, TVector>(nint output, float* buffer)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged => W.Row<TSimd, TVector>(output, Inputs, buffer, ahead: 1);

    /// <summary>Sums of a row of x with a row of the matrix from each quarter, those that there are.</summary>
    private readonly void Write(nint row, nint output, nint quarter, nint last, float* sums)
    {
        float* y = Y + row * YStride;
        for (; output < last; output += quarter, sums++)
            y[output] = Bias == null ? *sums : *sums + Bias[output];
    }
}
