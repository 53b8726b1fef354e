using GptGen.Cpu;

namespace GptGen;

public sealed unsafe partial class CpuDevice
{
    /// <inheritdoc/>
    protected override void Linear(Location x, Location weight, Location bias, Location y, int rows, int inWidth, int outWidth) =>
        MultiplyByRows(Floats(x), Floats(weight), Floats(bias), Floats(y), rows, inWidth, outWidth, outWidth);

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
    private void MultiplyByRows(float* x, float* weight, float* bias, float* y, nint rows, nint inWidth, nint outWidth, nint stride)
    {
        if (ThinProduct.IsFaster(level, rows, inWidth))
        {
            ThinProduct.Multiply(pool, level, rows, outWidth, inWidth, x, inWidth, weight, inWidth, y, stride, bias);
            return;
        }

        using ScratchPool.Lease lease = scratches.Rent();
        Gemm.Multiply(
            lease.Scratch.Products, rows, outWidth, inWidth, new(x, inWidth), new(weight, inWidth, transposed: true), y, stride, bias: bias);
    }
}
