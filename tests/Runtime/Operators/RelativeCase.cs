namespace GptGen.Runtime.Tests.Operators;

/// <summary>Relative attention of two heads, on any device, forward and backward.</summary>
/// <param name="Sequences">Sequences.</param>
/// <param name="Queries">Rows of a sequence that ask.</param>
/// <param name="Memory">Rows before them.</param>
/// <param name="Window">The most keys that a query sees; 0 for all.</param>
/// <param name="Drop">Whether there is dropout.</param>
/// <param name="Write">What becomes of the biases' gradients.</param>
internal sealed record RelativeCase(
    int Sequences, int Queries, int Memory, int Window = 0, bool Drop = false, GradientWrite Write = GradientWrite.Write)
{
    private const int Heads = 2;

    /// <summary>Distances that no key is at.</summary>
    private const int MoreDistances = 2;

    /// <summary>Small enough for central differences.</summary>
    public static IReadOnlyDictionary<string, RelativeCase> Small { get; } = new Dictionary<string, RelativeCase>
    {
        ["without memory"] = new(2, 4, 0),
        ["one query"] = new(2, 1, 3),
        ["memory"] = new(2, 3, 2, Drop: true),
        ["window"] = new(3, 3, 4, 3),
        ["window of one"] = new(1, 3, 2, 1),
        ["window, dropout"] = new(5, 4, 1, 4, Drop: true),
    };

    /// <summary>Longer than the tiles and strips of any kernel, and no multiple of anything.</summary>
    public static IReadOnlyDictionary<string, RelativeCase> Long { get; } = new Dictionary<string, RelativeCase>
    {
        ["one query"] = new(3, 1, 150),
        ["one row"] = new(2, 1, 0, Drop: true),
        ["few queries"] = new(2, 7, 14, 5, Drop: true),
        ["without memory"] = new(2, 130, 0, Drop: true),
        ["memory"] = new(5, 33, 150, Drop: true, Write: GradientWrite.Add),
        ["short memory"] = new(2, 130, 3),
        ["window"] = new(2, 130, 150, 100, Drop: true),
        ["window shorter than the segment"] = new(2, 130, 14, 33),
        ["window as long as all"] = new(1, 33, 14, 47),
    };

    /// <summary>Key length.</summary>
    public int Keys => Memory + Queries;

    /// <summary>Queries, keys and values; distances; content and position bias. With scores between about -3 and 3.</summary>
    public double[][] Inputs(int headSize)
    {
        var (width, scale) = (Heads * headSize, 2 / Math.Pow(headSize, 0.25));
        return [
            Scaled(TestMemory.Random(1, Sequences * Keys * 3 * width), scale), Scaled(TestMemory.Random(2, (Keys + MoreDistances) * width), scale),
            TestMemory.Random(3, width), TestMemory.Random(4, width)];
    }

    /// <summary>The same, and no number at all where nobody may look: the memory's queries, and distances that no key is at.</summary>
    public double[][] PoisonedInputs(int headSize)
    {
        var (inputs, width) = (Inputs(headSize), Heads * headSize);
        for (var sequence = 0; sequence < Sequences; sequence++)
        {
            for (var row = 0; row < Memory; row++)
                inputs[0].AsSpan((sequence * Keys + row) * 3 * width, width).Fill(double.NaN);
        }

        inputs[1].AsSpan(Keys * width).Fill(double.NaN);
        return inputs;
    }

    /// <summary>Outputs, log-sum-exps and gradients, of which each begins as no number where it must be written.</summary>
    public double[][] Run<THead>(Device device, double[][] inputs)
        where THead : struct, IDimension
    {
        using var memory = new TestMemory(device);
        var poison = inputs.Select(static input => Enumerable.Repeat(double.NaN, input.Length).ToArray()).ToArray();
        if (Write == GradientWrite.Add)
            (poison[2], poison[3]) = (TestMemory.Random(7, poison[2].Length), TestMemory.Random(8, poison[3].Length));
        return Run<THead>(device, memory, inputs, TestMemory.Random(5, Sequences * Queries * Heads * THead.Size), poison);
    }

    /// <summary>The same with given gradients of the outputs, and what the others begin as.</summary>
    public double[][] Run<THead>(Device device, TestMemory memory, double[][] inputs, double[] dy, double[][] begun)
        where THead : struct, IDimension =>
        Array.ConvertAll(Run<THead>(device, memory, inputs, dy, begun, shift: 0), TestMemory.Read);

    /// <summary>The same; the tensors begin <paramref name="shift"/> elements into their arenas.</summary>
    public Location[] Run<THead>(Device device, TestMemory memory, double[][] inputs, double[] dy, double[][] begun, int shift)
        where THead : struct, IDimension
    {
        var heads = new AttentionHeads<Double<THead>, Double<THead>>(Heads, Heads, AttentionMask.Causal);
        var site = Drop ? new Dropout(0.3f, 5, 2, 1).Site(1, 3) : default;
        var (rows, width) = (Sequences * Queries, Heads * THead.Size);
        var qkv = new Rows<Triple<Double<THead>>>(At(inputs[0]), Sequences * Keys);
        var distances = new Rows<Double<THead>>(At(inputs[1]), Keys + MoreDistances);
        var (content, position) = (
            new Vector<Double<THead>>(At(inputs[2], BufferRole.Parameter)), new Vector<Double<THead>>(At(inputs[3], BufferRole.Parameter)));
        var y = new Rows<Double<THead>>(At([.. Enumerable.Repeat(double.NaN, rows * width)]), rows);
        var logSumExp = memory.Statistics([.. Enumerable.Repeat(double.NaN, rows * Heads)]);
        var dQkv = new Rows<Triple<Double<THead>>>(At(begun[0]), Sequences * Keys);
        var dDistances = new Rows<Double<THead>>(At(begun[1]), Keys + MoreDistances);
        var (dContent, dPosition) = (
            new Vector<Double<THead>>(At(begun[2], BufferRole.Gradient)), new Vector<Double<THead>>(At(begun[3], BufferRole.Gradient)));
        device.RelativeAttention(qkv, distances, content, position, heads, Sequences, Window, site, y, logSumExp);
        device.RelativeAttentionBackward(
            new(At(dy), rows), qkv, distances, content, position, y, logSumExp, heads, Sequences, Window, site, dQkv, dDistances, dContent,
            dPosition, Write);
        return [y.Start, logSumExp.Start, dQkv.Start, dDistances.Start, dContent.Start, dPosition.Start];

        Location At(double[] values, BufferRole role = BufferRole.Activation) =>
            memory.Numbers([.. new double[shift], .. values], role).Plus(shift);
    }

    private static double[] Scaled(double[] values, double factor) => Array.ConvertAll(values, value => (double)(float)(factor * value));
}

/// <summary>Relative attention token by token against a ring of keys and values, on any device.</summary>
internal static class RelativeDecodeCase
{
    private const int Heads = 2;
    private const int Slots = 3;

    /// <summary>
    /// The outputs of some tokens of two sequences, the second of which is <paramref name="late"/> positions behind, and the ring at last.
    /// </summary>
    public static double[][] Run<THead>(Device device, int capacity, int tokens, int late, double[] qkv, double[][] others, int first = 0)
        where THead : struct, IDimension
    {
        using var memory = new TestMemory(device);
        var (width, outputs) = (Heads * THead.Size, new List<double[]>());
        var heads = new AttentionHeads<Double<THead>, Double<THead>>(Heads, Heads, AttentionMask.Causal);
        // Nothing may be read that no token has stored.
        var numbers = Enumerable.Repeat(double.NaN, (int)KeyValueCache<Double<THead>>.Elements(Slots, capacity)).ToArray();
        var cache = new KeyValueCache<Double<THead>>(memory.Numbers(numbers, BufferRole.Cache), Slots, capacity);
        var distances = memory.Rows<Double<THead>>(others[0]);
        var (content, position) = (memory.Vector<Double<THead>>(others[1]), memory.Vector<Double<THead>>(others[2]));
        for (var token = 0; token < tokens; token++)
        {
            var sequences = token < late ? 1 : 2;
            double[] rows = [.. Row(0, token), .. sequences == 2 ? Row(1, token - late) : []];
            var y = memory.Rows<Double<THead>>([.. Enumerable.Repeat(double.NaN, sequences * width)]);
            int[] positions = [first + token, first + token - late];
            device.RelativeAttentionDecode(
                memory.Rows<Triple<Double<THead>>>(rows), distances, content, position, heads, memory.Integers(positions[..sequences]),
                memory.Integers(new[] { 2, 0 }[..sequences]), cache, y);
            outputs.Add(TestMemory.Read(y.Start));
        }

        return [.. outputs, TestMemory.Read(cache.Keys)];

        double[] Row(int sequence, int token) => qkv.AsSpan((sequence * tokens + token) * 3 * width, 3 * width).ToArray();
    }
}
