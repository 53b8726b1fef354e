using Xunit;

namespace GptGen.Runtime.Tests.Models;

/// <summary>Translating: several slots write for one source, in any order, and say what the training graph says.</summary>
public sealed class TranslationInferenceTests : IDisposable
{
    private const int Beams = 3;
    private const double Tolerance = 1e-4;
    private readonly CpuDevice device = new(2);
    private readonly TranslationModel model;
    private readonly TranslationPairs pairs;

    public TranslationInferenceTests()
    {
        model = TranslationPairs.Create(nameof(UnevenTranslator), device);
        pairs = new(model);
    }

    public void Dispose()
    {
        model.Dispose();
        device.Dispose();
    }

    /// <summary>Some of the slots at a time, each at a position of its own, the source's other slots by copies.</summary>
    [Fact]
    public void SlotsOfOneSourceWriteAsTrainingSays()
    {
        using var inference = Read(0, 1, 2);
        inference.CopySlot(0, 2, 1);
        inference.CopySlot(2 * Beams, (2 * Beams) + 1, 1);
        Assert.Equal(1, inference.PositionsOf(2));
        Dictionary<int, List<int>> written = new() { [0] = [], [2] = [], [2 * Beams] = [], [(2 * Beams) + 1] = [] };
        var random = new Random(5);
        foreach (var (slot, tokens) in written)
            tokens.Add(model.Description.StartToken!.Value);
        for (var step = 0; step < 12; step++)
        {
            int[] slots = [.. written.Keys.Where(slot => written[slot].Count < inference.Capacity)];
            random.Shuffle(slots);
            slots = slots[..random.Next(1, slots.Length + 1)];
            int[] tokens = [.. slots.Select(_ => random.Next(model.Description.Vocabulary))];
            inference.Decode(tokens, [.. slots.Select(slot => written[slot].Count)], slots);
            for (var row = 0; row < slots.Length; row++)
            {
                written[slots[row]].Add(tokens[row]);
                Verify(inference, row, slots[row] / Beams, written[slots[row]]);
            }
        }
    }

    /// <summary>A slot that was copied to another source's group goes on with its own source; reading a new source there leaves it alone.</summary>
    [Fact]
    public void ACopyKeepsItsSource()
    {
        using var inference = Read(0, 1, 2);
        inference.CopySlot(0, Beams, 1);
        Prefill(inference, 1, 2);
        inference.Decode([7], [1], [0]);
        Verify(inference, 0, 0, [3, 7]);
        inference.CopySlot(0, Beams, 2);
        inference.Decode([9], [2], [Beams]);
        Verify(inference, 0, 0, [3, 7, 9]);
    }

    [Fact]
    public void WhatASourceIsReplacedUnderIsRefused()
    {
        using var inference = Read(0, 1, 2);
        inference.CopySlot(0, 1, 1);
        Prefill(inference, 0, 2);
        inference.Decode([7], [1], [0]);
        Verify(inference, 0, 2, [3, 7]);
        Assert.Equal(
            "Slot 1 has no source any more: it needs a call of Prefill before it.",
            Assert.Throws<InvalidOperationException>(() => inference.Decode([7], [1], [1])).Message);
        Assert.Equal(
            "Slot 2 has no source: it needs a call of Prefill before it.",
            Assert.Throws<InvalidOperationException>(() => inference.Decode([7], [0], [2])).Message);
    }

    [Theory]
    [InlineData("long", "Sources of 1 x 8 tokens do not fit an inference graph made for 3 x 7.")]
    [InlineData("many", "Sources of 4 x 1 tokens do not fit an inference graph made for 3 x 7.")]
    [InlineData("empty", "A source's length is 0, but must lie between 1 and 3.")]
    [InlineData("token", "A token has id 37, but the model's vocabulary has 37 entries: use the tokenizer that belongs to the model.")]
    [InlineData("place", "Slot 1 has the same place for a source as another one: there is one for each 3 slots.")]
    [InlineData("slot", "Slot 9 does not exist: the cache has 9.")]
    public void BadSourcesAreRefused(string mistake, string message)
    {
        using var inference = Read(0, 1, 2);
        Assert.Equal(
            message, Assert.Throws<GptGenException>(() =>
            {
                switch (mistake)
                {
                    case "long":
                        inference.Prefill(8, new int[8], [8], [0]);
                        break;
                    case "many":
                        inference.Prefill(1, new int[4], [1, 1, 1, 1], [0, 3, 6, 1]);
                        break;
                    case "place":
                        inference.Prefill(1, new int[2], [1, 1], [0, 1]);
                        break;
                    default:
                        inference.Prefill(3, [1, mistake == "token" ? 37 : 1, 1], [mistake == "empty" ? 0 : 3], [mistake == "slot" ? 9 : 0]);
                        break;
                }
            }).Message);
        inference.Decode([7], [1], [Beams]);
        Verify(inference, 0, 1, [3, 7]);
    }

    [Theory]
    [InlineData(4, 9, 3, 7)]
    [InlineData(3, 9, 0, 7)]
    [InlineData(3, 9, 3, 0)]
    [InlineData(3, 9, 3, 10)]
    [InlineData(3, 10, 3, 7)]
    public void ImpossibleSizesAreRefused(int slots, int capacity, int sources, int sourceLength) =>
        Assert.Throws<GptGenException>(() => model.CreateInference(slots, capacity, sources, sourceLength));

    [Fact]
    public void DecodingAllocatesNothing()
    {
        using var inference = Read(0, 1, 2);
        int[] tokens = [7, 8], positions = [1, 1], slots = [0, Beams], sourceLengths = [4, 7];
        var source = pairs.Source[..(2 * TranslationPairs.SourceLength)];
        Step();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Step();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Step()
        {
            inference.Prefill(TranslationPairs.SourceLength, source, sourceLengths, slots);
            inference.Decode(tokens, positions, slots);
        }
    }

    /// <summary>Sources of pairs, each in the first slot of its group.</summary>
    private TranslationInferenceGraph Read(params int[] read)
    {
        var inference = model.CreateInference(Beams * read.Length, model.Description.Context, read.Length, TranslationPairs.SourceLength);
        for (var group = 0; group < read.Length; group++)
            Prefill(inference, group, read[group]);
        return inference;
    }

    private void Prefill(TranslationInferenceGraph inference, int group, int pair)
    {
        var source = pairs.Source.AsSpan(pair * TranslationPairs.SourceLength, TranslationPairs.SourceLength);
        inference.Prefill(TranslationPairs.SourceLength, source, [TranslationPairs.SourceLengths[pair]], [group * Beams]);
    }

    /// <summary>A row's logits are those of the last of some tokens in training.</summary>
    private void Verify(TranslationInferenceGraph inference, int row, int pair, IReadOnlyList<int> tokens)
    {
        using var training = model.CreateTraining(1, Math.Max(TranslationPairs.SourceLength, tokens.Count));
        var source = pairs.Source.AsSpan(pair * TranslationPairs.SourceLength, TranslationPairs.SourceLength);
        training.SetBatch(
            TranslationPairs.SourceLength, source, [TranslationPairs.SourceLengths[pair]], tokens.Count, [.. tokens], new int[tokens.Count],
            [tokens.Count]);
        training.Forward();
        var vocabulary = model.Description.Vocabulary;
        var (logits, actual) = (new float[tokens.Count * vocabulary], new float[vocabulary]);
        training.ReadLogits(logits);
        inference.ReadLogits(row, actual);
        Assert.All(logits[^vocabulary..].Zip(actual), static both => Assert.Equal(both.First, both.Second, Tolerance));
        var (hidden, state) = (new float[tokens.Count * model.Description.Width], new float[model.Description.Width]);
        training.ReadHidden(hidden);
        inference.ReadHidden(row, state);
        Assert.All(hidden[^state.Length..].Zip(state), static both => Assert.Equal(both.First, both.Second, Tolerance));
    }
}
