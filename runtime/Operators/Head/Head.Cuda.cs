using System.Runtime.CompilerServices;
using GptGen.Cuda;
using GptGen.Cuda.Driver;
using GptGen.Cuda.Kernels;

namespace GptGen;

// Products take the table with the rows that pad it: the rows' gradients are zero, so they change nothing, and cuBLAS works on sizes without
// remainder.
public sealed partial class CudaDevice
{
    /// <summary>Vocabularies from this size on get large blocks where a block reads a row in passes.</summary>
    internal const int WideVocabulary = 8192;

    /// <summary>How many packs of a row a thread of the loss keeps at most; other than usual in benchmarks and tests only.</summary>
    internal int MostLossPacks { get; set; } = LossBlock.MostPacks;

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
    protected override void HeadLogits(Location x, Location weight, Location bias, Location logits, in HeadShape shape)
    {
        if (!TryMultiplyFewRows(x, weight, bias, null, default, logits, shape.Rows, shape.Width, shape.Stride, nameof(HeadLogits)))
            MultiplyByTable(x, weight, bias, logits, shape.Rows, shape, nameof(HeadLogits));
    }

    private static IEnumerable<KernelKey> HeadLogitsKernels(OperatorUse use, PreparedModel model) =>
        [
            FewRowsKernel(Columns(use), null, BufferRole.Workspace), FewRowsKernel(Columns(use), null, BufferRole.Logit),
            .. HasHeadBias(use) ? (KernelKey[])[AddBiasKernel(BufferRole.Workspace), AddBiasKernel(BufferRole.Logit)] : [],
        ];

    private static IEnumerable<KernelKey> HeadLossKernels(OperatorUse use, PreparedModel model) =>
        [
            LossBlock.Of(Columns(use), model.Types).Kernel(gradients: false),
            .. HasHeadBias(use) ? [AddBiasKernel(BufferRole.Workspace)] : (KernelKey[])[],
        ];

    private static IEnumerable<KernelKey> HeadLossBackwardKernels(OperatorUse use, PreparedModel model)
    {
        yield return LossBlock.Of(Columns(use), model.Types).Kernel(gradients: true);
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

    private void MultiplyByTable(Location x, Location weight, Location bias, Location logits, int rows, in HeadShape shape, string operation)
    {
        Multiply(
            rows, shape.Stride, shape.Width, MatrixAt(x, shape.Width), MatrixAt(weight, shape.Width, transposed: true),
            MatrixAt(logits, shape.Stride), operation);
        if (!bias.IsNone && rows > 0)
            AddBias(logits, bias, rows, shape.Stride, operation);
    }

    /// <summary>The loss of each row of logits and, with weights, its gradient in the logits' place.</summary>
    internal void CrossEntropy(
        Location logits, Location targets, Location weights, Location losses, int rows, float smoothing, in HeadShape shape,
        [CallerMemberName] string operation = "")
    {
        var (values, isAligned) = (Address(logits), AreAligned(Address(logits)) && shape.Stride % types.Wide == 0);
        var block = LossBlock.Of(shape.Vocabulary, types, isAligned ? MostLossPacks : 0);
        Launch(
            block.Kernel(!weights.IsNone, smoothing != 0), block.Grid(rows, context.Properties.MultiprocessorCount), block.Threads,
            [values, Address(targets), Address(weights), Address(losses), rows, shape.Stride, smoothing], operation);
    }
}
