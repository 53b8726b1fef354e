using GptGen.Cuda.Driver;
using GptGen.Cuda.Kernels;

namespace GptGen;

public sealed partial class CudaDevice
{
    internal static readonly KernelTemplate MeanRowsTemplate = new("meanrows.cu", "meanRows", ColumnSums);

    /// <inheritdoc/>
    protected override void MeanRows(Location x, Location lengths, Location y, int sequences, int length, int width)
    {
        if (sequences == 0)
            return;
        var (from, to) = (Address(x), Address(y));
        var vector = Vector(width, from, to);
        Launch(
            MeanRowsTemplate.With(vector, BlockThreads), new GridSize((uint)sequences, GridSize.Covering(width, WarpLanes * vector).X), BlockThreads,
            [from, Address(lengths), to, length, width]);
    }

    private static IEnumerable<KernelKey> MeanRowsKernels(OperatorUse use, PreparedModel model) =>
        Vectors(model, use.Widths[0]).Select(static vector => MeanRowsTemplate.With(vector, BlockThreads));
}
