using GptGen.Cuda.Driver;
using GptGen.Cuda.Kernels;

namespace GptGen;

public sealed partial class CudaDevice
{
    /// <summary>Numbers of a layer that a block sums up: many enough that one thread adds what comes of all blocks.</summary>
    private const int MixingPart = 1 << 14;

    internal static readonly KernelTemplate MixTemplate = new("mixlayers.cu", "mixing::mix");
    internal static readonly KernelTemplate MixPartsTemplate = new("mixlayers.cu", "mixing::sumParts");
    internal static readonly KernelTemplate MixParametersTemplate = new("mixlayers.cu", "mixing::parameters");
    internal static readonly KernelTemplate MixBackwardTemplate = new("mixlayers.cu", "mixing::layersBackward");

    internal static readonly KernelTemplate MomentPartsTemplate = new("mixlayers.cu", "mixing::momentParts");
    internal static readonly KernelTemplate JoinMomentsTemplate = new("mixlayers.cu", "mixing::joinMoments");

    /// <inheritdoc/>
    protected override void MixLayers(Location layers, Location weights, Location gamma, Location lengths, Location y, in MixShape shape)
    {
        var (from, to, count) = (Address(layers), Address(y), shape.Count);
        lock (gate)
        {
            nint bytes = 0;
            var momentsAt = Room(ref bytes, 1, MomentNumbers(shape));
            var moments = shape.IsNormalized ? LayerMoments(from, lengths, scratch.Take(bytes, nameof(MixLayers)) + momentsAt, shape) : default;
            LaunchElements(
                MixTemplate.With(shape.Layers, shape.IsNormalized ? 1 : 0), count,
                [from, Address(weights), Address(gamma), moments, to, (long)count, MixesAtOnce(count, from, to)]);
        }
    }

    /// <inheritdoc/>
    protected override void MixLayersBackward(
        Location dy, Location layers, Location weights, Location gamma, Location lengths, Location dLayers, GradientWrite inputWrite,
        Location dWeights, Location dGamma, GradientWrite parameterWrite, in MixShape shape)
    {
        var (gradient, from, shares, scale) = (Address(dy), Address(layers), Address(weights), Address(gamma));
        var (layerCount, count) = (shape.Layers, shape.Count);
        var parts = checked((int)((count + MixingPart - 1) / MixingPart));
        lock (gate)
        {
            nint bytes = 0;
            var (sumsAt, momentsAt) = (Room(ref bytes, Math.Max(1, parts), layerCount), Room(ref bytes, 1, MomentNumbers(shape)));
            var memory = scratch.Take(bytes, nameof(MixLayersBackward));
            var sums = memory + sumsAt;
            if (parts > 0)
            {
                var moments = shape.IsNormalized ? LayerMoments(from, lengths, memory + momentsAt, shape) : default;
                Launch(
                    MixPartsTemplate.With(layerCount, BlockThreads, shape.IsNormalized ? 1 : 0), parts, BlockThreads,
                    [gradient, from, moments, sums, (long)count, (long)MixingPart]);
            }

            Launch(
                MixParametersTemplate.With(layerCount), 1, 1,
                [sums, parts, shares, scale, Address(dWeights), Address(dGamma), parameterWrite == GradientWrite.Add ? 1 : 0]);
        }

        if (!dLayers.IsNone && count > 0)
        {
            var to = Address(dLayers);
            LaunchElements(
                MixBackwardTemplate.With(layerCount, inputWrite == GradientWrite.Add ? 1 : 0), count,
                [gradient, shares, scale, to, (long)count, MixesAtOnce(count, gradient, to)]);
        }
    }

    private static IEnumerable<KernelKey> MixLayersKernels(OperatorUse use, PreparedModel model) => [MixTemplate.With(use.Widths[0], 0)];

    private static IEnumerable<KernelKey> MixNormalizedLayersKernels(OperatorUse use, PreparedModel model) =>
        [MixTemplate.With(use.Widths[0], 1), .. MomentKernels(use.Widths[0])];

    private static IEnumerable<KernelKey> MixLayersBackwardKernels(OperatorUse use, PreparedModel model) =>
    [
        MixPartsTemplate.With(use.Widths[1], BlockThreads, 0), MixParametersTemplate.With(use.Widths[1]), MixBackwardTemplate.With(use.Widths[1], 0),
        MixBackwardTemplate.With(use.Widths[1], 1),
    ];

    private static IEnumerable<KernelKey> MixNormalizedLayersBackwardKernels(OperatorUse use, PreparedModel model) =>
        [MixPartsTemplate.With(use.Widths[1], BlockThreads, 1), MixParametersTemplate.With(use.Widths[1]), .. MomentKernels(use.Widths[1])];

    private static KernelKey[] MomentKernels(int layers) => [MomentPartsTemplate.With(layers, BlockThreads), JoinMomentsTemplate.With(layers)];

    /// <summary>Numbers that <see cref="LayerMoments"/> writes: what it gives, and three a part and layer.</summary>
    private static int MomentNumbers(in MixShape shape) =>
        shape.IsNormalized ? checked(shape.Layers * (2 + (3 * MomentParts(shape)))) : 0;

    private static int MomentParts(in MixShape shape) => (shape.Rows + MomentRows(shape) - 1) / MomentRows(shape);

    /// <summary>Rows of a block: as many numbers as where gradients are summed up, at least one row.</summary>
    private static int MomentRows(in MixShape shape) => Math.Max(1, MixingPart / shape.Width);

    /// <summary>Finds the layers' moments: a mean and 1 / deviation of each, in the beginning of <paramref name="memory"/>.</summary>
    private GpuAddress LayerMoments(GpuAddress layers, Location lengths, GpuAddress memory, in MixShape shape)
    {
        var (parts, count) = (memory + ((nint)2 * shape.Layers * sizeof(float)), MomentParts(shape));
        Launch(
            MomentPartsTemplate.With(shape.Layers, BlockThreads), count, BlockThreads,
            [layers, Address(lengths), parts, shape.Rows, shape.Width, shape.Sequences, shape.Length, MomentRows(shape)]);
        Launch(JoinMomentsTemplate.With(shape.Layers), 1, shape.Layers, [parts, count, memory, shape.Epsilon]);
        return memory;
    }

    /// <summary>1 where neighbours of every layer can be loaded at once.</summary>
    private int MixesAtOnce(nint count, params ReadOnlySpan<GpuAddress> addresses) =>
        count % types.Wide == 0 && AreAligned(addresses) ? 1 : 0;
}
