using GptGen.Cuda;
using GptGen.Cuda.Kernels;

namespace GptGen;

public sealed partial class CudaDevice
{
    /// <summary>Gradients whose squares a block of the first stage sums up; the kernel knows it as 64 a thread.</summary>
    private const int NormBlockElements = 64 * BlockThreads;

    private static readonly KernelKey SquareSumsKernel = new KernelTemplate("optimizer.cu", "squareSums").With(BlockThreads);
    private static readonly KernelKey NormKernel = new KernelTemplate("optimizer.cu", "normOfSums").With(BlockThreads);
    internal static readonly KernelTemplate AdamWTemplate = new("optimizer.cu", "adamW");

    private double[] blockSums = [];

    private static KernelKey[] OptimizerKernels(PreparedModel model) =>
        [SquareSumsKernel, NormKernel, AdamWTemplate.With(model.Types.HasMaster ? 1 : 0)];

    /// <inheritdoc/>
    protected override void GradientNorm(Location gradients, nint count, Location result)
    {
        var from = Address(gradients);
        var blocks = checked((int)((count + NormBlockElements - 1) / NormBlockElements));
        lock (gate)
        {
            var sums = scratch.Take(blocks * sizeof(double), nameof(GradientNorm));
            Launch(SquareSumsKernel, blocks, BlockThreads, [from, count, AreAligned(from) ? 1 : 0, sums]);
            Launch(NormKernel, 1, BlockThreads, [sums, blocks, Address(result)]);
        }
    }

    /// <inheritdoc/>
    internal override void SquareSums(Arena gradients, nint first, nint count, Span<double> sums)
    {
        using var call = Begin();
        var from = Address(gradients.At(first));
        var blocks = checked((int)((count + NormBlockElements - 1) / NormBlockElements));
        if (blockSums.Length < blocks)
            blockSums = new double[blocks];
        lock (gate)
        {
            var parts = scratch.Take(blocks * sizeof(double), nameof(SquareSums));
            Launch(SquareSumsKernel, blocks, BlockThreads, [from, count, AreAligned(from) ? 1 : 0, parts]);
            staging.Read(parts, blockSums.AsSpan(0, blocks), nameof(SquareSums));
        }

        double total = 0;
        for (var block = 0; block < blocks; block++)
            total += blockSums[block];
        sums[0] = total;
    }

    /// <inheritdoc/>
    protected override void AdamW(
        Location parameters, Location gradients, Location firstMoments, Location secondMoments, Location norm, in AdamWStep step)
    {
        var master = ((CudaArena)parameters.Arena).Master;
        var rounded = master is null ? default : Address(parameters);
        var weights = master is null ? Address(parameters) : master.Address(parameters.Offset);
        var (slopes, first, second) = (Address(gradients), Address(firstMoments), Address(secondMoments));
        LaunchQuads(
            AdamWTemplate.With(master is null ? 0 : 1), step.Count, [weights, rounded, slopes, first, second, Address(norm), step.Count, step.Decayed,
            AreAligned(weights, rounded, slopes, first, second) ? 1 : 0, step.Clip, step.Beta1, step.Beta2,
            (float)(step.LearningRate / step.FirstCorrection), (float)(1 / step.SecondCorrection), step.Epsilon,
            1f - (step.LearningRate * step.WeightDecay)]);
    }
}
