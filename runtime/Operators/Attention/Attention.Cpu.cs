using GptGen.Cpu;

namespace GptGen;

public sealed unsafe partial class CpuDevice
{
    /// <inheritdoc/>
    protected override void Attention(in AttentionInputs inputs, DropoutSite dropout, Location y, Location logSumExp, in AttentionShape shape)
    {
        if (shape.Sequences == 0 || shape.QueryLength == 0)
            return;
        using ScratchPool.Lease lease = scratches.Rent();
        float* scratch = lease.Scratch.Floats(pool.ThreadCount * AttentionKernel.ScratchFloats(shape));
        Run(
            new AttentionKernel(Operands(inputs), new(dropout), Floats(y), Floats(logSumExp), scratch, shape),
            (nint)shape.Sequences * shape.QueryHeads, 1);
    }

    /// <inheritdoc/>
    protected override void AttentionBackward(
        Location dy, in AttentionInputs inputs, Location y, Location logSumExp, DropoutSite dropout, in AttentionGradients gradients,
        in AttentionShape shape)
    {
        if (shape.Sequences == 0)
            return;
        using ScratchPool.Lease lease = scratches.Rent();
        float* scratch = lease.Scratch.Floats(pool.ThreadCount * AttentionBackwardKernel.ScratchFloats(shape));
        Run(
            new AttentionBackwardKernel(
                Floats(dy), Operands(inputs), Floats(y), Floats(logSumExp), new(dropout),
                Rows(gradients.Query), Rows(gradients.Key), Rows(gradients.Value), scratch, shape),
            (nint)shape.Sequences * shape.KeyHeads, 1);
    }

    /// <inheritdoc/>
    protected override void StoreKeysAndValues(
        in AttentionInputs inputs, Location slots, Location keys, Location values, int capacity, in AttentionShape shape)
    {
        if (shape.Sequences == 0 || shape.KeyLength == 0)
            return;
        AttentionOperands operands = Operands(inputs);
        float* keyCache = Floats(keys), valueCache = Floats(values);
        int* places = Integers(slots);
        for (nint sequence = 0; sequence < shape.Sequences; sequence++)
        {
            for (nint position = 0; position < operands.KeyLengths[sequence]; position++)
            {
                nint row = sequence * shape.KeyLength + position;
                StoreRow(operands.Key.Row(row), operands.Value.Row(row), places[sequence], position, keyCache, valueCache, capacity, shape);
            }
        }
    }

    /// <inheritdoc/>
    protected override void AttentionDecode(
        in AttentionInputs inputs, Location positions, Location slots, Location keys, Location values, int capacity, Location y,
        in AttentionShape shape)
    {
        if (shape.Sequences == 0)
            return;
        AttentionOperands operands = Operands(inputs);
        float* keyCache = Floats(keys), valueCache = Floats(values);
        int* places = Integers(slots), ends = Integers(positions);
        for (nint row = 0; row < shape.Sequences && !inputs.Key.Start.IsNone; row++)
            StoreRow(operands.Key.Row(row), operands.Value.Row(row), places[row], ends[row], keyCache, valueCache, capacity, shape);

        using ScratchPool.Lease lease = scratches.Rent();
        float* scores = lease.Scratch.Floats((nint)pool.ThreadCount * capacity);
        Run(
            new AttentionDecodeKernel(operands.Query, ends, places, keyCache, valueCache, capacity, Floats(y), scores, shape),
            (nint)shape.Sequences * shape.QueryHeads, 1);
    }

    private static void StoreRow(
        float* key, float* value, nint slot, nint position, float* keys, float* values, nint capacity, in AttentionShape shape)
    {
        int size = shape.HeadSize;
        for (nint head = 0; head < shape.KeyHeads; head++)
        {
            nint to = ((slot * shape.KeyHeads + head) * capacity + position) * size;
            new ReadOnlySpan<float>(key + head * size, size).CopyTo(new Span<float>(keys + to, size));
            new ReadOnlySpan<float>(value + head * size, size).CopyTo(new Span<float>(values + to, size));
        }
    }

    private static AttentionOperands Operands(in AttentionInputs inputs) =>
        new(Rows(inputs.Query), Rows(inputs.Key), Rows(inputs.Value), Integers(inputs.QueryLengths), Integers(inputs.KeyLengths));

    private static StridedRows Rows(ColumnSlice slice) => new(Floats(slice.Start), slice.Stride);
}
