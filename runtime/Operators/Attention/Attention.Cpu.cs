using GptGen.Cpu;

namespace GptGen;

public sealed unsafe partial class CpuDevice
{
    /// <inheritdoc/>
    protected override void Attention(Location qkv, Location lengths, DropoutSite dropout, Location y, Location logSumExp, in AttentionShape shape)
    {
        if (shape.Sequences == 0 || shape.Length == 0)
            return;
        using ScratchPool.Lease lease = scratches.Rent();
        float* scratch = lease.Scratch.Floats(pool.ThreadCount * AttentionKernel.ScratchFloats(shape));
        Run(
            new AttentionKernel(Floats(qkv), Integers(lengths), new(dropout), Floats(y), Floats(logSumExp), scratch, shape),
            (nint)shape.Sequences * shape.Heads, 1);
    }

    /// <inheritdoc/>
    protected override void AttentionBackward(
        Location dy, Location qkv, Location y, Location logSumExp, Location lengths, DropoutSite dropout, Location dQkv, in AttentionShape shape)
    {
        if (shape.Sequences == 0 || shape.Length == 0)
            return;
        using ScratchPool.Lease lease = scratches.Rent();
        float* scratch = lease.Scratch.Floats(pool.ThreadCount * AttentionBackwardKernel.ScratchFloats(shape));
        Run(
            new AttentionBackwardKernel(
                Floats(dy), Floats(qkv), Floats(y), Floats(logSumExp), Integers(lengths), new(dropout), Floats(dQkv), scratch, shape),
            (nint)shape.Sequences * shape.Heads, 1);
    }

    /// <inheritdoc/>
    protected override void StoreKeysAndValues(
        Location qkv, Location lengths, Location slots, Location keys, Location values, int capacity, in AttentionShape shape)
    {
        if (shape.Sequences == 0 || shape.Length == 0)
            return;
        float* from = Floats(qkv), keyCache = Floats(keys), valueCache = Floats(values);
        int* counts = Integers(lengths), places = Integers(slots);
        for (nint sequence = 0; sequence < shape.Sequences; sequence++)
        {
            for (nint position = 0; position < counts[sequence]; position++)
                StoreRow(from + (sequence * shape.Length + position) * 3 * shape.Width, places[sequence], position, keyCache, valueCache, capacity, shape);
        }
    }

    /// <inheritdoc/>
    protected override void AttentionDecode(
        Location qkv, Location positions, Location slots, Location keys, Location values, int capacity, Location y, in AttentionShape shape)
    {
        if (shape.Sequences == 0)
            return;
        float* from = Floats(qkv), keyCache = Floats(keys), valueCache = Floats(values);
        int* places = Integers(slots), ends = Integers(positions);
        for (nint sequence = 0; sequence < shape.Sequences; sequence++)
            StoreRow(from + sequence * 3 * shape.Width, places[sequence], ends[sequence], keyCache, valueCache, capacity, shape);

        using ScratchPool.Lease lease = scratches.Rent();
        float* scores = lease.Scratch.Floats((nint)pool.ThreadCount * capacity);
        Run(
            new AttentionDecodeKernel(from, ends, places, keyCache, valueCache, capacity, Floats(y), scores, shape),
            (nint)shape.Sequences * shape.Heads, 1);
    }

    private static void StoreRow(float* qkv, nint slot, nint position, float* keys, float* values, nint capacity, in AttentionShape shape)
    {
        int size = shape.HeadSize;
        for (nint head = 0; head < shape.Heads; head++)
        {
            nint to = ((slot * shape.Heads + head) * capacity + position) * size;
            float* key = qkv + shape.Width + head * size;
            new ReadOnlySpan<float>(key, size).CopyTo(new Span<float>(keys + to, size));
            new ReadOnlySpan<float>(key + shape.Width, size).CopyTo(new Span<float>(values + to, size));
        }
    }
}
