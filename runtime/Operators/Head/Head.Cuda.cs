using System.Runtime.CompilerServices;
using GptGen.Cuda.Driver;
using GptGen.Cuda.Kernels;

namespace GptGen;

// Products take the table with the rows that pad it: the rows' gradients are zero, so they change nothing, and cuBLAS works on sizes without
// remainder.
public sealed partial class CudaDevice
{
    /// <summary>Vocabularies from this size on get blocks of <see cref="WideLossThreads"/>.</summary>
    private const int WideVocabulary = 8192;

    private const int WideLossThreads = 512;
    private const int NarrowLossThreads = 128;

    private static readonly KernelTemplate CrossEntropyTemplate = new("head.cu", "head::crossEntropy", "quads.cuh");

    /// <inheritdoc/>
    protected override void HeadLoss(
        Location x, Location weight, Location bias, Location targets, Location logits, Location losses, float smoothing, in HeadShape shape)
    {
        for (var row = 0; row < shape.Rows; row += shape.Chunk)
        {
            var count = Math.Min(shape.Chunk, shape.Rows - row);
            MultiplyByTable(x.Plus((nint)row * shape.Width), weight, bias, logits, count, shape, nameof(HeadLoss));
            CrossEntropy(logits, targets.Plus(row), default, losses.Plus(row), count, smoothing, shape);
        }
    }

    /// <inheritdoc/>
    protected override void HeadLossBackward(
        Location x, Location weight, Location bias, Location targets, Location weights, Location logits, Location losses,
        Location dx, Location dWeight, Location dBias, GradientWrite weightWrite, float smoothing, in HeadShape shape)
    {
        if (shape.Rows == 0 && weightWrite == GradientWrite.Write)
        {
            dWeight.Arena.Clear(dWeight.Offset, (nint)shape.Stride * shape.Width);
            if (!dBias.IsNone)
                dBias.Arena.Clear(dBias.Offset, shape.Stride);
        }

        for (var row = 0; row < shape.Rows; row += shape.Chunk)
        {
            var count = Math.Min(shape.Chunk, shape.Rows - row);
            var (input, inputGradient) = (x.Plus((nint)row * shape.Width), dx.Plus((nint)row * shape.Width));
            var write = row > 0 ? GradientWrite.Add : weightWrite;
            MultiplyByTable(input, weight, bias, logits, count, shape, nameof(HeadLossBackward));
            CrossEntropy(logits, targets.Plus(row), weights.Plus(row), losses.Plus(row), count, smoothing, shape);
            Multiply(
                count, shape.Width, shape.Stride, MatrixAt(logits, shape.Stride), MatrixAt(weight, shape.Width), MatrixAt(inputGradient, shape.Width),
                nameof(HeadLossBackward));
            Multiply(
                shape.Stride, shape.Width, count, MatrixAt(logits, shape.Stride, transposed: true), MatrixAt(input, shape.Width),
                MatrixAt(dWeight, shape.Width), nameof(HeadLossBackward), add: write == GradientWrite.Add);
            if (!dBias.IsNone)
                SumColumns(logits, count, shape.Stride, Address(dBias), write);
        }
    }

    /// <inheritdoc/>
    protected override void HeadLogits(Location x, Location weight, Location bias, Location logits, in HeadShape shape) =>
        MultiplyByTable(x, weight, bias, logits, shape.Rows, shape, nameof(HeadLogits));

    private static IEnumerable<KernelKey> HeadLogitsKernels(OperatorUse use, PreparedModel model) =>
        HasHeadBias(use) ? [AddBiasKernel(BufferRole.Workspace), AddBiasKernel(BufferRole.Logit)] : [];

    private static IEnumerable<KernelKey> HeadLossKernels(OperatorUse use, PreparedModel model) =>
        [CrossEntropyKernel(Columns(use), gradients: false), .. HasHeadBias(use) ? [AddBiasKernel(BufferRole.Workspace)] : (KernelKey[])[]];

    private static IEnumerable<KernelKey> HeadLossBackwardKernels(OperatorUse use, PreparedModel model)
    {
        yield return CrossEntropyKernel(Columns(use), gradients: true);
        if (!HasHeadBias(use))
            yield break;
        yield return AddBiasKernel(BufferRole.Workspace);
        // Stored columns are a multiple of any vector.
        foreach (var kernel in SumColumnsKernels(model, model.Types.Wide, BufferRole.Workspace))
            yield return kernel;
    }

    /// <summary>The bias is the third operand: after the rows and the table.</summary>
    private static bool HasHeadBias(OperatorUse use) => use.Widths[2] > 0;

    /// <summary>The logits are the fourth operand with a width: a vocabulary's tokens, or those of a cluster.</summary>
    private static int Columns(OperatorUse use) => use.Widths[3];

    internal static KernelKey CrossEntropyKernel(int vocabulary, bool gradients, bool smoothed = false) =>
        CrossEntropyTemplate.With(vocabulary, LossThreads(vocabulary), gradients ? 1 : 0, smoothed ? 1 : 0);

    private static int LossThreads(int vocabulary) => vocabulary >= WideVocabulary ? WideLossThreads : NarrowLossThreads;

    private void MultiplyByTable(Location x, Location weight, Location bias, Location logits, int rows, in HeadShape shape, string operation)
    {
        Multiply(
            rows, shape.Stride, shape.Width, MatrixAt(x, shape.Width), MatrixAt(weight, shape.Width, transposed: true),
            MatrixAt(logits, shape.Stride), operation);
        if (!bias.IsNone && rows > 0)
            AddBias(logits, bias, rows, shape.Stride, operation);
    }

    private void CrossEntropy(
        Location logits, Location targets, Location weights, Location losses, int rows, float smoothing, in HeadShape shape,
        [CallerMemberName] string operation = "") =>
        Launch(
            CrossEntropyKernel(shape.Vocabulary, !weights.IsNone, smoothing != 0), rows, LossThreads(shape.Vocabulary),
            [Address(logits), Address(targets), Address(weights), Address(losses), shape.Stride, smoothing], operation);
}
