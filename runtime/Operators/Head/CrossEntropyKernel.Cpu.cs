namespace GptGen.Cpu;

/// <summary>The loss of each row of logits and, with weights, its gradient in the logits' place; padding columns become zero.</summary>
internal readonly unsafe struct CrossEntropyKernel(
    float* logits, int* targets, float* weights, float* losses, float smoothing, HeadShape shape) : IRangeKernel
{
    /// <inheritdoc/>
    public void Run<TSimd, TVector>(nint first, nint last, int worker)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        // Without gradients the exponentials are only summed up: they overwrite the logits, which nobody reads any more.
        for (nint row = first; row < last; row++)
        {
            float* values = logits + row * shape.Stride;
            int target = targets[row];
            if (target == Device.IgnoredTarget)
            {
                losses[row] = 0f;
                if (weights != null)
                    new CpuRange(values, shape.Stride).Clear();
                continue;
            }

            float chosen = values[target];
            // The mean loss of all tokens is larger than the target's by what their logits are smaller on average.
            float excess = smoothing == 0f ? 0f : -VectorRuns.SumOfDifferences<TSimd, TVector>(values, chosen, shape.Vocabulary) / shape.Vocabulary;
            float largest = VectorMath.Maximum<TSimd, TVector>(values, shape.Vocabulary);
            float sum = VectorRuns.Exponentials<TSimd, TVector>(values, values, 1f, largest, shape.Vocabulary);
            losses[row] = largest - chosen + MathF.Log(sum) + smoothing * excess;
            if (weights != null)
            {
                VectorRuns.Scale<TSimd, TVector>(values, weights[row] / sum, shape.Vocabulary);
                if (smoothing != 0f)
                    VectorRuns.AddConstant<TSimd, TVector>(values, -weights[row] * smoothing / shape.Vocabulary, shape.Vocabulary);
                values[target] -= weights[row] * (1f - smoothing);
                new CpuRange(values + shape.Vocabulary, shape.Stride - shape.Vocabulary).Clear();
            }
        }
    }
}
