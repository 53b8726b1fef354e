using GptGen.Cpu;

namespace GptGen;

public sealed unsafe partial class CpuDevice
{
    /// <inheritdoc/>
    protected override void LayerNorm(
        Location x, Location gain, Location bias, float epsilon, Location y, Location mean, Location reciprocalDeviation, int rows, int width) =>
        RunRows(
            new LayerNormKernel(
                Floats(x), Floats(gain), Floats(bias), epsilon, Floats(y), Floats(mean), Floats(reciprocalDeviation), width),
            rows, width);

    /// <inheritdoc/>
    protected override void LayerNormBackward(
        Location dy, Location x, Location gain, Location mean, Location reciprocalDeviation, Location dx, GradientWrite inputWrite,
        Location dGain, Location dBias, GradientWrite parameterWrite, int rows, int width)
    {
        using ScratchPool.Lease lease = scratches.Rent();
        nint parts = LayerNormBackwardKernel.Parts(rows);
        float* sums = lease.Scratch.Floats(Math.Max(1, parts * 2 * width));
        var kernel = new LayerNormBackwardKernel(
            Floats(dy), Floats(x), Floats(gain), Floats(mean), Floats(reciprocalDeviation), Floats(dx), inputWrite == GradientWrite.Add,
            sums, rows, width);
        Run(kernel, parts, 1);
        bool add = parameterWrite == GradientWrite.Add;
        Run(new ColumnSumKernel(sums, Floats(dGain), (int)parts, 2 * width, add), width, ColumnSumKernel.Strip);
        if (!dBias.IsNone)
            Run(new ColumnSumKernel(sums + width, Floats(dBias), (int)parts, 2 * width, add), width, ColumnSumKernel.Strip);
    }
}
