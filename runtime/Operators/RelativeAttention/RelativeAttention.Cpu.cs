using GptGen.Cpu;

namespace GptGen;

public sealed unsafe partial class CpuDevice
{
    /// <inheritdoc/>
    protected override void RelativeAttention(
        in RelativeInputs inputs, DropoutSite dropout, Location y, Location logSumExp, in AttentionShape shape)
    {
        if (shape.Sequences == 0 || shape.QueryLength == 0)
            return;
        using ScratchPool.Lease lease = scratches.Rent();
        float* scratch = lease.Scratch.Floats(pool.ThreadCount * RelativeAttentionKernel.ScratchFloats(shape));
        Run(
            new RelativeAttentionKernel(Operands(inputs, shape), new(dropout), Floats(y), Floats(logSumExp), scratch),
            (nint)shape.Sequences * shape.QueryHeads, 1);
    }

    /// <inheritdoc/>
    protected override void RelativeAttentionBackward(
        Location dy, in RelativeInputs inputs, Location y, Location logSumExp, DropoutSite dropout, in RelativeGradients gradients,
        in AttentionShape shape)
    {
        using ScratchPool.Lease lease = scratches.Rent();
        nint parts = RelativeAttentionBackwardKernel.Parts(shape), width = shape.QueryWidth;
        nint distanceFloats = parts * shape.QueryHeads * AttentionStrip.KeyFloats(shape);
        float* distanceSums = lease.Scratch.Floats(
            Math.Max(1, distanceFloats + parts * 2 * width + pool.ThreadCount * RelativeAttentionBackwardKernel.ScratchFloats(shape)));
        float* biasSums = distanceSums + distanceFloats;
        Run(
            new RelativeAttentionBackwardKernel(
                Floats(dy), Operands(inputs, shape), Floats(y), Floats(logSumExp), new(dropout), Floats(gradients.Qkv), distanceSums, biasSums,
                biasSums + parts * 2 * width),
            parts * shape.QueryHeads, 1);
        RunRows(new RelativeDistanceSumKernel(distanceSums, parts, Floats(gradients.Distances), shape), gradients.DistanceRows, width);
        bool add = gradients.BiasWrite == GradientWrite.Add;
        Run(new ColumnSumKernel(biasSums, Floats(gradients.ContentBias), (int)parts, 2 * (int)width, add), width, ColumnSumKernel.Strip);
        Run(new ColumnSumKernel(biasSums + width, Floats(gradients.PositionBias), (int)parts, 2 * (int)width, add), width, ColumnSumKernel.Strip);
    }

    /// <inheritdoc/>
    protected override void RelativeAttentionDecode(
        in RelativeInputs inputs, Location positions, Location slots, Location keys, Location values, Location y, in AttentionShape shape)
    {
        if (shape.Sequences == 0)
            return;
        nint capacity = inputs.Window;
        RelativeOperands operands = Operands(inputs, shape);
        float* keyCache = Floats(keys), valueCache = Floats(values);
        int* places = Integers(slots), newest = Integers(positions);
        StridedRows newKeys = new(operands.Key(0, 0, 0), operands.Stride), newValues = new(operands.Value(0, 0, 0), operands.Stride);
        for (nint row = 0; row < shape.Sequences; row++)
            StoreRow(newKeys.Row(row), newValues.Row(row), places[row], newest[row] % capacity, keyCache, valueCache, capacity, shape);

        using ScratchPool.Lease lease = scratches.Rent();
        float* scratch = lease.Scratch.Floats(pool.ThreadCount * RelativeDecodeKernel.ScratchFloats(capacity, shape));
        Run(
            new RelativeDecodeKernel(operands, newest, places, keyCache, valueCache, capacity, Floats(y), scratch),
            (nint)shape.Sequences * shape.QueryHeads, 1);
    }

    private static RelativeOperands Operands(in RelativeInputs inputs, in AttentionShape shape) => new(
        Floats(inputs.Qkv), Floats(inputs.Distances), Floats(inputs.ContentBias), Floats(inputs.PositionBias), inputs.Window, shape);
}
