using System.Runtime.CompilerServices;

namespace GptGen.Cpu;

/// <summary>
/// The work of <see cref="ThinProduct"/>: groups of outputs are claimed, and within a group four rows of the matrix at a
/// time meet the rows of x in pairs, so that each comes from memory once.
/// </summary>
internal unsafe struct ThinProductJob : IVectorJob
{
    private const int OutputsAtOnce = 4;

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
        nint fours = (Outputs + OutputsAtOnce - 1) / OutputsAtOnce;
        nint group = workers == 1 ? fours : Math.Clamp(fours / (workers * 8), 1, 32);
        while (groups.TryClaim((fours + group - 1) / group, out nint index))
        {
            nint last = Math.Min(fours, (index + 1) * group);
            for (nint four = index * group; four < last; four++)
            {
                MultiplyFour<TSimd, TVector>(four * OutputsAtOnce);
            }
        }
    }

    private readonly void MultiplyFour<TSimd, TVector>(nint output)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        // Beyond the last row of the matrix the last is read again, and what comes of it is dropped.
        nint count = Math.Min(OutputsAtOnce, Outputs - output);
        float* w0 = W + output * WStride;
        float* w1 = count > 1 ? w0 + WStride : w0;
        float* w2 = count > 2 ? w1 + WStride : w1;
        float* w3 = count > 3 ? w2 + WStride : w2;
        float* sums = stackalloc float[2 * OutputsAtOnce];
        nint row = 0;
        for (; row + 2 <= Rows; row += 2)
        {
            float* x = X + row * XStride;
            TwoByFour<TSimd, TVector>(Inputs, x, x + XStride, w0, w1, w2, w3, sums);
            Write(row, output, count, sums);
            Write(row + 1, output, count, sums + OutputsAtOnce);
        }

        if (row < Rows)
        {
            OneByFour<TSimd, TVector>(Inputs, X + row * XStride, w0, w1, w2, w3, sums);
            Write(row, output, count, sums);
        }
    }

    private readonly void Write(nint row, nint output, nint count, float* sums)
    {
        float* y = Y + row * YStride + output;
        for (nint i = 0; i < count; i++)
        {
            y[i] = Bias == null ? sums[i] : sums[i] + Bias[output + i];
        }
    }

    /// <summary>One row of x by four of the matrix: four running sums hide the latency of the additions.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void OneByFour<TSimd, TVector>(nint inputs, float* x, float* w0, float* w1, float* w2, float* w3, float* sums)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        TVector sum0 = TSimd.Zero, sum1 = TSimd.Zero, sum2 = TSimd.Zero, sum3 = TSimd.Zero;
        nint k = 0;
        for (; k <= inputs - TSimd.Count; k += TSimd.Count)
        {
            TVector value = TSimd.Load(x + k);
            sum0 = TSimd.MultiplyAdd(value, TSimd.Load(w0 + k), sum0);
            sum1 = TSimd.MultiplyAdd(value, TSimd.Load(w1 + k), sum1);
            sum2 = TSimd.MultiplyAdd(value, TSimd.Load(w2 + k), sum2);
            sum3 = TSimd.MultiplyAdd(value, TSimd.Load(w3 + k), sum3);
        }

        sums[0] = TSimd.Sum(sum0) + Rest(inputs, k, x, w0);
        sums[1] = TSimd.Sum(sum1) + Rest(inputs, k, x, w1);
        sums[2] = TSimd.Sum(sum2) + Rest(inputs, k, x, w2);
        sums[3] = TSimd.Sum(sum3) + Rest(inputs, k, x, w3);
    }

    /// <summary>Two rows of x by four of the matrix, each sum in the same order as in <see cref="OneByFour"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TwoByFour<TSimd, TVector>(
        nint inputs, float* x0, float* x1, float* w0, float* w1, float* w2, float* w3, float* sums)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        TVector sum00 = TSimd.Zero, sum01 = TSimd.Zero, sum02 = TSimd.Zero, sum03 = TSimd.Zero;
        TVector sum10 = TSimd.Zero, sum11 = TSimd.Zero, sum12 = TSimd.Zero, sum13 = TSimd.Zero;
        nint k = 0;
        for (; k <= inputs - TSimd.Count; k += TSimd.Count)
        {
            TVector value0 = TSimd.Load(x0 + k), value1 = TSimd.Load(x1 + k);
            TVector w = TSimd.Load(w0 + k);
            sum00 = TSimd.MultiplyAdd(value0, w, sum00);
            sum10 = TSimd.MultiplyAdd(value1, w, sum10);
            w = TSimd.Load(w1 + k);
            sum01 = TSimd.MultiplyAdd(value0, w, sum01);
            sum11 = TSimd.MultiplyAdd(value1, w, sum11);
            w = TSimd.Load(w2 + k);
            sum02 = TSimd.MultiplyAdd(value0, w, sum02);
            sum12 = TSimd.MultiplyAdd(value1, w, sum12);
            w = TSimd.Load(w3 + k);
            sum03 = TSimd.MultiplyAdd(value0, w, sum03);
            sum13 = TSimd.MultiplyAdd(value1, w, sum13);
        }

        sums[0] = TSimd.Sum(sum00) + Rest(inputs, k, x0, w0);
        sums[1] = TSimd.Sum(sum01) + Rest(inputs, k, x0, w1);
        sums[2] = TSimd.Sum(sum02) + Rest(inputs, k, x0, w2);
        sums[3] = TSimd.Sum(sum03) + Rest(inputs, k, x0, w3);
        sums[4] = TSimd.Sum(sum10) + Rest(inputs, k, x1, w0);
        sums[5] = TSimd.Sum(sum11) + Rest(inputs, k, x1, w1);
        sums[6] = TSimd.Sum(sum12) + Rest(inputs, k, x1, w2);
        sums[7] = TSimd.Sum(sum13) + Rest(inputs, k, x1, w3);
    }

    /// <summary>The part of a row that does not fill a vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Rest(nint inputs, nint k, float* x, float* w)
    {
        float sum = 0f;
        for (; k < inputs; k++)
        {
            sum += x[k] * w[k];
        }

        return sum;
    }
}
