using GptGen.Cpu;

namespace GptGen;

public sealed unsafe partial class CpuDevice
{
    /// <inheritdoc/>
    protected override void GradientNorm(Location gradients, nint count, Location result)
    {
        using ScratchPool.Lease lease = scratches.Rent();
        nint blocks = (count + SquareSumKernel.Block - 1) / SquareSumKernel.Block;
        var sums = (double*)lease.Scratch.Floats(Math.Max(1, 2 * blocks));
        SquareSums(Floats(gradients), count, sums);
        double total = 0;
        for (nint block = 0; block < blocks; block++)
            total += sums[block];
        *Floats(result) = (float)Math.Sqrt(total);
    }

    /// <inheritdoc/>
    internal override void SquareSums(Arena gradients, nint first, nint count, Span<double> sums)
    {
        using var call = Begin();
        fixed (double* written = sums)
            SquareSums(Floats(gradients.At(first)), count, written);
    }

    private void SquareSums(float* gradients, nint count, double* sums) =>
        Run(new SquareSumKernel(gradients, count, sums), (count + SquareSumKernel.Block - 1) / SquareSumKernel.Block, 1);

    /// <inheritdoc/>
    protected override void AdamW(
        Location parameters, Location gradients, Location firstMoments, Location secondMoments, Location norm, in AdamWStep step)
    {
        float scale = step.Clip > 0 ? Math.Min(1f, step.Clip / (*Floats(norm) + 1e-6f)) : 1f;
        RunElements(new AdamWKernel(Floats(parameters), Floats(gradients), Floats(firstMoments), Floats(secondMoments), scale, step), step.Count);
    }
}
