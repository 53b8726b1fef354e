namespace GptGen.Cpu;

/// <summary>
/// The loss of each row among its target and the samples, whose scores lie in <paramref name="scores"/>; their gradients take the scores' place. The
/// target's gradient stands apart, with the row times it and the target as a place, which is 0 for a row without loss, like its gradient.
/// </summary>
internal readonly unsafe struct SampledLossKernel(
    float* x, float* table, float* biases, int* targets, float* weights, int* samples, float* targetLogs, float* scores, float* losses, float* scaled,
    float* dTargets, int* places, int count, int width) : IRangeKernel
{
    /// <summary>The score of a sample that is the row's own target: its share is zero.</summary>
    private const float Excluded = -1e30f;

    /// <inheritdoc/>
    public void Run<TSimd, TVector>(nint first, nint last, int worker)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        for (nint row = first; row < last; row++)
        {
            float* values = scores + row * count, input = x + row * width, product = scaled + row * width;
            int target = targets[row];
            places[row] = Math.Max(target, 0);
            if (target == Device.IgnoredTarget)
            {
                (losses[row], dTargets[row]) = (0f, 0f);
                new CpuRange(values, count).Clear();
                new CpuRange(product, width).Clear();
                continue;
            }

            for (nint i = 0; i < count; i++)
            {
                if (samples[i] == target)
                    values[i] = Excluded;
            }

            float own = VectorRuns.Dot<TSimd, TVector>(input, table + (nint)target * width, width)
                + (biases == null ? 0f : biases[target]) - targetLogs[row];
            float largest = MathF.Max(own, VectorMath.Maximum<TSimd, TVector>(values, count));
            float mine = MathF.Exp(own - largest);
            float sum = mine + VectorRuns.Exponentials<TSimd, TVector>(values, values, 1f, largest, count);
            losses[row] = largest - own + MathF.Log(sum);
            VectorRuns.Scale<TSimd, TVector>(values, weights[row] / sum, count);
            dTargets[row] = weights[row] * (mine - sum) / sum;
            CpuRange.Copy(input, product, width);
            VectorRuns.Scale<TSimd, TVector>(product, dTargets[row], width);
        }
    }
}

/// <summary>Adds to each row's gradient what its target contributes.</summary>
internal readonly unsafe struct TargetInputKernel(float* table, int* targets, float* dTargets, float* dx, int width) : IRangeKernel
{
    /// <inheritdoc/>
    public void Run<TSimd, TVector>(nint first, nint last, int worker)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        for (nint row = first; row < last; row++)
            VectorRuns.AddScaled<TSimd, TVector>(dx + row * width, table + (nint)targets[row] * width, dTargets[row], width);
    }
}
