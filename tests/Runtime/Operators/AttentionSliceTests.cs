using GptGen.Cpu;
using GptGen.Reference;
using GptGen.Runtime.Tests.Cpu;
using Xunit;

namespace GptGen.Runtime.Tests.Operators;

/// <summary>Attention over slices of packed rows: its gradients, its devices, and what must come out whatever the sizes.</summary>
public sealed class AttentionSliceTests
{
    public static TheoryData<string> Small => [.. AttentionSlices.Small.Keys];

    public static TheoryData<string> Long => [.. AttentionSlices.Long.Keys];

    public static TheoryData<string, string> LongAtEveryLevel()
    {
        var data = new TheoryData<string, string>();
        foreach (var level in SimdHardware.Available)
        {
            foreach (var name in AttentionSlices.Long.Keys)
                data.Add(level.ToString(), name);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Small))]
    public void AgreesWithCentralDifferences(string name)
    {
        var slices = AttentionSlices.Small[name];
        GradientCheck.Verify(
            slices.Inputs(Width7.Size),
            (device, _, inputs) => slices.Run<Width7>(device, inputs)[0],
            (device, memory, inputs, dy, begun) => slices.Run<Width7>(device, memory, inputs, dy, begun)[2..]);
    }

    [Theory]
    [MemberData(nameof(LongAtEveryLevel))]
    public void AgreesWithTheReference(string level, string name)
    {
        var slices = AttentionSlices.Long[name];
        var inputs = slices.Inputs(Width7.Size);
        using var reference = new ReferenceDevice();
        var expected = slices.Run<Width7>(reference, inputs);
        double[][]? first = null;
        foreach (var threads in new[] { 1, 3 })
        {
            using var device = new CpuDevice(threads, Levels.Parse(level));
            var actual = slices.Run<Width7>(device, inputs);
            for (var result = 0; result < expected.Length; result++)
                GradientCheck.Near(expected[result], actual[result], 2e-5);
            Assert.Equal(first ?? actual, actual);
            first = actual;
        }
    }

    [Theory]
    [InlineData(AttentionMask.Causal)]
    [InlineData(AttentionMask.Full)]
    public void HowTensorsArePackedChangesNoBit(AttentionMask mask)
    {
        var results = Enum.GetValues<AttentionPacking>().Select(packing =>
        {
            var slices = new AttentionSlices(mask, packing, 4, 60, [60, 20], 60, [41, 60], Drop: true);
            return Cpu<Width7>(slices, slices.Inputs(7));
        }).ToArray();
        Assert.All(results, result => Assert.Equal(results[0], result));
    }

    /// <summary>As when a prompt's end follows cached keys: the sums are the same, in another order of tiles.</summary>
    [Fact]
    public void FewerQueriesThanKeysAreTheLastOfSelfAttention()
    {
        const int Keys = 101;
        const int Queries = 37;
        const int Width = 4 * 7;
        var whole = new AttentionSlices(AttentionMask.Causal, AttentionPacking.Apart, 4, Keys, [Keys], Keys, [Keys]);
        var inputs = whole.Inputs(7);
        var last = whole with { QueryRows = Queries, QueryLengths = [Queries] };
        var expected = Cpu<Width7>(whole, inputs)[0][^(Queries * Width)..];
        var actual = Cpu<Width7>(last, [inputs[0][^(Queries * Width)..], inputs[1], inputs[2]])[0];
        GradientCheck.Near(expected, actual, 1e-6);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void SharedKeysEqualRepeatedOnes(int keyHeads)
    {
        var grouped = new AttentionSlices(AttentionMask.Causal, AttentionPacking.Apart, keyHeads, 60, [60, 20], 70, [70, 20], Drop: true);
        var repeated = grouped with { KeyHeads = 4 };
        var inputs = grouped.Inputs(7);
        var (shared, alone) = (Cpu<Width7>(grouped, inputs), Cpu<Width7>(repeated, [inputs[0], Repeat(inputs[1]), Repeat(inputs[2])]));
        Assert.Equal(alone[0], shared[0]);
        Assert.Equal(alone[1], shared[1]);
        Assert.Equal(alone[2], shared[2]);
        GradientCheck.Near(Sum(alone[3]), shared[3], 1e-5);
        GradientCheck.Near(Sum(alone[4]), shared[4], 1e-5);

        double[] Repeat(double[] values) => [.. values.Chunk(7).SelectMany(head => Enumerable.Repeat(head, 4 / keyHeads)).SelectMany(head => head)];

        double[] Sum(double[] values) =>
            [.. values.Chunk(7).Chunk(4 / keyHeads).SelectMany(heads => Enumerable.Range(0, 7).Select(i => heads.Sum(head => head[i])))];
    }

    [Theory]
    [MemberData(nameof(Long))]
    public void WhatLiesBeyondTheLengthsChangesNoBit(string name)
    {
        var slices = AttentionSlices.Long[name];
        var inputs = slices.Inputs(7);
        var expected = Cpu<Width7>(slices, inputs);
        Spoil(inputs[0], slices.QueryLengths, slices.QueryRows);
        Spoil(inputs[1], slices.KeyLengths, slices.KeyRows);
        Spoil(inputs[2], slices.KeyLengths, slices.KeyRows);
        Assert.Equal(expected, Cpu<Width7>(slices, inputs));

        static void Spoil(double[] values, int[] lengths, int rows)
        {
            var width = values.Length / (lengths.Length * rows);
            for (var sequence = 0; sequence < lengths.Length; sequence++)
                Array.Fill(values, double.NaN, (sequence * rows + lengths[sequence]) * width, (rows - lengths[sequence]) * width);
        }
    }

    [Theory]
    [InlineData(AttentionMask.Causal, 50, 3)]
    [InlineData(AttentionMask.Causal, 3, 0)]
    [InlineData(AttentionMask.Full, 50, 0)]
    public void AQueryThatSeesNoKeyGivesZero(AttentionMask mask, int queries, int keys)
    {
        var slices = new AttentionSlices(mask, AttentionPacking.Apart, 4, queries, [queries], Math.Max(1, keys), [keys]);
        var results = Cpu<Width7>(slices, slices.Inputs(7));
        var unseeing = mask == AttentionMask.Full ? queries : queries - keys;
        for (var query = 0; query < queries; query++)
        {
            Assert.Equal(query < unseeing, results[0].AsSpan(query * 28, 28).IndexOfAnyExcept(0.0) < 0);
            Assert.Equal(query < unseeing, results[2].AsSpan(query * 28, 28).IndexOfAnyExcept(0.0) < 0);
            Assert.Equal(query < unseeing, results[1][query] == 0);
        }

        Assert.All(results.SelectMany(static result => result), static number => Assert.True(double.IsFinite(number)));
        Assert.Equal(keys == 0, results[4].AsSpan().IndexOfAnyExcept(0.0) < 0);
    }

    /// <summary>No rows of keys at all, and no sequence: what there is to write is written, and nothing else is touched.</summary>
    [Fact]
    public void WithoutRowsThereIsNothingToSee()
    {
        var withoutKeys = new AttentionSlices(AttentionMask.Full, AttentionPacking.KeysAndValues, 4, 3, [3, 1], 0, [0, 0]);
        var withoutQueries = new AttentionSlices(AttentionMask.Causal, AttentionPacking.KeysAndValues, 4, 0, [0, 0], 3, [3, 1]);
        foreach (var slices in new[] { withoutKeys, withoutQueries })
            Assert.All(Cpu<Width7>(slices, slices.Inputs(7)).SelectMany(static result => result), static number => Assert.Equal(0, number));
        var withoutSequences = new AttentionSlices(AttentionMask.Causal, AttentionPacking.Together, 4, 3, [], 3, []);
        Assert.All(Cpu<Width7>(withoutSequences, withoutSequences.Inputs(7)), Assert.Empty);
    }

    [Fact]
    public void HeadsThatDoNotFitAreRefused()
    {
        Assert.Contains("A width of 15 cannot be split into 4 heads.", Refusal<Width15, Width15>(4, 3));
        Assert.Contains("A width of 36 cannot be split into 5 heads.", Refusal<Width36, Width36>(4, 5));
        Assert.Contains("A width of 36 cannot be split into 0 heads.", Refusal<Width36, Width36>(0, 1));
        Assert.Contains("A width of 36 cannot be split into -1 heads.", Refusal<Width36, Width36>(4, -1));
        Assert.Contains("Heads of queries have 9 numbers and heads of keys 12.", Refusal<Width36, Width36>(4, 3));
        Assert.Contains("4 heads of queries cannot share 3 heads of keys alike.", Refusal<Width36, Triple<Context9>>(4, 3));
    }

    [Fact]
    public void RowsThatOverlapAreRefused()
    {
        using var device = new CpuDevice(1);
        using var memory = new TestMemory(device);
        var rows = memory.Rows<Width15>(new double[5 * 15]);
        var narrow = new Columns<Width15>(rows.Start, 5, 14);
        var error = Assert.Throws<ArgumentException>(() => device.Attention(
            rows.Columns(), narrow, rows.Columns(), new AttentionHeads<Width15, Width15>(1, 1, AttentionMask.Full), memory.Integers(5),
            memory.Integers(5), default, memory.Rows<Width15>(new double[5 * 15]), default));
        Assert.Contains("Rows of 15 columns cannot begin every 14 elements.", error.Message);
        Assert.Equal("key", error.ParamName);
    }

    private static string Refusal<TQuery, TKey>(int queryHeads, int keyHeads)
        where TQuery : struct, IDimension
        where TKey : struct, IDimension
    {
        using var device = new CpuDevice(1);
        using var memory = new TestMemory(device);
        var (query, key) = (memory.Rows<TQuery>(new double[TQuery.Size]), memory.Rows<TKey>(new double[TKey.Size]).Columns());
        return Assert.Throws<ArgumentException>(() => device.Attention(
            query.Columns(), key, key, new AttentionHeads<TQuery, TKey>(queryHeads, keyHeads, AttentionMask.Full), memory.Integers(1),
            memory.Integers(1), default, memory.Rows<TQuery>(new double[TQuery.Size]), default)).Message;
    }

    private static double[][] Cpu<THead>(AttentionSlices slices, double[][] inputs)
        where THead : struct, IDimension
    {
        using var device = new CpuDevice(2);
        return slices.Run<THead>(device, inputs);
    }
}
