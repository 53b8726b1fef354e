using GptGen.Runtime.Tests.Operators;

namespace GptGen.Cuda.Tests.Operators;

/// <summary>Attention of heads of one size over a small batch, on any device.</summary>
internal static class AttentionCase
{
    /// <summary>Sizes of one quad, an odd number, what GPT-2 has, quads beyond the 16 of a row of threads, and the two with smaller tiles.</summary>
    public static int[] HeadSizes => [4, 5, 64, 80, 128, 256];

    private static DropoutSite Active => new Dropout(0.3f, 5, 2, 1).Site(1, 3);

    /// <summary>
    /// Forward and backward: outputs, log-sum-exps and gradients, all of which must be written. Tensors begin <paramref name="shift"/> elements into
    /// their arena.
    /// </summary>
    public static Location[] Train(
        GptGen.Device device, TestMemory memory, int headSize, AttentionMask mask, bool drop, int length, int[] lengths,
        int shift = 0) => headSize switch
    {
        4 => Train<Width8>(device, memory, 2, mask, drop, length, lengths, shift),
        5 => Train<Width15>(device, memory, 3, mask, drop, length, lengths, shift),
        32 => Train<Width128>(device, memory, 4, mask, drop, length, lengths, shift),
        64 => Train<Width128>(device, memory, 2, mask, drop, length, lengths, shift),
        80 => Train<Width80>(device, memory, 1, mask, drop, length, lengths, shift),
        96 => Train<Width96>(device, memory, 1, mask, drop, length, lengths, shift),
        128 => Train<Width128>(device, memory, 1, mask, drop, length, lengths, shift),
        256 => Train<Width256>(device, memory, 1, mask, drop, length, lengths, shift),
        _ => throw new ArgumentOutOfRangeException(nameof(headSize)),
    };

    /// <summary>Prompts of some lengths into a cache, then steps of one token a sequence: outputs and the cache itself.</summary>
    public static Location[] Generate(
        GptGen.Device device, TestMemory memory, int headSize, int capacity, int steps, int[] lengths, int shift = 0) => headSize switch
    {
        4 => Generate<Width8>(device, memory, 2, capacity, steps, lengths, shift),
        5 => Generate<Width15>(device, memory, 3, capacity, steps, lengths, shift),
        64 => Generate<Width128>(device, memory, 2, capacity, steps, lengths, shift),
        80 => Generate<Width80>(device, memory, 1, capacity, steps, lengths, shift),
        128 => Generate<Width128>(device, memory, 1, capacity, steps, lengths, shift),
        256 => Generate<Width256>(device, memory, 1, capacity, steps, lengths, shift),
        _ => throw new ArgumentOutOfRangeException(nameof(headSize)),
    };

    private static Location[] Train<TWidth>(
        GptGen.Device device, TestMemory memory, int headCount, AttentionMask mask, bool drop, int length, int[] lengths, int shift)
        where TWidth : struct, IDimension
    {
        var (rows, width) = (lengths.Length * length, TWidth.Size);
        var site = drop ? Active : default;
        var heads = new AttentionHeads<TWidth, TWidth>(headCount, headCount, mask);
        var counts = memory.Integers(lengths);
        // Scores between about -3 and 3 for every size, so that the softmax is neither flat nor a maximum.
        var qkv = Rows<Triple<TWidth>>(memory, Scaled(TestMemory.Random(1, rows * 3 * width), 3 / Math.Pow(width / headCount, 0.25)), shift);
        var y = Rows<TWidth>(memory, TestMemory.Random(4, rows * width), shift);
        var logSumExp = memory.Statistics(TestMemory.Random(5, rows * headCount));
        var dQkv = Rows<Triple<TWidth>>(memory, TestMemory.Random(2, rows * 3 * width), shift);
        device.Attention(qkv.Query(), qkv.Key(), qkv.Value(), heads, counts, counts, site, y, logSumExp);
        device.AttentionBackward(
            Rows<TWidth>(memory, TestMemory.Random(3, rows * width), shift), qkv.Query(), qkv.Key(), qkv.Value(), y, logSumExp, heads, counts, counts,
            site, dQkv.Query(), dQkv.Key(), dQkv.Value());
        return [y.Start, logSumExp.Start, dQkv.Start];
    }

    private static Location[] Generate<TWidth>(
        GptGen.Device device, TestMemory memory, int headCount, int capacity, int steps, int[] lengths, int shift)
        where TWidth : struct, IDimension
    {
        var (length, width) = (lengths.Max(), TWidth.Size);
        var heads = new AttentionHeads<TWidth, TWidth>(headCount, headCount, AttentionMask.Causal);
        // One slot more than sequences, and none at its own number.
        var slots = memory.Integers([.. Enumerable.Range(1, lengths.Length).Reverse()]);
        var place = memory.Numbers(new double[KeyValueCache<TWidth>.Elements(lengths.Length + 1, capacity) + shift], BufferRole.Cache).Plus(shift);
        var cache = new KeyValueCache<TWidth>(place, lengths.Length + 1, capacity);
        var y = Rows<TWidth>(memory, TestMemory.Random(4, lengths.Length * length * width), shift);
        device.AttentionPrefill(
            Rows<Triple<TWidth>>(memory, TestMemory.Random(1, lengths.Length * length * 3 * width), shift), heads, memory.Integers(lengths), slots,
            cache, y);
        var outputs = new List<Location> { y.Start, place };
        for (var step = 0; step < steps; step++)
        {
            var next = Rows<TWidth>(memory, TestMemory.Random(6, lengths.Length * width), shift);
            device.AttentionDecode(
                Rows<Triple<TWidth>>(memory, TestMemory.Random(7 + step, lengths.Length * 3 * width), shift), heads,
                memory.Integers([.. lengths.Select(count => count + step)]), slots, cache, next);
            outputs.Add(next.Start);
        }

        return [.. outputs];
    }

    private static Rows<TWidth> Rows<TWidth>(TestMemory memory, double[] values, int shift)
        where TWidth : struct, IDimension =>
        new(memory.Numbers([.. new double[shift], .. values]).Plus(shift), values.Length / TWidth.Stored);

    private static double[] Scaled(double[] values, double factor) => Array.ConvertAll(values, value => (double)(float)(factor * value));

    private readonly struct Width8 : IDimension
    {
        public static int Size => 8;

        public static int Stored => 8;
    }

    private readonly struct Width80 : IDimension
    {
        public static int Size => 80;

        public static int Stored => 80;
    }

    private readonly struct Width96 : IDimension
    {
        public static int Size => 96;

        public static int Stored => 96;
    }

    private readonly struct Width128 : IDimension
    {
        public static int Size => 128;

        public static int Stored => 128;
    }

    private readonly struct Width256 : IDimension
    {
        public static int Size => 256;

        public static int Stored => 256;
    }
}
