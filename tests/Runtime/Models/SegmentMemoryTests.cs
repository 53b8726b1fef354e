using GptGen.Runtime.Tests.Golden;
using Xunit;

namespace GptGen.Runtime.Tests.Models;

public sealed class SegmentMemoryTests : IDisposable
{
    private const int Sequences = 2;

    private readonly CpuDevice device = new(2);
    private readonly TransformerXLTiny model;
    private readonly int[] tokens = [.. Enumerable.Range(0, 24).Select(static index => (index * 37 % 101) + (index % 2 == 0 ? 0 : -1) + 1)];

    public SegmentMemoryTests()
    {
        model = TransformerXLTiny.Create(device);
        model.Initialize(5);
    }

    public void Dispose()
    {
        model.Dispose();
        device.Dispose();
    }

    /// <summary>With a memory that reaches far enough, no row knows whether it was read with those before it or after them.</summary>
    [Fact]
    public void SegmentsWithMemorySayWhatOneLongPassSays()
    {
        using var whole = model.CreateTraining(Sequences, 12);
        whole.SetBatch(null, Sequences, 12, tokens, tokens);
        whole.Forward();
        var expected = Logits(whole);

        using var memory = model.CreateMemory(Sequences);
        using var part = model.CreateTraining(Sequences, 5);
        for (var start = 0; start < 12;)
        {
            var length = Math.Min(start == 0 ? 3 : 5, 12 - start);
            var segment = Enumerable.Range(0, Sequences).SelectMany(text => tokens.AsSpan((text * 12) + start, length).ToArray()).ToArray();
            part.SetBatch(memory, Sequences, length, segment, segment);
            part.Forward();
            var actual = Logits(part);
            for (var row = 0; row < Sequences * length; row++)
            {
                var (text, position) = Math.DivRem(row, length);
                for (var token = 0; token < 101; token++)
                    Assert.Equal(expected[(((text * 12) + start + position) * 101) + token], actual[(row * 101) + token], 2e-5);
            }

            part.AdvanceMemory();
            start += length;
            Assert.Equal(start, memory.Length);
        }
    }

    [Fact]
    public void TheMemoryKeepsTheLastRowsUpToItsCapacity()
    {
        using var memory = model.CreateMemory(Sequences, capacity: 5);
        using var training = model.CreateTraining(Sequences, 4);
        foreach (var expected in new[] { 4, 5, 5 })
        {
            training.SetBatch(memory, Sequences, 4, tokens.AsSpan(0, 8), tokens.AsSpan(0, 8));
            training.Forward();
            training.AdvanceMemory();
            Assert.Equal(expected, memory.Length);
        }

        // What is kept of the last segment are its rows: the embeddings, for the first layer.
        var hidden = new float[Sequences * 4 * 30];
        training.ReadHidden(0, hidden);
        var kept = new float[Sequences * 5 * 30];
        memory.Read(0, kept);
        Assert.Equal(hidden.AsSpan(0, 4 * 30), kept.AsSpan(30, 4 * 30));
        memory.Reset();
        Assert.Equal(0, memory.Length);
        memory.Reset(zeroRows: 3);
        Assert.Equal(3, memory.Length);
        memory.Read(1, kept);
        Assert.All(kept.AsSpan(0, Sequences * 3 * 30).ToArray(), static value => Assert.Equal(0, value));
    }

    [Fact]
    public void APassOverTheSameBatchHasTheSameBitsUntilTheMemoryGoesOn()
    {
        using var memory = model.CreateMemory(Sequences);
        using var training = model.CreateTraining(Sequences, 4);
        Segment(0);
        training.AdvanceMemory();
        Segment(4);
        var first = Logits(training);
        training.Forward();
        Assert.Equal(first, Logits(training));
        training.AdvanceMemory();
        Assert.Equal(first, Logits(training));
        Assert.Contains("SetBatch", Assert.Throws<InvalidOperationException>(training.Forward).Message);
        Assert.Throws<InvalidOperationException>(training.AdvanceMemory);

        void Segment(int start)
        {
            int[] segment = [.. tokens.AsSpan(start, 4), .. tokens.AsSpan(12 + start, 4)];
            training.SetBatch(memory, Sequences, 4, segment, segment);
            training.Forward();
        }
    }

    [Fact]
    public void WhatDoesNotFitIsRefused()
    {
        Assert.Contains("0 texts", Assert.Throws<GptGenException>(() => model.CreateMemory(0)).Message);
        Assert.Contains("between 0 and 14", Assert.Throws<GptGenException>(() => model.CreateMemory(1, 15)).Message);
        using var memory = model.CreateMemory(Sequences);
        using var training = model.CreateTraining(Sequences, 4);
        Assert.Contains("2 texts", Assert.Throws<GptGenException>(() => training.SetBatch(memory, 1, 4, tokens[..4], tokens[..4])).Message);
        Assert.Contains("made for 4", Assert.Throws<GptGenException>(() => training.SetBatch(null, 1, 5, tokens[..5], tokens[..5])).Message);
        training.SetBatch(null, 1, 4, tokens[..4], tokens[..4]);
        training.Forward();
        Assert.Throws<InvalidOperationException>(training.AdvanceMemory);
        using var stranger = TransformerXLTiny.Create(device);
        using var others = stranger.CreateMemory(Sequences);
        Assert.Contains("another", Assert.Throws<GptGenException>(() => training.SetBatch(others, 2, 4, tokens[..8], tokens[..8])).Message);
    }

    private static float[] Logits(SegmentTrainingGraph graph)
    {
        var logits = new float[graph.RowCount * 101];
        graph.ReadLogits(logits);
        return logits;
    }
}
