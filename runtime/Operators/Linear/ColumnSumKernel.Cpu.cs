using System.Runtime.CompilerServices;

namespace GptGen.Cpu;

/// <summary>The sum of a matrix's rows, for some columns, added in the order of the rows: the gradient of a bias.</summary>
internal readonly unsafe struct ColumnSumKernel(float* values, float* sums, int rows, int stride, bool add) : IRangeKernel
{
    /// <summary>Columns of one piece of work.</summary>
    public const int Strip = 64;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TSimd, TVector>(nint first, nint last, int worker)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        float* strip = stackalloc float[4 * TSimd.Count];
        nint column = first;
        for (; column <= last - 4 * TSimd.Count; column += 4 * TSimd.Count)
        {
            TVector sum0 = TSimd.Zero, sum1 = sum0, sum2 = sum0, sum3 = sum0;
            float* from = values + column;
            for (nint row = 0; row < rows; row++, from += stride)
            {
                sum0 = TSimd.Add(sum0, TSimd.Load(from));
                sum1 = TSimd.Add(sum1, TSimd.Load(from + TSimd.Count));
                sum2 = TSimd.Add(sum2, TSimd.Load(from + 2 * TSimd.Count));
                sum3 = TSimd.Add(sum3, TSimd.Load(from + 3 * TSimd.Count));
            }

            TSimd.Store(strip, sum0);
            TSimd.Store(strip + TSimd.Count, sum1);
            TSimd.Store(strip + 2 * TSimd.Count, sum2);
            TSimd.Store(strip + 3 * TSimd.Count, sum3);
            for (nint i = 0; i < 4 * TSimd.Count; i++)
                Write(column + i, strip[i]);
        }

        for (; column < last; column++)
        {
            float sum = 0f;
            for (nint row = 0; row < rows; row++)
                sum += values[row * stride + column];
            Write(column, sum);
        }
    }

    private void Write(nint column, float sum) => sums[column] = add ? sums[column] + sum : sum;
}
