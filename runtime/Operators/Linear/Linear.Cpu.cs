using GptGen.Cpu;

namespace GptGen;

public sealed unsafe partial class CpuDevice
{
    /// <summary>Elements of a matrix that are decoded before a product reads them (2 MiB).</summary>
    private const int DecodedElements = 1 << 19;

    /// <inheritdoc/>
    protected override void Linear(Location x, Location weight, Location bias, Location y, int rows, int inWidth, int outWidth) =>
        MultiplyByRows(Floats(x), Matrix(weight, inWidth), Floats(bias), Floats(y), rows, inWidth, outWidth, outWidth);

    /// <inheritdoc/>
    protected override void LinearBackwardInput(
        Location dy, Location weight, Location dx, GradientWrite write, int rows, int inWidth, int outWidth) =>
        MultiplyByColumns(Floats(dy), Floats(weight), Floats(dx), write, rows, inWidth, outWidth, default(NoEpilogue));

    /// <inheritdoc/>
    protected override void LinearBackwardWeight(
        Location x, Location dy, Location dWeight, Location dBias, GradientWrite write, int rows, int inWidth, int outWidth)
    {
        using ScratchPool.Lease lease = scratches.Rent();
        bool add = write == GradientWrite.Add;
        Gemm.Multiply(
            lease.Scratch.Products, outWidth, inWidth, rows, new(Floats(dy), outWidth, transposed: true), new(Floats(x), inWidth),
            Floats(dWeight), inWidth, add);
        if (!dBias.IsNone)
            Run(new ColumnSumKernel(Floats(dy), Floats(dBias), rows, outWidth, add), outWidth, ColumnSumKernel.Strip);
    }

    /// <inheritdoc/>
    internal override int IndependentRows(int inputs) => ThinProduct.MostRows(level, inputs);

    /// <summary>dx = dy W, or that added, and then an epilogue.</summary>
    private void MultiplyByColumns<TEpilogue>(
        float* dy, float* weight, float* dx, GradientWrite write, nint rows, nint inWidth, nint outWidth, TEpilogue epilogue)
        where TEpilogue : struct, IRangeKernel
    {
        using ScratchPool.Lease lease = scratches.Rent();
        Gemm.Multiply(
            lease.Scratch.Products, rows, inWidth, outWidth, new(dy, outWidth), new(weight, inWidth), dx, inWidth, epilogue,
            write == GradientWrite.Add);
    }

    /// <summary>y = x W^T + bias.</summary>
    private void MultiplyByRows(float* x, WeightMatrix weight, float* bias, float* y, nint rows, nint inWidth, nint outWidth, nint stride) =>
        MultiplyByRows(x, weight, bias, y, rows, inWidth, outWidth, stride, default(NoEpilogue));

    /// <summary>y = x W^T + bias, and then an epilogue, with which y has no padding between its rows.</summary>
    private void MultiplyByRows<TEpilogue>(
        float* x, WeightMatrix weight, float* bias, float* y, nint rows, nint inWidth, nint outWidth, nint stride, TEpilogue epilogue)
        where TEpilogue : struct, IRangeKernel
    {
        if (!weight.IsPacked && ThinProduct.IsFaster(level, rows, inWidth) && (weight.IsFloat32 || inWidth <= ThinProduct.MostDecoded))
        {
            ThinProduct.Multiply(pool, level, rows, outWidth, inWidth, x, inWidth, weight, y, stride, bias);
            RunEpilogue(epilogue, rows * outWidth);
            return;
        }

        using ScratchPool.Lease lease = scratches.Rent();
        if (weight.IsFloat32 || weight.IsPacked)
        {
            Gemm.Multiply(lease.Scratch.Products, rows, outWidth, inWidth, new(x, inWidth), weight.Transposed, y, stride, epilogue, bias: bias);
            return;
        }

        // As many rows of the matrix at a time as stay in a cache until the product has read them.
        nint most = Math.Clamp(DecodedElements / inWidth, 1, outWidth);
        float* decoded = lease.Scratch.Floats(most * inWidth);
        for (nint first = 0; first < outWidth; first += most)
        {
            nint count = Math.Min(most, outWidth - first);
            RunRows(new DecodeRowsKernel(weight.From(first), decoded, inWidth), count, inWidth);
            Gemm.Multiply(
                lease.Scratch.Products, rows, count, inWidth, new(x, inWidth), new(decoded, inWidth, transposed: true), y + first, stride,
                bias: bias == null ? null : bias + first);
        }

        RunEpilogue(epilogue, rows * outWidth);
    }

    private void RunEpilogue<TEpilogue>(in TEpilogue epilogue, nint elements)
        where TEpilogue : struct, IRangeKernel
    {
        if (typeof(TEpilogue) != typeof(NoEpilogue))
            RunElements(epilogue, elements);
    }
}
