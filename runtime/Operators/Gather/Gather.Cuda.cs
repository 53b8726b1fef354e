using GptGen.Cuda.Kernels;

namespace GptGen;

public sealed partial class CudaDevice
{
    private static readonly KernelTemplate GatherTemplate = new("gather.cu", "gather");

    /// <inheritdoc/>
    protected override void Gather(Location x, Location indices, Location y, int count, int width)
    {
        if (count == 0)
            return;
        var (from, to) = (Address(x), Address(y));
        LaunchRows(GatherTemplate.With(width, Vector(width, from, to)), count, [from, Address(indices), to, count]);
    }

    private static IEnumerable<KernelKey> GatherKernels(OperatorUse use, ModelDescription model) =>
        Vectors(model, use.Widths[0]).Select(vector => GatherTemplate.With(use.Widths[0], vector));
}
