using GptGen.Cuda.Driver;
using GptGen.Cuda.Kernels;

namespace GptGen;

public sealed partial class CudaDevice
{
    internal static readonly KernelTemplate CopySlicesTemplate = new("copyslices.cu", "copySlices");

    /// <inheritdoc/>
    protected override void CopySlices(
        in SequenceSlice from, in SequenceSlice to, int rows, int sequences, int width, GradientWrite write)
    {
        if (rows == 0 || sequences == 0)
            return;
        var (source, target) = (Address(from.Start), Address(to.Start));
        // A sequence's rows are neighbours: it has one run of elements.
        Launch(
            CopySlicesTemplate.With(Vector(width, source, target), write == GradientWrite.Add ? 1 : 0),
            new GridSize(GridSize.Covering((nint)rows * width, types.Wide * BlockThreads).X, (uint)sequences), BlockThreads,
            [
                source, target, (long)from.Length * width, (long)from.First * width, (long)to.Length * width, (long)to.First * width,
                (long)rows * width,
            ]);
    }

    private static IEnumerable<KernelKey> CopySlicesKernels(OperatorUse use, PreparedModel model) =>
        from vector in Vectors(model, use.Widths[0])
        from add in (int[])[0, 1]
        select CopySlicesTemplate.With(vector, add);
}
