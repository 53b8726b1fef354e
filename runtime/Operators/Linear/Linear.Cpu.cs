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
    protected override void LinearBackwardInput(Location dy, Location weight, Location dx, GradientWrite write, int rows, int inWidth, int outWidth)
    {
        using ScratchPool.Lease lease = scratches.Rent();
        Gemm.Multiply(
            lease.Scratch.Products, rows, inWidth, outWidth, new(Floats(dy), outWidth), new(Floats(weight), inWidth), Floats(dx), inWidth,
            write == GradientWrite.Add);
    }

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

    /// <summary>y = x W^T + bias.</summary>
    private void MultiplyByRows(float* x, WeightMatrix weight, float* bias, float* y, nint rows, nint inWidth, nint outWidth, nint stride)
    {
        if (!weight.IsPacked && ThinProduct.IsFaster(level, rows, inWidth) && (weight.IsFloat32 || inWidth <= ThinProduct.MostDecoded))
        {
            ThinProduct.Multiply(pool, level, rows, outWidth, inWidth, x, inWidth, weight, y, stride, bias);
            return;
        }

        using ScratchPool.Lease lease = scratches.Rent();
        if (weight.IsFloat32 || weight.IsPacked)
        {
            Gemm.Multiply(lease.Scratch.Products, rows, outWidth, inWidth, new(x, inWidth), weight.Transposed, y, stride, bias: bias);
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
    }
}
