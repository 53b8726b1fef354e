using GptGen.Cuda;
using GptGen.Cuda.Driver;
using GptGen.Cuda.Kernels;

namespace GptGen;

public sealed partial class CudaDevice
{
    private static readonly KernelTemplate ResidualAddTemplate = new("residual.cu", "residualAdd");

    private static KernelKey[] ResidualKernels => [ResidualAddKernel(BufferRole.Activation, 0), ResidualAddKernel(BufferRole.Activation, 1)];

    /// <inheritdoc/>
    protected override void ResidualAdd(Location residual, Location branch, DropoutSite dropout, Location y, nint count)
    {
        var (stem, added, to) = (Address(residual), Address(branch), Address(y));
        var mask = new DropoutArguments(dropout);
        var role = y.Arena.Role;
        Launch(
            ResidualAddKernel(role, mask.Active), GridSize.Covering(count, VectorBytes / types.Size(role) * BlockThreads), BlockThreads,
            [stem, added, to, count, AreAligned(stem, added, to) ? 1 : 0, mask.Key, mask.Place, mask.Threshold, mask.Scale]);
    }

    private static KernelKey ResidualAddKernel(BufferRole role, int drop) => ResidualAddTemplate.With((int)role, drop);

    /// <inheritdoc/>
    protected override void Copy(Location x, Location y, nint count)
    {
        if (count == 0)
            return;
        lock (gate)
            stream.CopyOnGpu(Address(y), Address(x), count * ElementSize(x.Arena.Role), "Copy");
    }
}
