using GptGen.Runtime.Tests.Golden;
using Xunit;

namespace GptGen.Runtime.Tests.Models;

/// <summary>What the LSTMs of a bidirectional model carry from batch to batch.</summary>
public sealed class RecurrentStateTests : IDisposable
{
    private const int Sequences = 2;
    private const int Length = 8;

    private readonly CpuDevice device = new(2);
    private readonly ElmoTinyTable model;
    private readonly int[] tokens = [.. Enumerable.Range(0, Sequences * Length).Select(static index => (7 * index + 3) % 60)];

    public RecurrentStateTests()
    {
        model = ElmoTinyTable.Create(device);
        model.Initialize(5);
    }

    public void Dispose()
    {
        model.Dispose();
        device.Dispose();
    }

    [Fact]
    public void TwoHalvesWithTheStateAreOneWhole()
    {
        var whole = Forward(null, tokens, tokens);
        using var state = model.CreateState(Sequences);
        // Forward the first half comes first, backward the second.
        var (first, second) = (Half(0), Half(1));
        var before = Forward(state, first, second);
        var behind = Forward(state, second, first);
        for (var row = 0; row < Sequences * Length; row++)
        {
            var (sequence, place) = Math.DivRem(row, Length);
            var inHalf = (sequence * Length / 2) + (place % (Length / 2));
            Near(whole, row, place < Length / 2 ? before : behind, inHalf);
            Near(whole, (Sequences * Length) + row, place < Length / 2 ? behind : before, (Sequences * Length / 2) + inHalf);
        }
    }

    [Fact]
    public void AResetStateIsThatOfTextsWhichBegin()
    {
        using var state = model.CreateState(Sequences);
        var first = Forward(state, tokens, tokens);
        Assert.NotEqual(first, Forward(state, tokens, tokens));
        state.Reset();
        Assert.Equal(first, Forward(state, tokens, tokens));
    }

    [Fact]
    public void EncodingGoesOnAsTrainingDoes()
    {
        using var state = model.CreateState(Sequences);
        using var other = model.CreateState(Sequences);
        using var graph = model.CreateEncoding(Sequences, Length);
        var states = new float[2 * Sequences * Length * model.Description.Width];
        for (var pass = 0; pass < 2; pass++)
        {
            graph.Encode(Length, tokens, [Length, Length], state);
            graph.ReadHidden(states);
            Assert.Equal(Forward(other, tokens, tokens), states);
        }
    }

    [Fact]
    public void WhatDoesNotBelongTogetherIsRefused()
    {
        using var stranger = ElmoTinyTable.Create(device);
        using var state = model.CreateState(Sequences);
        using var strange = stranger.CreateState(Sequences);
        using var larger = model.CreateState(Sequences + 1);
        using var training = model.CreateTraining(Sequences, Length);
        Assert.Contains("another model", Refusal(strange, tokens));
        Assert.Contains("create one for them", Refusal(larger, tokens));
        Assert.Contains("need 32 tokens, not 31", Refusal(state, [.. tokens, .. tokens[1..]], isWhole: true));
        Assert.Contains("has id 60", Refusal(state, [60, .. tokens[1..]]));
        training.SetBatch(null, Sequences, Length, [.. tokens, .. tokens], [.. tokens, .. tokens]);
        training.Forward();
        Assert.Throws<InvalidOperationException>(training.AdvanceState);
        training.SetBatch(state, Sequences, Length, [.. tokens, .. tokens], [.. tokens, .. tokens]);
        state.Reset();
        Assert.Throws<InvalidOperationException>(training.Forward);
        Assert.Throws<GptGenException>(() => model.CreateState(0));

        string Refusal(RecurrentState of, int[] read, bool isWhole = false) => Assert.Throws<GptGenException>(
            () => training.SetBatch(of, Sequences, Length, isWhole ? read : [.. read, .. read], [.. tokens, .. tokens])).Message;
    }

    private int[] Half(int half) =>
        [.. Enumerable.Range(0, Sequences).SelectMany(sequence => tokens.AsSpan((sequence * Length) + (half * Length / 2), Length / 2).ToArray())];

    private float[] Forward(RecurrentState? state, int[] forward, int[] backward)
    {
        using var training = model.CreateTraining(Sequences, Length);
        training.SetBatch(state, Sequences, forward.Length / Sequences, [.. forward, .. backward], [.. forward, .. backward]);
        training.Forward();
        var states = new float[training.DirectedRowCount * model.Description.Width];
        training.ReadHidden(states);
        if (state is not null)
            training.AdvanceState();
        return states;
    }

    private void Near(float[] expected, int row, float[] actual, int other)
    {
        var width = model.Description.Width;
        for (var column = 0; column < width; column++)
            Assert.Equal(expected[(row * width) + column], actual[(other * width) + column], 1e-5f);
    }
}
