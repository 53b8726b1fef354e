using GptGen.Cpu;

namespace GptGen;

public sealed unsafe partial class CpuDevice
{
    /// <inheritdoc/>
    protected override void LinearActivation(
        Location x, Location weight, Location bias, Activation activation, Location before, Location y, int rows, int inWidth, int outWidth)
    {
        float* result = Floats(y), sum = before.IsNone ? result : Floats(before);
        MultiplyByRows(
            Floats(x), Matrix(weight, inWidth), Floats(bias), sum, rows, inWidth, outWidth, outWidth,
            new ActivationKernel(activation, sum, null, result));
    }

    /// <inheritdoc/>
    protected override void LinearBackwardActivation(
        Location dy, Location weight, Activation activation, Location before, Location dBefore, int rows, int inWidth, int outWidth)
    {
        float* gradient = Floats(dBefore);
        MultiplyByColumns(
            Floats(dy), Floats(weight), gradient, GradientWrite.Write, rows, inWidth, outWidth,
            new ActivationKernel(activation, Floats(before), gradient, gradient));
    }
}
