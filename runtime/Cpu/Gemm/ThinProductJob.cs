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

    public required float* W { get; init; }

    public required nint WStride { get; init; }

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
    private readonly void MultiplyGroup<TSimd, TVector>(nint first, nint last)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        float* sums = stackalloc float[16];
        for (nint output = first; output < last; output += 4)
        {
            nint count = Math.Min(4, last - output);
            float* w0 = Weights(output), w1 = Weights(output + 1), w2 = Weights(output + 2), w3 = Weights(output + 3);
            nint row = 0;
            for (; SimdHardware.HasManyRegisters(TSimd.Count) && row + 4 <= Rows; row += 4)
            {
                DotProducts.FourByFour<TSimd, TVector>(Inputs, X + row * XStride, XStride, w0, w1, w2, w3, 4 * WStride, sums);
                for (var line = 0; line < 4; line++)
                    Write(row + line, output, count, sums + 4 * line);
            }

            for (; row + 2 <= Rows; row += 2)
            {
                float* x = X + row * XStride;
                DotProducts.TwoByFour<TSimd, TVector>(Inputs, x, x + XStride, w0, w1, w2, w3, 4 * WStride, sums);
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
    private readonly float* Weights(nint output) => W + Math.Min(output, Outputs - 1) * WStride;

    private readonly void Write(nint row, nint output, nint count, float* sums)
    {
        float* y = Y + row * YStride + output;
        for (nint i = 0; i < count; i++)
        {
            y[i] = Bias == null ? sums[i] : sums[i] + Bias[output + i];
        }
    }
}
