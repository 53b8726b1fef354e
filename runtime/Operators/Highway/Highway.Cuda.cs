using GptGen.Cuda.Driver;
using GptGen.Cuda.Kernels;

namespace GptGen;

public sealed partial class CudaDevice
{
    internal static readonly KernelKey HighwayKernel = new KernelTemplate("highway.cu", "highway::forward").With();
    internal static readonly KernelKey HighwayBackwardKernel = new KernelTemplate("highway.cu", "highway::backward").With();

    /// <inheritdoc/>
    protected override void Highway(Location gates, Location x, Location y, int rows, int width) =>
        Launch(HighwayKernel, NumbersOfRows(rows, width), BlockThreads, [Address(gates), Address(x), Address(y), width]);

    /// <inheritdoc/>
    protected override void HighwayBackward(
        Location dy, Location gates, Location x, Location dGates, Location dx, GradientWrite inputWrite, int rows, int width) =>
        Launch(
            HighwayBackwardKernel, NumbersOfRows(rows, width), BlockThreads,
            [
                Address(dy), Address(gates), Address(x), Address(dGates), Address(dx), inputWrite == GradientWrite.Add ? 1 : 0, width,
            ]);
}
