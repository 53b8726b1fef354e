using GptGen.Cuda.Driver;
using GptGen.Cuda.Kernels;

namespace GptGen;

public sealed partial class CudaDevice
{
    private static readonly KernelTemplate SquaredErrorTemplate = new("squarederror.cu", "squaredError");

    private static KernelKey[] SquaredErrorKernels => [SquaredErrorTemplate.With(0)];

    private static KernelKey[] SquaredErrorBackwardKernels => [SquaredErrorTemplate.With(1)];

    /// <inheritdoc/>
    protected override void SquaredError(Location scores, Location grades, Location losses, int examples) =>
        Launch(
            SquaredErrorTemplate.With(0), GridSize.Covering(examples, BlockThreads), BlockThreads,
            [Address(scores), Address(grades), Address(default(Location)), Address(losses), Address(default(Location)), examples]);

    /// <inheritdoc/>
    protected override void SquaredErrorBackward(
        Location scores, Location grades, Location weights, Location losses, Location dScores, int examples) =>
        Launch(
            SquaredErrorTemplate.With(1), GridSize.Covering(examples, BlockThreads), BlockThreads,
            [Address(scores), Address(grades), Address(weights), Address(losses), Address(dScores), examples]);
}
