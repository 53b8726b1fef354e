using GptGen.Cuda.Kernels;

namespace GptGen;

public sealed partial class CudaDevice
{
    /// <summary>Gradients whose squares a block of the first stage sums up; the kernel knows it as 64 a thread.</summary>
    private const int NormBlockElements = 64 * BlockThreads;

    private static readonly KernelKey SquareSumsKernel = new KernelTemplate("optimizer.cu", "squareSums").With(BlockThreads);
    private static readonly KernelKey NormKernel = new KernelTemplate("optimizer.cu", "normOfSums").With(BlockThreads);
    private static readonly KernelKey AdamWKernel = new KernelTemplate("optimizer.cu", "adamW").With();

    private static KernelKey[] OptimizerKernels => [SquareSumsKernel, NormKernel, AdamWKernel];

    /// <inheritdoc/>
    public override void GradientNorm(Arena gradients, nint count, Statistics result)
    {
        var from = Address(gradients);
        var blocks = checked((int)((count + NormBlockElements - 1) / NormBlockElements));
        lock (gate)
        {
            var sums = scratch.Take(blocks * sizeof(double), nameof(GradientNorm));
            Launch(SquareSumsKernel, blocks, BlockThreads, [from, count, AreAligned(from) ? 1 : 0, sums]);
            Launch(NormKernel, 1, BlockThreads, [sums, blocks, Address(result.Start)]);
        }
    }

    /// <inheritdoc/>
    public override void AdamW(Arena parameters, Arena gradients, Arena firstMoments, Arena secondMoments, Statistics norm, in AdamWStep step)
    {
        var (weights, slopes, first, second) = (Address(parameters), Address(gradients), Address(firstMoments), Address(secondMoments));
        LaunchElements(
            AdamWKernel, step.Count, [weights, slopes, first, second, Address(norm.Start), step.Count, step.Decayed,
            AreAligned(weights, slopes, first, second) ? 1 : 0, step.Clip, step.Beta1, step.Beta2,
            (float)(step.LearningRate / (1 - Math.Pow(step.Beta1, step.Step))), (float)(1 / (1 - Math.Pow(step.Beta2, step.Step))), step.Epsilon,
            1f - (step.LearningRate * step.WeightDecay)]);
    }
}
