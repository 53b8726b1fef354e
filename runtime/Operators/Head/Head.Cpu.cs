using GptGen.Cpu;

namespace GptGen;

public sealed unsafe partial class CpuDevice
{
    /// <inheritdoc/>
    protected override void HeadLoss(
        Location x, Location weight, Location bias, Location targets, Location logits, Location losses, float smoothing, in HeadShape shape)
    {
        for (nint row = 0; row < shape.Rows; row += shape.Chunk)
        {
            nint count = Math.Min(shape.Chunk, shape.Rows - row);
            MultiplyByRows(
                Floats(x) + row * shape.Width, Matrix(weight, shape.Width), Floats(bias), Floats(logits), count, shape.Width, shape.Vocabulary,
                shape.Stride);
            Run(new CrossEntropyKernel(Floats(logits), Integers(targets) + row, null, Floats(losses) + row, smoothing, shape), count, 1);
        }
    }

    /// <inheritdoc/>
    protected override void HeadLossBackward(
        Location x, Location weight, Location bias, Location targets, Location weights, Location logits, Location losses,
        Location dx, Location dWeight, Location dBias, GradientWrite weightWrite, float smoothing, in HeadShape shape)
    {
        float* chunk = Floats(logits);
        bool add = weightWrite == GradientWrite.Add;
        if (!add)
        {
            nint first = shape.Rows == 0 ? 0 : (nint)shape.Vocabulary * shape.Width;
            new CpuRange(Floats(dWeight) + first, (nint)shape.Stride * shape.Width - first).Clear();
            if (!dBias.IsNone)
                new CpuRange(Floats(dBias), shape.Stride).Clear();
        }

        using ScratchPool.Lease lease = scratches.Rent();
        for (nint row = 0; row < shape.Rows; row += shape.Chunk)
        {
            nint count = Math.Min(shape.Chunk, shape.Rows - row);
            float* input = Floats(x) + row * shape.Width;
            MultiplyByRows(input, Matrix(weight, shape.Width), Floats(bias), chunk, count, shape.Width, shape.Vocabulary, shape.Stride);
            Run(new CrossEntropyKernel(chunk, Integers(targets) + row, Floats(weights) + row, Floats(losses) + row, smoothing, shape), count, 1);
            Gemm.Multiply(
                lease.Scratch.Products, count, shape.Width, shape.Vocabulary, new(chunk, shape.Stride), new(Floats(weight), shape.Width),
                Floats(dx) + row * shape.Width, shape.Width);
            Gemm.Multiply(
                lease.Scratch.Products, shape.Vocabulary, shape.Width, count, new(chunk, shape.Stride, transposed: true),
                new(input, shape.Width), Floats(dWeight), shape.Width, add || row > 0);
            if (!dBias.IsNone)
                Run(new ColumnSumKernel(chunk, Floats(dBias), (int)count, shape.Stride, add: true), shape.Vocabulary, ColumnSumKernel.Strip);
        }
    }

    /// <inheritdoc/>
    protected override void HeadLogits(Location x, Location weight, Location bias, Location logits, in HeadShape shape) =>
        MultiplyByRows(
            Floats(x), Matrix(weight, shape.Width), Floats(bias), Floats(logits), shape.Rows, shape.Width, shape.Vocabulary, shape.Stride);
}
