using GptGen.Cuda.Kernels;

namespace GptGen;

public sealed partial class CudaDevice
{
    /// <summary>
    /// The most parts into which the gradients of gain and bias are summed: two blocks for each multiprocessor of the largest GPUs. A constant, so
    /// that every GPU adds in the same order.
    /// </summary>
    private const int LayerNormParts = 264;

    private static readonly KernelTemplate LayerNormTemplate = new("layernorm.cu", "layerNorm");
    private static readonly KernelTemplate LayerNormBackwardTemplate = new("layernorm.cu", "layerNormBackward");

    /// <inheritdoc/>
    protected override void LayerNorm(
        Location x, Location gain, Location bias, float epsilon, Location y, Location mean, Location reciprocalDeviation, int rows, int width)
    {
        var (from, scale, shift, to) = (Address(x), Address(gain), Address(bias), Address(y));
        LaunchRows(
            LayerNormTemplate.With(width, Vector(width, from, scale, shift, to)), rows,
            [from, scale, shift, epsilon, to, Address(mean), Address(reciprocalDeviation), rows]);
    }

    /// <inheritdoc/>
    protected override void LayerNormBackward(
        Location dy, Location x, Location gain, Location mean, Location reciprocalDeviation, Location dx, GradientWrite inputWrite,
        Location dGain, Location dBias, GradientWrite parameterWrite, int rows, int width)
    {
        var (gradient, input, scale, to) = (Address(dy), Address(x), Address(gain), Address(dx));
        var parts = Math.Clamp((rows + BlockWarps - 1) / BlockWarps, 1, LayerNormParts);
        var kernel = LayerNormBackwardTemplate.With(
            width, Vector(width, gradient, input, scale, to), inputWrite == GradientWrite.Add ? 1 : 0, BlockThreads);
        lock (gate)
        {
            // [parts, 2, width]: gain, then bias.
            var sums = scratch.Take((nint)parts * 2 * width * sizeof(float), nameof(LayerNormBackward));
            Launch(kernel, parts, BlockThreads, [gradient, input, scale, Address(mean), Address(reciprocalDeviation), to, sums, rows]);
            AddParts(sums, parts, width, 2 * width, Address(dGain), parameterWrite);
            if (!dBias.IsNone)
                AddParts(sums + (width * sizeof(float)), parts, width, 2 * width, Address(dBias), parameterWrite);
        }
    }

    private static IEnumerable<KernelKey> LayerNormKernels(OperatorUse use, PreparedModel model) =>
        Vectors(model, use.Widths[0]).Select(vector => LayerNormTemplate.With(use.Widths[0], vector));

    private static IEnumerable<KernelKey> LayerNormBackwardKernels(OperatorUse use, PreparedModel model) =>
        (from vector in Vectors(model, use.Widths[0])
         from add in (int[])[0, 1]
         select LayerNormBackwardTemplate.With(use.Widths[0], vector, add, BlockThreads))
        .Concat(PartKernels(model, use.Widths[0]));
}
