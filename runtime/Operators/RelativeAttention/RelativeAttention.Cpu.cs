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
        nint capacity = inputs.Window, width = shape.QueryWidth;
        AttentionShape row = shape with { QueryLength = 1, KeyLength = 1 };
        float* keyCache = Floats(keys), valueCache = Floats(values), output = Floats(y);
        int* places = Integers(slots), newest = Integers(positions);
        using ScratchPool.Lease lease = scratches.Rent();
        float* scratch = lease.Scratch.Floats(pool.ThreadCount * RelativeDecodeKernel.ScratchFloats(capacity, row));
        // A token takes the place of one that the token before it still sees.
        for (nint token = 0, first = 0; token < shape.QueryLength; token++, first += shape.Sequences, newest += shape.Sequences)
        {
            RelativeOperands operands = Operands(inputs with { Qkv = inputs.Qkv.Plus(first * 3 * width) }, row);
            StridedRows newKeys = new(operands.Key(0, 0, 0), operands.Stride), newValues = new(operands.Value(0, 0, 0), operands.Stride);
            for (nint sequence = 0; sequence < shape.Sequences; sequence++)
            {
                StoreRow(
                    newKeys.Row(sequence), newValues.Row(sequence), places[sequence], newest[sequence] % capacity, keyCache, valueCache, capacity,
                    row);
            }

            Run(
                new RelativeDecodeKernel(operands, newest, places, keyCache, valueCache, capacity, output + first * width, scratch),
                (nint)shape.Sequences * shape.QueryHeads, 1);
        }
    }

    private static RelativeOperands Operands(in RelativeInputs inputs, in AttentionShape shape) => new(
        Floats(inputs.Qkv), Floats(inputs.Distances), Floats(inputs.ContentBias), Floats(inputs.PositionBias), inputs.Window, shape);
}
