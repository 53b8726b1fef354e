using GptGen.Cpu;

namespace GptGen;

public sealed unsafe partial class CpuDevice
{
    /// <inheritdoc/>
    protected override void LinearResidual(
        Location x, Location weight, Location bias, Location residual, DropoutSite dropout, Location y, int rows, int inWidth, int outWidth) =>
        MultiplyByRows(
            Floats(x), Matrix(weight, inWidth), Floats(bias), Floats(y), rows, inWidth, outWidth, outWidth,
            new ResidualKernel(Floats(residual), Floats(y), new DropoutMask(dropout), Floats(y)));
}
