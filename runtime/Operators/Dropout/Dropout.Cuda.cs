using GptGen.Cuda;
using GptGen.Cuda.Kernels;

namespace GptGen;

public sealed partial class CudaDevice
{
    internal static readonly KernelKey DropoutKernel = new KernelTemplate("dropout.cu", "dropout").With();

    /// <inheritdoc/>
    protected override void Dropout(Location x, DropoutSite dropout, Location y, nint count)
    {
        var (from, to) = (Address(x), Address(y));
        var mask = new DropoutArguments(dropout);
        LaunchElements(DropoutKernel, count, [from, to, count, AreAligned(from, to) ? 1 : 0, mask.Key, mask.Place, mask.Threshold, mask.Scale]);
    }
}
