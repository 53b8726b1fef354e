using GptGen.Cuda.Kernels;

namespace GptGen;

public sealed partial class CudaDevice
{
    internal static readonly KernelTemplate PositionLossTemplate = new("positioncrossentropy.cu", "positions::crossEntropy");

    private static KernelKey[] PositionLossKernels => [PositionLossTemplate.With(0)];

    private static KernelKey[] PositionLossBackwardKernels => [PositionLossTemplate.With(1)];

    /// <inheritdoc/>
    protected override void PositionCrossEntropy(
        Location scores, Location lengths, Location targets, Location losses, int sequences, int length, int columns) =>
        LaunchRows(
            PositionLossTemplate.With(0), sequences * columns,
            [
                Address(scores), Address(lengths), Address(targets), Address(default(Location)), Address(losses), Address(default(Location)),
                sequences * columns, length, columns,
            ]);

    /// <inheritdoc/>
    protected override void PositionCrossEntropyBackward(
        Location scores, Location lengths, Location targets, Location weights, Location losses, Location dScores, int sequences, int length,
        int columns) =>
        LaunchRows(
            PositionLossTemplate.With(1), sequences * columns,
            [
                Address(scores), Address(lengths), Address(targets), Address(weights), Address(losses), Address(dScores), sequences * columns,
                length, columns,
            ]);
}
