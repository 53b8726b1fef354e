using GptGen.Cuda;
using GptGen.Cuda.Kernels;

namespace GptGen;

public sealed partial class CudaDevice
{
    private static readonly KernelTemplate PoolTemplate = new("pool.cu", "pool");
    private static readonly KernelTemplate PoolBackwardTemplate = new("pool.cu", "poolBackward");

    /// <inheritdoc/>
    protected override void Pool(Location x, Location rows, DropoutSite dropout, Location y, int members, int count, int width)
    {
        if (count == 0)
            return;
        var (from, to) = (Address(x), Address(y));
        var mask = new DropoutArguments(dropout);
        LaunchRows(
            PoolTemplate.With(width, Vector(width, from, to), mask.Active), count,
            [from, Address(rows), to, members, count, mask.Key, mask.Place, mask.Threshold, mask.Scale]);
    }

    /// <inheritdoc/>
    protected override void PoolBackward(
        Location dy, Location rows, DropoutSite dropout, Location dx, GradientWrite write, int members, int count, int inputRows, int width)
    {
        var to = Address(dx);
        if (write == GradientWrite.Write)
            Clear(to, (nint)inputRows * width * ElementSize(dx.Arena.Role), nameof(PoolBackward));
        if (count == 0)
            return;
        var from = Address(dy);
        var mask = new DropoutArguments(dropout);
        LaunchRows(
            PoolBackwardTemplate.With(width, Vector(width, from, to), mask.Active), count,
            [from, Address(rows), to, members, count, mask.Key, mask.Place, mask.Threshold, mask.Scale]);
    }

    private static IEnumerable<KernelKey> PoolKernels(OperatorUse use, PreparedModel model) => PoolKernels(PoolTemplate, use, model);

    private static IEnumerable<KernelKey> PoolBackwardKernels(OperatorUse use, PreparedModel model) =>
        PoolKernels(PoolBackwardTemplate, use, model);

    private static IEnumerable<KernelKey> PoolKernels(KernelTemplate template, OperatorUse use, PreparedModel model) =>
        from vector in Vectors(model, use.Widths[0])
        from drop in (int[])[0, 1]
        select template.With(use.Widths[0], vector, drop);
}
