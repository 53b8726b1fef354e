using GptGen.Cpu;

namespace GptGen;

public sealed unsafe partial class CpuDevice
{
    /// <inheritdoc/>
    protected override void Highway(Location gates, Location x, Location y, int rows, int width) =>
        RunRows(new HighwayKernel(Floats(gates), Floats(x), Floats(y), width), rows, width);

    /// <inheritdoc/>
    protected override void HighwayBackward(
        Location dy, Location gates, Location x, Location dGates, Location dx, GradientWrite inputWrite, int rows, int width) =>
        RunRows(
            new HighwayBackwardKernel(
                Floats(dy), Floats(gates), Floats(x), Floats(dGates), Floats(dx), inputWrite == GradientWrite.Add, width),
            rows, width);
}
