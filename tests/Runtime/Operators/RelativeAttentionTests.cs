using GptGen.Cpu;
using GptGen.Reference;
using GptGen.Runtime.Tests.Cpu;
using Xunit;

namespace GptGen.Runtime.Tests.Operators;

/// <summary>Attention by content and by distance: its gradients, its devices, and what must come out whatever the sizes.</summary>
public sealed class RelativeAttentionTests
{
    public static TheoryData<string> Small => [.. RelativeCase.Small.Keys];

    public static TheoryData<string, string> LongAtEveryLevel()
    {
        var data = new TheoryData<string, string>();
        foreach (var level in SimdHardware.Available)
        {
            foreach (var name in RelativeCase.Long.Keys)
                data.Add(level.ToString(), name);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Small))]
    public void AgreesWithCentralDifferences(string name)
    {
        var attention = RelativeCase.Small[name];
        GradientCheck.Verify(
            attention.Inputs(Width7.Size), (device, _, inputs) => attention.Run<Width7>(device, inputs)[0],
            (device, memory, inputs, dy, begun) => attention.Run<Width7>(device, memory, inputs, dy, begun)[2..]);
    }

    /// <summary>The biases' gradients alone are ever added.</summary>
    [Theory]
    [MemberData(nameof(Small))]
    public void AddedGradientsAgreeWithCentralDifferences(string name)
    {
        var attention = RelativeCase.Small[name] with { Write = GradientWrite.Add };
        var others = attention.Inputs(Width7.Size)[..2];
        GradientCheck.Verify(
            attention.Inputs(Width7.Size)[2..], (device, _, biases) => attention.Run<Width7>(device, [.. others, .. biases])[0],
            (device, memory, biases, dy, begun) => attention.Run<Width7>(device, memory, [.. others, .. biases], dy, [.. others, .. begun])[4..],
            GradientWrite.Add);
    }

    [Theory]
    [MemberData(nameof(LongAtEveryLevel))]
    public void AgreesWithTheReference(string level, string name)
    {
        Verify<Size10>();
        Verify<Size41>();
        Verify<Size64>();
        Verify<Size8>();

        void Verify<THead>()
            where THead : struct, IDimension
        {
            var attention = RelativeCase.Long[name];
            var inputs = attention.PoisonedInputs(THead.Size);
            using var reference = new ReferenceDevice();
            var expected = attention.Run<THead>(reference, inputs);
            double[][]? first = null;
            for (var threads = 1; threads <= 5; threads++)
            {
                using var device = new CpuDevice(threads, Levels.Parse(level));
                var actual = attention.Run<THead>(device, inputs);
                for (var result = 0; result < expected.Length; result++)
                    GradientCheck.Near(expected[result], actual[result], 2e-5);
                Assert.Equal(first ?? actual, actual);
                first = actual;
            }
        }
    }

    /// <summary>What is remembered gives the same as having read on.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(40)]
    public void OneLongPassEqualsTwoSegmentsWithMemory(int window)
    {
        const int First = 61;
        const int Second = 70;
        const int Width = 2 * 7;
        var whole = new RelativeCase(1, First + Second, 0, window);
        var inputs = whole.Inputs(7);
        var memory = window == 0 ? First : window - 1;
        var (before, after) = (whole with { Queries = First }, whole with { Queries = Second, Memory = memory });
        var (expected, begun) = (Cpu<Width7>(whole, inputs), Cpu<Width7>(before, [inputs[0][..(First * 3 * Width)], .. inputs[1..]]));
        var ended = Cpu<Width7>(after, [inputs[0][((First - memory) * 3 * Width)..], .. inputs[1..]]);
        GradientCheck.Near(expected[0], [.. begun[0], .. ended[0]], 2e-6);
        GradientCheck.Near(expected[1].Chunk(First + Second).SelectMany(static head => head[First..]).ToArray(), ended[1], 2e-6);
    }

    /// <summary>The ring goes round several times; the second sequence begins later.</summary>
    [Theory]
    [InlineData(23, 70)]
    [InlineData(23, 23)]
    [InlineData(1, 5)]
    public void DecodingGivesTheRowsOfTheForwardPass(int capacity, int tokens)
    {
        const int Late = 3;
        var attention = new RelativeCase(2, tokens, 0, capacity);
        var inputs = attention.Inputs(7);
        double[][] others = [inputs[1][..(capacity * 14)], inputs[2], inputs[3]];
        var forward = Cpu<Width7>(attention, inputs)[0];
        using var device = new CpuDevice(2);
        var decoded = RelativeDecodeCase.Run<Width7>(device, capacity, tokens, Late, inputs[0], others);
        for (var token = 0; token < tokens; token++)
        {
            GradientCheck.Near(forward.AsSpan(token * 14, 14).ToArray(), decoded[token][..14], 2e-6);
            if (token >= Late)
                GradientCheck.Near(forward.AsSpan((tokens + token - Late) * 14, 14).ToArray(), decoded[token][14..], 2e-6);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void DecodingAgreesWithTheReference(int threads)
    {
        Verify<Size10>(17, 40);
        Verify<Size41>(17, 40);
        Verify<Size64>(150, 20);

        void Verify<THead>(int capacity, int tokens)
            where THead : struct, IDimension
        {
            var inputs = new RelativeCase(2, Math.Max(capacity, tokens), 0).Inputs(THead.Size);
            double[][] others = [inputs[1][..(capacity * 2 * THead.Size)], inputs[2], inputs[3]];
            using var reference = new ReferenceDevice();
            using var device = new CpuDevice(threads);
            var expected = RelativeDecodeCase.Run<THead>(reference, capacity, tokens, 5, inputs[0], others);
            var actual = RelativeDecodeCase.Run<THead>(device, capacity, tokens, 5, inputs[0], others);
            for (var result = 0; result < expected.Length - 1; result++)
                GradientCheck.Near(expected[result], actual[result], 1e-5);
            Assert.Equal(expected[^1], actual[^1]);
        }
    }

    /// <summary>A token whose position is the largest that there is, after as many others as the ring holds.</summary>
    [Fact]
    public void PositionsGrowWithoutEnd()
    {
        const int Capacity = 5;
        const int Tokens = 12;
        var inputs = new RelativeCase(1, Tokens, 0).Inputs(7);
        double[][] others = [inputs[1][..(Capacity * 14)], inputs[2], inputs[3]];
        using var reference = new ReferenceDevice();
        using var device = new CpuDevice(1);
        // Whole rounds of the ring before it change where nothing is stored.
        const int First = int.MaxValue - Tokens - (int.MaxValue - Tokens) % Capacity;
        Assert.True(First > 2_000_000_000);
        var early = RelativeDecodeCase.Run<Width7>(device, Capacity, Tokens, Tokens, inputs[0], others);
        foreach (var either in new Device[] { device, reference })
        {
            var late = RelativeDecodeCase.Run<Width7>(either, Capacity, Tokens, Tokens, inputs[0], others, First);
            for (var token = Capacity; token < Tokens; token++)
                GradientCheck.Near(early[token], late[token], 1e-6);
        }
    }

    [Fact]
    public void WithoutRowsThereIsNothingToSee()
    {
        foreach (var attention in new[] { new RelativeCase(0, 3, 2), new RelativeCase(2, 0, 3), new RelativeCase(2, 0, 0) })
        {
            // A sequence without rows and no sequence at all have no key length of their own.
            var rows = attention.Sequences == 0 ? attention with { Queries = 0, Memory = 0 } : attention;
            foreach (var write in Enum.GetValues<GradientWrite>())
            {
                var results = Cpu<Width7>(rows with { Write = write }, rows.Inputs(7));
                Assert.Empty(results[0]);
                Assert.All(results[2..4].SelectMany(static result => result), static number => Assert.Equal(0, number));
                Assert.Equal(write == GradientWrite.Write ? new double[14] : TestMemory.Random(7, 14), results[4]);
                Assert.Equal(write == GradientWrite.Write ? new double[14] : TestMemory.Random(8, 14), results[5]);
            }
        }
    }

    [Fact]
    public void WhatDoesNotFitIsRefused()
    {
        Assert.Contains("3 queries cannot be the last of 2 rows.", Refusal(sequences: 1, queries: 3, keys: 2));
        Assert.Contains("5 rows do not belong to 2 sequences alike.", Refusal(sequences: 2, queries: 4, keys: 5));
        Assert.Contains("3 rows do not belong to 2 sequences alike.", Refusal(sequences: 2, queries: 3, keys: 4));
        Assert.Contains("sequences", Refusal(sequences: -1, queries: 3, keys: 3));
        Assert.Contains("window", Refusal(window: -1));
        Assert.Contains("There are 2 rows where 3 are needed. (Parameter 'distances')", Refusal(distances: 2));
        Assert.Contains("Relative attention has a causal mask.", Refusal(mask: AttentionMask.Full));
        Assert.Contains("cannot be split into 4 heads", Refusal(heads: 4));
    }

    [Fact]
    public void ARingWithoutPositionsIsRefused()
    {
        using var device = new CpuDevice(1);
        using var memory = new TestMemory(device);
        var cache = new KeyValueCache<Width15>(memory.Numbers([], BufferRole.Cache), 3, 0);
        var error = Assert.Throws<ArgumentException>(() => device.RelativeAttentionDecode(
            memory.Rows<Triple<Width15>>(new double[45]), memory.Rows<Width15>([]), memory.Vector<Width15>(new double[15]),
            memory.Vector<Width15>(new double[15]), new AttentionHeads<Width15, Width15>(3, 3, AttentionMask.Causal), memory.Integers(0),
            memory.Integers(0), cache, memory.Rows<Width15>(new double[15])));
        Assert.Contains("A cache without positions cannot take a token.", error.Message);
    }

    private static string Refusal(
        int sequences = 1, int queries = 3, int keys = 3, int window = 0, int distances = 3, AttentionMask mask = AttentionMask.Causal, int heads = 3)
    {
        using var device = new CpuDevice(1);
        using var memory = new TestMemory(device);
        return Assert.ThrowsAny<ArgumentException>(() => device.RelativeAttention(
            memory.Rows<Triple<Width15>>(new double[keys * 45]), memory.Rows<Width15>(new double[distances * 15]),
            memory.Vector<Width15>(new double[15]), memory.Vector<Width15>(new double[15]), new AttentionHeads<Width15, Width15>(heads, heads, mask),
            sequences, window, default, memory.Rows<Width15>(new double[queries * 15]), default)).Message;
    }

    private static double[][] Cpu<THead>(RelativeCase attention, double[][] inputs)
        where THead : struct, IDimension
    {
        using var device = new CpuDevice(2);
        return attention.Run<THead>(device, inputs);
    }
}
