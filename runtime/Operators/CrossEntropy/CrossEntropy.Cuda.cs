using GptGen.Cuda.Kernels;

namespace GptGen;

public sealed partial class CudaDevice
{
    private static readonly KernelTemplate ScoreLossTemplate = new("crossentropy.cu", "scores::crossEntropy");

    private static KernelKey[] ScoreLossKernels => [ScoreLossTemplate.With(0)];

    private static KernelKey[] ScoreLossBackwardKernels => [ScoreLossTemplate.With(1)];

    /// <inheritdoc/>
    protected override void CrossEntropy(Location scores, Location labels, Location losses, int examples, int classes) =>
        LaunchRows(
            ScoreLossTemplate.With(0), examples,
            [Address(scores), Address(labels), Address(default(Location)), Address(losses), Address(default(Location)), examples, classes]);

    /// <inheritdoc/>
    protected override void CrossEntropyBackward(
        Location scores, Location labels, Location weights, Location losses, Location dScores, int examples, int classes) =>
        LaunchRows(
            ScoreLossTemplate.With(1), examples,
            [Address(scores), Address(labels), Address(weights), Address(losses), Address(dScores), examples, classes]);
}
