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

    /// <inheritdoc/>
    protected override void MixLayers(Location layers, Location weights, Location gamma, Location y, int layerCount, nint count)
    {
        var (from, to) = (Address(layers), Address(y));
        LaunchElements(
            MixTemplate.With(layerCount), count, [from, Address(weights), Address(gamma), to, (long)count, MixesQuads(count, from, to)]);
    }

    /// <inheritdoc/>
    protected override void MixLayersBackward(
        Location dy, Location layers, Location weights, Location gamma, Location dLayers, GradientWrite inputWrite, Location dWeights,
        Location dGamma, GradientWrite parameterWrite, int layerCount, nint count)
    {
        var (gradient, from, shares, scale) = (Address(dy), Address(layers), Address(weights), Address(gamma));
        var parts = checked((int)((count + MixingPart - 1) / MixingPart));
        lock (gate)
        {
            var sums = scratch.Take(Math.Max(1, parts) * layerCount * sizeof(float), nameof(MixLayersBackward));
            if (parts > 0)
            {
                Launch(
                    MixPartsTemplate.With(layerCount, BlockThreads), parts, BlockThreads, [gradient, from, sums, (long)count, (long)MixingPart]);
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
                [gradient, shares, scale, to, (long)count, MixesQuads(count, gradient, to)]);
        }
    }

    private static IEnumerable<KernelKey> MixLayersKernels(OperatorUse use, ModelDescription model) => [MixTemplate.With(use.Widths[0])];

    private static IEnumerable<KernelKey> MixLayersBackwardKernels(OperatorUse use, ModelDescription model) =>
    [
        MixPartsTemplate.With(use.Widths[1], BlockThreads), MixParametersTemplate.With(use.Widths[1]), MixBackwardTemplate.With(use.Widths[1], 0),
        MixBackwardTemplate.With(use.Widths[1], 1),
    ];

    /// <summary>1 where four neighbours of every layer can be loaded at once.</summary>
    private static int MixesQuads(nint count, params ReadOnlySpan<GpuAddress> addresses) =>
        count % VectorElements == 0 && AreAligned(addresses) ? 1 : 0;
}
