using GptGen.Cuda.Kernels;

namespace GptGen;

public sealed partial class CudaDevice
{
    private const int ClusterThreads = 256;

    private static readonly KernelTemplate ClusterLogitsTemplate = new("clusterlogits.cu", "clusters::logProbabilities");

    internal static readonly KernelKey ClusterLogitsKernel = ClusterLogitsTemplate.With(ClusterThreads);

    /// <inheritdoc/>
    protected override void ClusterLogProbabilities(Location logits, Location head, Location y, in ClusterShape shape)
    {
        if (shape.Rows == 0)
            return;
        Launch(
            ClusterLogitsKernel, shape.Rows, ClusterThreads,
            [
                Address(logits), Address(head), Address(y), shape.Size, shape.Stride, shape.Columns, shape.Column, shape.HeadStride, shape.First,
                shape.VocabularyStride,
            ], nameof(ClusterLogProbabilities));
    }
}
