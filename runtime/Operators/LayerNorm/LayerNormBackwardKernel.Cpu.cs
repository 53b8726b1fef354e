using System.Runtime.CompilerServices;

namespace GptGen.Cpu;

/// <summary>
/// Gradients of LayerNorm. An item is a part of the rows: it has its own sums for gain and bias, [part, 2, width], so that their order
/// does not depend on who did which part.
/// </summary>
internal readonly unsafe struct LayerNormBackwardKernel(
    float* dy, float* x, float* gain, float* mean, float* reciprocalDeviation, float* dx, bool add, float* sums, int rows, int width) : IRangeKernel
{
    private const int RowsOfAPart = 16, MostParts = 64;

    /// <summary>Into how many parts the rows are split: never a matter of threads.</summary>
    public static nint Parts(nint rows) => Math.Min(MostParts, (rows + RowsOfAPart - 1) / RowsOfAPart);

    /// <inheritdoc/>
    public void Run<TSimd, TVector>(nint first, nint last, int worker)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        nint parts = Parts(rows);
        for (nint part = first; part < last; part++)
        {
            float* dGain = sums + part * 2 * width;
            new CpuRange(dGain, 2 * width).Clear();
            for (nint row = part * rows / parts; row < (part + 1) * rows / parts; row++)
                Row<TSimd, TVector>(row, dGain, dGain + width);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Row<TSimd, TVector>(nint row, float* dGain, float* dBias)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        float* from = x + row * width, gradient = dy + row * width, to = dx + row * width;
        float average = mean[row], reciprocal = reciprocalDeviation[row];
        TVector center = TSimd.Create(average), scale = TSimd.Create(reciprocal), sums0 = TSimd.Zero, sums1 = TSimd.Zero;
        nint i = 0;
        for (; i <= width - TSimd.Count; i += TSimd.Count)
        {
            TVector d = TSimd.Load(gradient + i), normal = TSimd.Multiply(TSimd.Subtract(TSimd.Load(from + i), center), scale);
            TVector g = TSimd.Multiply(d, TSimd.Load(gain + i));
            sums0 = TSimd.Add(sums0, g);
            sums1 = TSimd.MultiplyAdd(g, normal, sums1);
            TSimd.Store(dBias + i, TSimd.Add(TSimd.Load(dBias + i), d));
            TSimd.Store(dGain + i, TSimd.MultiplyAdd(d, normal, TSimd.Load(dGain + i)));
        }

        float sum = TSimd.Sum(sums0), product = TSimd.Sum(sums1);
        for (; i < width; i++)
        {
            float normal = (from[i] - average) * reciprocal, g = gradient[i] * gain[i];
            sum += g;
            product += g * normal;
            dBias[i] += gradient[i];
            dGain[i] += gradient[i] * normal;
        }

        sum /= width;
        product /= width;
        TVector means = TSimd.Create(sum), products = TSimd.Create(product);
        for (i = 0; i <= width - TSimd.Count; i += TSimd.Count)
        {
            TVector normal = TSimd.Multiply(TSimd.Subtract(TSimd.Load(from + i), center), scale);
            TVector g = TSimd.Subtract(TSimd.Multiply(TSimd.Load(gradient + i), TSimd.Load(gain + i)), means);
            g = TSimd.Multiply(TSimd.MultiplySubtractFrom(normal, products, g), scale);
            TSimd.Store(to + i, add ? TSimd.Add(TSimd.Load(to + i), g) : g);
        }

        for (; i < width; i++)
        {
            float g = (gradient[i] * gain[i] - sum - (from[i] - average) * reciprocal * product) * reciprocal;
            to[i] = add ? to[i] + g : g;
        }
    }
}
