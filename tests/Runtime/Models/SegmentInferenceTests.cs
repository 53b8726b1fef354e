using GptGen.Generation;
using GptGen.Runtime.Tests.Golden;
using GptGen.Sampling;
using GptGen.Text;
using Xunit;

namespace GptGen.Runtime.Tests.Models;

[TransformerXL(
    Layers = 2, Heads = 2, Width = 16, HiddenWidth = 24, Context = 8, MemoryLength = 6, Vocabulary = 256, Cutoffs = [40, 120], EmbeddingDivisor = 2,
    Dropout = 0)]
internal sealed partial class ByteReader;

[TransformerXL(Layers = 2, Heads = 2, Width = 16, HiddenWidth = 24, Context = 8, MemoryLength = 0, Vocabulary = 256, Dropout = 0)]
internal sealed partial class ForgetfulReader;

/// <summary>Writing with a memory in place of a cache. What decoding computes is held to the golden cases and to training graphs there.</summary>
public sealed class SegmentInferenceTests : IDisposable
{
    private const string Prompt = "a prompt of more bytes than context and memory have together";

    private readonly CpuDevice device = new(2);
    private readonly ByteReader model;

    public SegmentInferenceTests()
    {
        model = ByteReader.Create(device);
        model.Initialize(7);
        var random = new Random(3);
        foreach (var tensor in model.Description.Tensors.Where(static tensor => !tensor.IsFrozen && tensor.IsMatrix))
            model.WriteParameter(tensor.Name, [.. Enumerable.Range(0, (int)tensor.Count).Select(_ => random.NextSingle() - 0.5f)]);
    }

    public void Dispose()
    {
        model.Dispose();
        device.Dispose();
    }

    /// <summary>Far past context and memory, with the probabilities of a training graph that reads the same text token by token.</summary>
    [Theory]
    [InlineData(null, false)]
    [InlineData(3, true)]
    public void TextOfAnyLengthIsWritten(int? memoryRows, bool zeros)
    {
        const int count = 100;
        var options = new GenerationOptions { Tokens = count, LogProbabilities = true, Sampling = new() { Temperature = 1.2f, Seed = 2 } };
        var generator = Generator(memoryRows, zeros);
        var pieces = generator.Generate(Prompt, options).ToList();
        Assert.Equal(count, pieces.Count);
        var prompt = ByteTokenizer.Instance.EncodePrompt(Prompt);
        int[] tokens = [.. prompt, .. pieces.Select(static piece => piece.Token)];
        using var memory = model.CreateMemory(1, memoryRows);
        memory.Reset(zeros ? memory.Capacity : 0);
        using var training = model.CreateTraining(1, 1);
        var loss = new float[1];
        for (var index = 0; index + 1 < tokens.Length; index++)
        {
            training.SetBatch(memory, 1, 1, [tokens[index]], [tokens[index + 1]]);
            training.Forward();
            training.Loss();
            training.AdvanceMemory();
            training.ReadLosses(loss);
            if (index + 1 >= prompt.Length)
                Assert.Equal(-loss[0], pieces[index + 1 - prompt.Length].LogProbability!.Value, 1e-4);
        }

        Assert.Equal(pieces.Select(static piece => piece.Token), generator.Generate(Prompt, options).Select(static piece => piece.Token));
    }

    /// <summary>Three texts at once, in segments that end where another one begins, and the same token by token.</summary>
    [Theory]
    [InlineData(7, false)]
    [InlineData(7, true)]
    [InlineData(3, false)]
    [InlineData(1, false)]
    public void APromptIsReadInSegmentsAsItIsTokenByToken(int capacity, bool zeros)
    {
        const int longest = 45;
        int[] lengths = [longest, 1, 20], slots = [2, 0, 1];
        var random = new Random(4);
        int[] tokens = [.. Enumerable.Range(0, longest * lengths.Length).Select(_ => random.Next(256))];
        using var atOnce = model.CreateInference(3, capacity);
        using var alone = model.CreateInference(1, capacity);
        (atOnce.BeginsWithZeros, alone.BeginsWithZeros) = (zeros, zeros);
        Assert.Equal(8, atOnce.RowCapacity);
        atOnce.Prefill(longest, tokens, lengths, slots);
        var (actual, expected) = (new float[256], new float[256]);
        for (var sequence = 0; sequence < lengths.Length; sequence++)
        {
            var text = tokens.AsSpan(sequence * longest, lengths[sequence]);
            alone.Prefill(1, text[..1], [1], [0]);
            for (var index = 1; index < text.Length; index++)
                alone.Decode([text[index]], [alone.PositionsOf(0)], [0]);
            Assert.Equal(alone.PositionsOf(0), atOnce.PositionsOf(slots[sequence]));
            atOnce.ReadLogits(sequence, actual);
            alone.ReadLogits(0, expected);
            Assert.All(expected.Zip(actual), static pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
        }
    }

    [Fact]
    public void APromptThatIsBrokenOffLeavesNoText()
    {
        using var source = new CancellationTokenSource();
        using var graph = model.CreateInference(2, 4);
        graph.Prefill(3, [1, 2, 3], [3], [0]);
        graph.Prefill(3, [1, 2, 3], [3], [1]);
        graph.Cancellation = source.Token;
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => graph.Prefill(3, [1, 2, 3], [3], [0]));
        Assert.Contains("Slot 0 has no text", Assert.Throws<InvalidOperationException>(() => graph.Decode([1], [0], [0])).Message);
        graph.Decode([1], [3], [1]);
        Assert.Throws<OperationCanceledException>(() => Generator().Search(Prompt, new() { Beams = 2, Tokens = 5 }, source.Token));
        Assert.ThrowsAny<OperationCanceledException>(() => Generator().Generate(Prompt, new() { Tokens = 5 }, source.Token).Count());
    }

    /// <summary>
    /// Of 12 tokens behind a memory of 14 rows each sees 20 on average, in three products of 30 numbers in three layers, forward once and backward
    /// twice; queries, keys and values are also those of the memory's rows, 14 to 12 tokens.
    /// </summary>
    [Fact]
    public void DistancesAndTheMemorysRowsCountAmongTheFlops()
    {
        var tiny = TransformerXLTiny.Specification;
        Assert.Equal((6.0 * tiny.ParameterCount) + (3 * 18 * 30 * 20) + (3 * 6 * 3 * 30 * 30 * 14 / 12.0), tiny.TrainingFlopsPerToken(12), 1e-6);
    }

    /// <summary>It sees each token alone, writes on past its segments, and takes no more memory than that.</summary>
    [Fact]
    public void AModelWithoutAMemoryWritesToo()
    {
        using var forgetful = ForgetfulReader.Create(device);
        forgetful.Initialize(7);
        Assert.Equal((1, 8), (TextGenerator.SizeFor(forgetful.Description, 2).Capacity, TextGenerator.SizeFor(forgetful.Description, 2).PrefillRows));
        var prompt = ByteTokenizer.Instance.EncodePrompt(Prompt);
        var options = new GenerationOptions { Tokens = 20, LogProbabilities = true, Sampling = new() { Seed = 2 } };
        var pieces = new TextGenerator(forgetful, ByteTokenizer.Instance).Generate(Prompt, options).ToList();
        using var training = forgetful.CreateTraining(1, 1);
        var (loss, before) = (new float[1], prompt[^1]);
        foreach (var piece in pieces)
        {
            training.SetBatch(null, 1, 1, [before], [piece.Token]);
            training.Forward();
            training.Loss();
            training.ReadLosses(loss);
            Assert.Equal(-loss[0], piece.LogProbability!.Value, 1e-4);
            before = piece.Token;
        }

        Assert.Equal(20, pieces.Count);
    }

    [Fact]
    public void SamplesShareAPromptAndGreedyOnesAreEqual()
    {
        var options = new GenerationOptions { Tokens = 40, Samples = 3, Sampling = SamplingOptions.Greedy };
        var texts = Generator().Generate(Prompt, options).GroupBy(static piece => piece.Sample)
            .Select(static sample => string.Concat(sample.Select(static piece => $"{piece.Token} "))).ToArray();
        Assert.Equal(3, texts.Length);
        Assert.Single(texts.Distinct());
    }

    /// <summary>Beams that are copied from ring to ring end with the probability that their text has when it is read alone.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void ASearchGoesOnPastTheContext(int beams)
    {
        const int count = 30;
        var prompt = ByteTokenizer.Instance.EncodePrompt(Prompt);
        Assert.Equal(int.MaxValue, Generator().SearchRoom(prompt));
        BeamHypothesis best;
        using (var graph = model.CreateInference(beams, 7))
        {
            graph.Prefill(prompt.Length, prompt, [prompt.Length], [0]);
            best = new BeamSearch(graph, new() { Beams = beams, Tokens = count }, null, 256).Run([graph.PositionsOf(0)])[0][0];
        }

        Assert.Equal(count, best.Tokens.Length);
        var found = Generator().Search(Prompt, new() { Beams = beams, Tokens = count })[0];
        Assert.Equal((best.LogProbability, count), (found.LogProbability, found.Tokens));
        using var alone = model.CreateInference(1, 7);
        alone.Prefill(prompt.Length, prompt, [prompt.Length], [0]);
        var (logits, sum) = (new float[256], 0.0);
        foreach (var token in best.Tokens)
        {
            alone.ReadLogits(0, logits);
            sum += logits[token] - LogNormalizer.Of(logits);
            alone.Decode([token], [alone.PositionsOf(0)], [0]);
        }

        Assert.Equal(sum, best.LogProbability, 1e-4);
    }

    [Fact]
    public void ASlotWithoutATextIsNotDecoded()
    {
        using var graph = model.CreateInference(2, 4);
        Assert.Contains("Slot 0 has no text", Assert.Throws<InvalidOperationException>(() => graph.Decode([1], [0], [0])).Message);
        graph.Prefill(1, [1], [1], [0]);
        Assert.Contains("Slot 1 has no text", Assert.Throws<InvalidOperationException>(() => graph.Decode([1, 1], [1, 0], [0, 1])).Message);
    }

    [Fact]
    public void WhatARingHasForgottenIsNotDecodedAnew()
    {
        using var graph = model.CreateInference(2, 4);
        Assert.Equal((true, 4), (graph.IsEndless, graph.Capacity));
        graph.Prefill(3, [1, 2, 3], [3], [0]);
        graph.Decode([9], [1], [0]);
        graph.CopySlot(0, 1, 2);
        graph.Decode([4, 5], [3, 2], [0, 1]);
        graph.Decode([6], [4], [0]);
        Assert.Equal((5, 3), (graph.PositionsOf(0), graph.PositionsOf(1)));
        Assert.Contains("has forgotten", Assert.Throws<InvalidOperationException>(() => graph.Decode([6], [4], [0])).Message);
        Assert.Contains("has forgotten", Assert.Throws<InvalidOperationException>(() => graph.CopySlot(0, 1, 3)).Message);
        Assert.Contains("needs a call of", Assert.Throws<InvalidOperationException>(() => graph.Decode([6], [6], [0])).Message);
        graph.CopySlot(0, 1, 5);
        graph.Decode([7, 7], [5, 5], [0, 1]);
        var (first, second) = (new float[256], new float[256]);
        graph.ReadLogits(0, first);
        graph.ReadLogits(1, second);
        Assert.Equal(first, second);
        Assert.Throws<GptGenException>(() => graph.Prefill(3, [1, 2, 3], [4], [0]));
        Assert.Throws<GptGenException>(() => graph.Prefill(2, [1, 2, 3], [2], [0]));
        Assert.Throws<GptGenException>(() => graph.Decode([1], [-1], [0]));
        Assert.Contains("sees at most 14", Assert.Throws<GptGenException>(() => model.CreateInference(1, 15)).Message);
    }

    [Fact]
    public void APrefillMayFollowOtherWeights()
    {
        using var graph = model.CreateInference(1, 5);
        var (before, after) = (new float[256], new float[256]);
        graph.Prefill(2, [1, 2], [2], [0]);
        graph.ReadLogits(0, before);
        const string name = "layers.0.dec_attn.r_net.weight";
        var weight = model.ReadParameter(name);
        model.WriteParameter(name, new float[weight.Length]);
        graph.Prefill(2, [1, 2], [2], [0]);
        graph.ReadLogits(0, after);
        Assert.NotEqual(before, after);
        model.WriteParameter(name, weight);
        graph.Prefill(2, [1, 2], [2], [0]);
        graph.ReadLogits(0, after);
        Assert.Equal(before, after);
    }

    private TextGenerator Generator(int? memoryRows = null, bool zeros = false) =>
        new(model, ByteTokenizer.Instance) { MemoryLength = memoryRows, BeginsWithZeros = zeros };
}
