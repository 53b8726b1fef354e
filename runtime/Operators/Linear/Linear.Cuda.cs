using System.Runtime.CompilerServices;
using GptGen.Cuda;
using GptGen.Cuda.Driver;
using GptGen.Cuda.Kernels;

namespace GptGen;

public sealed partial class CudaDevice
{
    /// <summary>Rows of one part of a column sum: long enough that its result is small beside what it reads.</summary>
    private const int ColumnSumPartRows = 256;

    /// <summary>What comes before every kernel that adds up columns.</summary>
    private const string ColumnSums = "column_sums.cuh";

    internal static readonly KernelTemplate AddBiasTemplate = new("linear.cu", "addBias", ColumnSums);
    internal static readonly KernelTemplate ColumnSumsTemplate = new("linear.cu", "columnSums", ColumnSums);
    private static readonly KernelTemplate AddPartsTemplate = new("linear.cu", "addParts", ColumnSums);

    /// <inheritdoc/>
    protected override void Linear(Location x, Location weight, Location bias, Location y, int rows, int inWidth, int outWidth)
    {
        if (rows == 0 || TryMultiplyFewRows(x, weight, bias, null, default, y, rows, inWidth, outWidth, nameof(Linear)))
            return;
        var product = new FusedProduct(
            rows, outWidth, inWidth, MatrixAt(x, inWidth), MatrixAt(weight, inWidth, transposed: true), MatrixAt(y, outWidth))
        {
            Ending = ProductEnding.Bias,
            Vector = Address(bias),
        };
        if (!bias.IsNone && TryMultiply(ProductFusions.Bias, product, nameof(Linear)))
            return;
        Multiply(product, nameof(Linear));
        if (!bias.IsNone)
            AddBias(y, bias, rows, outWidth);
    }

    /// <inheritdoc/>
    protected override void LinearBackwardInput(Location dy, Location weight, Location dx, GradientWrite write, int rows, int inWidth, int outWidth)
    {
        if (rows > 0)
        {
            Multiply(
                rows, inWidth, outWidth, MatrixAt(dy, outWidth), MatrixAt(weight, inWidth), MatrixAt(dx, inWidth), nameof(LinearBackwardInput),
                write == GradientWrite.Add);
        }
    }

    /// <inheritdoc/>
    protected override void LinearBackwardWeight(
        Location x, Location dy, Location dWeight, Location dBias, GradientWrite write, int rows, int inWidth, int outWidth)
    {
        var product = new FusedProduct(
            outWidth, inWidth, rows, MatrixAt(dy, outWidth, transposed: true), MatrixAt(x, inWidth), MatrixAt(dWeight, inWidth));
        if (!dBias.IsNone && TryMultiplyWithSums(product, Address(dBias), write))
            return;
        // Without rows the product is zero, which cuBLAS also writes.
        Multiply(product, nameof(LinearBackwardWeight), write == GradientWrite.Add);
        if (!dBias.IsNone)
            SumColumns(dy, rows, outWidth, Address(dBias), write);
    }

    /// <summary>The product of a weight's gradient, and the bias's on the way, which cuBLASLt only writes.</summary>
    private bool TryMultiplyWithSums(FusedProduct product, GpuAddress dBias, GradientWrite write)
    {
        const string Operation = nameof(LinearBackwardWeight);
        product = product with { Ending = ProductEnding.RowSumsOfLeft };
        if (write == GradientWrite.Write)
            return TryMultiply(ProductFusions.BiasGradient, product with { Vector = dBias }, Operation);
        lock (gate)
        {
            var sums = scratch.Take((nint)product.Rows * sizeof(float), "a bias's gradient");
            if (!TryMultiply(ProductFusions.BiasGradient, product with { Vector = sums, Added = product.Result.Address }, Operation))
                return false;
            AddParts(sums, 1, product.Rows, product.Rows, dBias, write, Operation);
            return true;
        }
    }

    private static IEnumerable<KernelKey> LinearKernels(OperatorUse use, PreparedModel model) =>
        [AddBiasKernel(BufferRole.Activation), FewRowsKernel(use.Widths[^1], null, BufferRole.Activation)];

    private static IEnumerable<KernelKey> ColumnSumKernels(OperatorUse use, PreparedModel model) =>
        SumColumnsKernels(model, use.Widths[1], BufferRole.Activation);

    /// <summary>The kernels of <see cref="SumColumns"/>.</summary>
    private static IEnumerable<KernelKey> SumColumnsKernels(PreparedModel model, int width, BufferRole role) =>
        Vectors(model, width).Select(vector => ColumnSumsTemplate.With(vector, BlockThreads, (int)role)).Concat(PartKernels(model, width));

    private static KernelKey AddBiasKernel(BufferRole role) => AddBiasTemplate.With((int)role);

    /// <summary>The kernels of <see cref="AddParts"/>.</summary>
    private static IEnumerable<KernelKey> PartKernels(PreparedModel model, int width) =>
        from vector in QuadSizes(model, width)
        from add in (int[])[0, 1]
        select AddPartsTemplate.With(vector, add, BlockThreads);

    /// <summary>Adds a bias to each row of an activation or of logits.</summary>
    private void AddBias(Location y, Location bias, int rows, int width, [CallerMemberName] string operation = "")
    {
        var (to, added) = (Address(y), Address(bias));
        Launch(
            AddBiasKernel(y.Arena.Role), RowsUnderBias(rows, width), BlockThreads,
            [to, added, rows, width, Vector(width, to, added) == types.Wide ? 1 : 0], operation);
    }

    /// <summary>The grid of kernels that add a bias: each block has several rows, so that the bias is read once for them.</summary>
    private GridSize RowsUnderBias(int rows, int width)
    {
        const int RowsOfBlock = 16;
        const int MostBlocks = 65535;
        return new(GridSize.Covering(width, types.Wide * BlockThreads).X, Math.Min(MostBlocks, GridSize.Covering(rows, RowsOfBlock).X));
    }

    /// <summary>
    /// gradient (+)= the sum of the rows of an activation or of logits, in two stages whose order depends on the number of rows alone.
    /// </summary>
    private void SumColumns(
        Location values, int rows, int width, GpuAddress gradient, GradientWrite write, [CallerMemberName] string operation = "")
    {
        var parts = Math.Max(1, (rows + ColumnSumPartRows - 1) / ColumnSumPartRows);
        lock (gate)
        {
            var sums = scratch.Take((nint)parts * width * sizeof(float), "a bias's gradient");
            var from = Address(values);
            var vector = Vector(width, from, sums);
            Launch(
                ColumnSumsTemplate.With(vector, BlockThreads, (int)values.Arena.Role),
                new GridSize(GridSize.Covering(width, WarpLanes * vector).X, (uint)parts), BlockThreads,
                [from, sums, rows, width, ColumnSumPartRows], operation);
            AddParts(sums, parts, width, width, gradient, write, operation);
        }
    }

    /// <summary>gradient (+)= the sum of <paramref name="count"/> parts, in f32, that lie <paramref name="stride"/> elements apart.</summary>
    private void AddParts(
        GpuAddress parts, int count, int width, int stride, GpuAddress gradient, GradientWrite write, [CallerMemberName] string operation = "")
    {
        var vector = Quads(width, parts, gradient);
        Launch(
            AddPartsTemplate.With(vector, write == GradientWrite.Add ? 1 : 0, BlockThreads), GridSize.Covering(width, WarpLanes * vector),
            BlockThreads, [parts, gradient, count, width, stride], operation);
    }
}
