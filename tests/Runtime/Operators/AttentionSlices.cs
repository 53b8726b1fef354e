using Xunit;

namespace GptGen.Runtime.Tests.Operators;

/// <summary>How queries, keys and values lie in memory.</summary>
internal enum AttentionPacking
{
    /// <summary>Side by side in the same rows, as self-attention projects them.</summary>
    Together,

    /// <summary>Keys and values side by side, as cross-attention projects them.</summary>
    KeysAndValues,

    /// <summary>Each in columns of rows of its own, whose other columns belong to somebody else.</summary>
    Apart,
}

/// <summary>Attention of four query heads over slices of packed rows, on any device, forward and backward.</summary>
/// <param name="Mask">Which positions a query may look at.</param>
/// <param name="Packing">How its tensors lie in memory.</param>
/// <param name="KeyHeads">4, or 2 or 1 that query heads share.</param>
/// <param name="QueryRows">Rows of queries a sequence.</param>
/// <param name="QueryLengths">How many of them count.</param>
/// <param name="KeyRows">Rows of keys a sequence.</param>
/// <param name="KeyLengths">How many of them count.</param>
/// <param name="Drop">Whether there is dropout.</param>
internal sealed record AttentionSlices(
    AttentionMask Mask, AttentionPacking Packing, int KeyHeads, int QueryRows, int[] QueryLengths, int KeyRows, int[] KeyLengths, bool Drop = false)
{
    private const int QueryHeads = 4;
    private const int Before = 2;
    private const int Gap = 3;
    private const double Foreign = 77;

    /// <summary>Small enough for central differences.</summary>
    public static IReadOnlyDictionary<string, AttentionSlices> Small { get; } = new Dictionary<string, AttentionSlices>
    {
        ["self, causal"] = new(AttentionMask.Causal, AttentionPacking.Together, 4, 5, [5, 1, 0, 3], 5, [5, 1, 0, 3]),
        ["self, full, dropout"] = new(AttentionMask.Full, AttentionPacking.Together, 4, 5, [5, 1, 0, 3], 5, [5, 1, 0, 3], Drop: true),
        ["self, causal, dropout"] = new(AttentionMask.Causal, AttentionPacking.Together, 4, 5, [5, 2], 5, [5, 2], Drop: true),
        ["cross"] = new(AttentionMask.Full, AttentionPacking.KeysAndValues, 4, 3, [3, 2, 0, 1], 5, [5, 0, 4, 2]),
        ["cross, dropout"] = new(AttentionMask.Full, AttentionPacking.KeysAndValues, 4, 5, [5, 2, 4], 3, [3, 2, 0], Drop: true),
        ["causal, more keys"] = new(AttentionMask.Causal, AttentionPacking.Apart, 4, 3, [3, 2, 0, 1], 7, [7, 4, 5, 1]),
        ["causal, more queries"] = new(AttentionMask.Causal, AttentionPacking.Apart, 4, 6, [6, 3, 6], 4, [4, 1, 0], Drop: true),
        ["grouped by two"] = new(AttentionMask.Causal, AttentionPacking.Apart, 2, 4, [4, 3], 4, [4, 3], Drop: true),
        ["grouped by four"] = new(AttentionMask.Full, AttentionPacking.KeysAndValues, 1, 4, [4, 1], 5, [3, 5]),
    };

    /// <summary>Longer than the tiles and strips of any kernel, their borders among the lengths.</summary>
    public static IReadOnlyDictionary<string, AttentionSlices> Long { get; } = new Dictionary<string, AttentionSlices>
    {
        ["self, causal"] = new(AttentionMask.Causal, AttentionPacking.Together, 4, 109, [109, 0, 48], 109, [109, 0, 48]),
        ["cross"] = new(AttentionMask.Full, AttentionPacking.KeysAndValues, 4, 70, [70, 33, 0, 5], 131, [131, 0, 64, 97], Drop: true),
        ["cross to fewer"] = new(AttentionMask.Full, AttentionPacking.KeysAndValues, 4, 131, [131, 64], 50, [50, 1]),
        ["causal, more keys"] = new(AttentionMask.Causal, AttentionPacking.Apart, 4, 70, [70, 1, 48, 0], 150, [150, 97, 49, 9], Drop: true),
        ["causal, more queries"] = new(AttentionMask.Causal, AttentionPacking.Apart, 4, 150, [150, 97, 65, 9], 70, [70, 1, 64, 0], Drop: true),
        ["causal, more queries, aligned"] = new(AttentionMask.Causal, AttentionPacking.Together, 4, 131, [131, 97, 64], 131, [67, 1, 0]),
        ["grouped by two"] = new(AttentionMask.Causal, AttentionPacking.KeysAndValues, 2, 66, [66, 40], 80, [80, 40], Drop: true),
        ["grouped by four"] = new(AttentionMask.Full, AttentionPacking.Apart, 1, 66, [66, 40], 50, [50, 3]),
    };

    /// <summary>Numbers for queries, keys and values of heads of some size, each without gaps.</summary>
    public double[][] Inputs(int headSize) =>
    [
        TestMemory.Random(1, QueryLengths.Length * QueryRows * QueryHeads * headSize),
        TestMemory.Random(2, KeyLengths.Length * KeyRows * KeyHeads * headSize),
        TestMemory.Random(3, KeyLengths.Length * KeyRows * KeyHeads * headSize),
    ];

    /// <summary>
    /// Outputs, log-sum-exps, and the gradients of queries, keys and values for random ones of the outputs, all of which must be written.
    /// </summary>
    public double[][] Run<THead>(Device device, double[][] inputs, Func<BufferRole, bool>? isBFloat16 = null)
        where THead : struct, IDimension
    {
        using var memory = new TestMemory(device, isBFloat16);
        var begun = inputs.Select((input, index) => TestMemory.Random(10 + index, input.Length)).ToArray();
        return Run<THead>(device, memory, inputs, TestMemory.Random(4, inputs[0].Length), begun);
    }

    /// <summary>The same with given gradients of the outputs, and what the others begin as.</summary>
    public double[][] Run<THead>(Device device, TestMemory memory, double[][] inputs, double[] dy, double[][] begun)
        where THead : struct, IDimension => KeyHeads switch
        {
            4 => Run<Double<Double<THead>>, Double<Double<THead>>>(device, memory, inputs, dy, begun),
            2 => Run<Double<Double<THead>>, Double<THead>>(device, memory, inputs, dy, begun),
            1 => Run<Double<Double<THead>>, THead>(device, memory, inputs, dy, begun),
            _ => throw new InvalidOperationException($"{QueryHeads} query heads on {KeyHeads}."),
        };

    private double[][] Run<TQuery, TKey>(Device device, TestMemory memory, double[][] inputs, double[] dy, double[][] begun)
        where TQuery : struct, IDimension
        where TKey : struct, IDimension
    {
        var heads = new AttentionHeads<TQuery, TKey>(QueryHeads, KeyHeads, Mask);
        var site = Drop ? new Dropout(0.3f, 5, 2, 1).Site(1, 3) : default;
        var (queryLengths, keyLengths) = (memory.Integers(QueryLengths), memory.Integers(KeyLengths));
        var (query, key, value) = Pack<TQuery, TKey>(memory, inputs);
        var (dQuery, dKey, dValue) = Pack<TQuery, TKey>(memory, begun);
        var y = memory.Rows<TQuery>(TestMemory.Random(5, inputs[0].Length));
        var logSumExp = memory.Statistics(TestMemory.Random(6, QueryLengths.Length * QueryHeads * QueryRows));
        device.Attention(query, key, value, heads, queryLengths, keyLengths, site, y, logSumExp);
        device.AttentionBackward(
            memory.Rows<TQuery>(dy), query, key, value, y, logSumExp, heads, queryLengths, keyLengths, site, dQuery, dKey, dValue);
        return [TestMemory.Read(y.Start), TestMemory.Read(logSumExp.Start), Unpack(dQuery), Unpack(dKey), Unpack(dValue)];
    }

    private (Columns<TQuery> Query, Columns<TKey> Key, Columns<TKey> Value) Pack<TQuery, TKey>(TestMemory memory, double[][] parts)
        where TQuery : struct, IDimension
        where TKey : struct, IDimension
    {
        switch (Packing)
        {
            case AttentionPacking.Together:
                var packed = memory.Rows<Triple<TQuery>>(SideBySide(TQuery.Size, parts));
                return (packed.Query(), Same<TQuery, TKey>(packed.Key()), Same<TQuery, TKey>(packed.Value()));
            case AttentionPacking.KeysAndValues:
                var pairs = memory.Rows<Double<TKey>>(SideBySide(TKey.Size, parts[1], parts[2]));
                return (memory.Rows<TQuery>(parts[0]).Columns(), pairs.Key(), pairs.Value());
            default:
                return (Among<TQuery>(memory, parts[0]), Among<TKey>(memory, parts[1]), Among<TKey>(memory, parts[2]));
        }
    }

    private static Columns<TTo> Same<TFrom, TTo>(Columns<TFrom> columns)
        where TFrom : struct, IDimension
        where TTo : struct, IDimension
    {
        Assert.Equal(TFrom.Size, TTo.Size);
        return new(columns.Start, columns.Count, columns.Stride);
    }

    private static double[] SideBySide(int width, params double[][] parts)
    {
        var packed = new double[parts.Length * parts[0].Length];
        for (var part = 0; part < parts.Length; part++)
        {
            for (var row = 0; row < parts[part].Length / width; row++)
                Array.Copy(parts[part], row * width, packed, (row * parts.Length + part) * width, width);
        }

        return packed;
    }

    /// <summary>Rows among numbers of somebody else.</summary>
    private static Columns<TWidth> Among<TWidth>(TestMemory memory, double[] values)
        where TWidth : struct, IDimension
    {
        var (rows, stride) = (values.Length / TWidth.Size, TWidth.Size + Gap);
        var all = Enumerable.Repeat(Foreign, rows * stride).ToArray();
        for (var row = 0; row < rows; row++)
            Array.Copy(values, row * TWidth.Size, all, Before + row * stride, TWidth.Size);
        return new(memory.Numbers(all).Plus(Before), rows, stride);
    }

    private double[] Unpack<TWidth>(Columns<TWidth> columns)
        where TWidth : struct, IDimension
    {
        var all = TestMemory.Read(columns.Start.Arena.At(0));
        var values = new double[columns.Count * TWidth.Size];
        for (var row = 0; row < columns.Count; row++)
        {
            var first = (int)columns.Start.Offset + row * columns.Stride;
            Array.Copy(all, first, values, row * TWidth.Size, TWidth.Size);
            Array.Fill(all, Foreign, first, TWidth.Size);
        }

        if (Packing == AttentionPacking.Apart)
            Assert.All(all, static number => Assert.Equal(Foreign, number));
        return values;
    }
}
