using GptGen.Reference;
using GptGen.Runtime.Tests.Operators;
using Xunit;

namespace GptGen.Runtime.Tests.Models;

[TransformerXL(
    Layers = 1, Heads = 2, Width = 12, HiddenWidth = 20, Context = 8, MemoryLength = 6, Vocabulary = 29, Cutoffs = [5, 11, 20], Dropout = 0)]
internal sealed partial class OneTableReader;

[TransformerXL(
    Layers = 1, Heads = 2, Width = 12, HiddenWidth = 20, Context = 8, MemoryLength = 6, Vocabulary = 29, Cutoffs = [5, 11], EmbeddingDivisor = 3,
    UntiedProjections = true, Dropout = 0)]
internal sealed partial class UntiedReader;

[TransformerXL(
    Layers = 2, Heads = 2, Width = 12, HiddenWidth = 20, Context = 8, MemoryLength = 6, ClampLength = 3, Vocabulary = 29, UntiedBiases = true,
    Dropout = 0)]
internal sealed partial class UntiedBiasReader;

/// <summary>Vocabularies in clusters, whose values the golden case does not show: from one table, and with projections that are not shared.</summary>
public class AdaptiveSoftmaxTests
{
    private const int Sequences = 2;
    private const int Length = 6;

    // All clusters, and none of the last one among the targets of the second half.
    private static readonly int[] Tokens = [0, 4, 5, 19, 20, 28, 10, 11, 2, 3, 27, 5];
    private static readonly int[] Targets = [4, 5, 19, 20, 28, 1, 11, 2, -1, 7, 5, 0];

    /// <summary>Which model, by its name.</summary>
    public static TheoryData<string> Names => [nameof(OneTableReader), nameof(UntiedReader)];

    [Theory]
    [MemberData(nameof(Names))]
    public void ProbabilitiesOfAllTokensAreOne(string name)
    {
        using var device = new ReferenceDevice();
        using var model = Create(name, device);
        using var graph = model.CreateTraining(Sequences, Length);
        var sums = new double[Tokens.Length];
        var losses = new float[Tokens.Length];
        for (var token = 0; token < model.Description.Vocabulary; token++)
        {
            graph.SetBatch(null, Sequences, Length, Tokens, [.. Enumerable.Repeat(token, Tokens.Length)]);
            graph.Forward();
            graph.Loss();
            graph.ReadLosses(losses);
            for (var row = 0; row < sums.Length; row++)
                sums[row] += Math.Exp(-losses[row]);
        }

        Assert.All(sums, static sum => Assert.Equal(1, sum, 1e-5));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void GradientsAreTheCentralDifferences(string name)
    {
        const float step = 1e-3f;
        using var device = new ReferenceDevice();
        using var model = Create(name, device);
        using var graph = model.CreateTraining(Sequences + 1, Length);
        Set(graph);
        graph.Forward();
        graph.Backward(accumulate: false);
        graph.Backward(accumulate: true);
        var random = new Random(5);
        foreach (var tensor in model.Description.Tensors.Where(static tensor => !tensor.IsFrozen))
        {
            var (values, gradient) = (model.ReadParameter(tensor.Name), graph.ReadGradient(tensor.Name));
            var direction = Array.ConvertAll(values, _ => random.NextSingle() - 0.5f);
            var expected = (Loss(step) - Loss(-step)) / (2 * step);
            model.WriteParameter(tensor.Name, values);
            // The gradients of two passes.
            var actual = gradient.Zip(direction, static (slope, part) => (double)slope * part).Sum() / 2;
            Assert.True(
                Math.Abs(actual - expected) <= 3e-4 * Math.Max(1, Math.Abs(expected)) && gradient.Any(static slope => slope != 0),
                $"{tensor.Name}: {actual}, but central differences say {expected}.");

            double Loss(float by)
            {
                model.WriteParameter(tensor.Name, [.. values.Zip(direction, (value, part) => value + (by * part))]);
                graph.Forward();
                graph.Loss();
                return SumInFloat64(graph);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void TheCpuAgreesWithTheReference(string name)
    {
        using var device = new ReferenceDevice();
        using var cpu = new CpuDevice(2);
        using var expected = Create(name, device);
        using var actual = Create(name, cpu);
        using var expectedGraph = expected.CreateTraining(Sequences, Length);
        using var actualGraph = actual.CreateTraining(Sequences, Length);
        foreach (var tensor in expected.Description.Tensors.Where(static tensor => tensor.IsStored))
            actual.WriteParameter(tensor.Name, expected.ReadParameter(tensor.Name));
        foreach (var graph in (SegmentTrainingGraph[])[expectedGraph, actualGraph])
        {
            Set(graph);
            graph.Forward();
            graph.Backward(accumulate: false);
        }

        Assert.Equal(expectedGraph.ReadLoss(), actualGraph.ReadLoss(), 1e-5);
        foreach (var tensor in expected.Description.Tensors.Where(static tensor => !tensor.IsFrozen))
        {
            var (left, right) = (expectedGraph.ReadGradient(tensor.Name), actualGraph.ReadGradient(tensor.Name));
            Assert.All(left.Zip(right), static pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        }
    }

    /// <summary>Nobody predicts a token of the last clusters, and then nobody predicts anything else.</summary>
    [Fact]
    public void AClusterMayHaveNoRows()
    {
        using var device = new CpuDevice(1);
        using var model = Create(nameof(UntiedReader), device);
        using var graph = model.CreateTraining(Sequences, Length);
        int[] few = [.. Enumerable.Range(0, Tokens.Length).Select(static row => row % 5)];
        int[] rare = [.. Enumerable.Range(0, Tokens.Length).Select(static row => 28 - (row % 9))];
        foreach (var (tokens, silent) in new[] { (few, "word_emb.emb_layers.1.weight"), (rare, "word_emb.emb_layers.0.weight") })
        {
            graph.SetBatch(null, Sequences, Length, tokens, tokens);
            graph.Forward();
            graph.Backward(accumulate: false);
            Assert.True(double.IsFinite(graph.ReadLoss()));
            var gradient = graph.ReadGradient(silent);
            // The first softmax's columns all take part in every row.
            Assert.Equal(silent.Contains(".1.", StringComparison.Ordinal), Array.TrueForAll(gradient, static slope => slope == 0));
        }
    }

    /// <summary>Whether it is read at once or token by token, each token finds those after it as probable as in training.</summary>
    [Theory]
    [InlineData(nameof(OneTableReader))]
    [InlineData(nameof(UntiedReader))]
    [InlineData(nameof(UntiedBiasReader))]
    public void DecodingGivesTheProbabilitiesOfTraining(string name)
    {
        using var device = new CpuDevice(2);
        using var model = Create(name, device);
        var vocabulary = model.Description.Vocabulary;
        var expected = new float[vocabulary, Tokens.Length];
        using (var graph = model.CreateTraining(Sequences, Length))
        {
            var losses = new float[Tokens.Length];
            for (var token = 0; token < vocabulary; token++)
            {
                graph.SetBatch(null, Sequences, Length, Tokens, [.. Enumerable.Repeat(token, Tokens.Length)]);
                graph.Forward();
                graph.Loss();
                graph.ReadLosses(losses);
                for (var row = 0; row < losses.Length; row++)
                    expected[token, row] = -losses[row];
            }
        }

        using var inference = model.CreateInference(Sequences, Length);
        var logits = new float[vocabulary];
        for (var read = 1; read <= Length; read++)
        {
            int[] lengths = [.. Enumerable.Repeat(read, Sequences)], slots = [.. Enumerable.Range(0, Sequences)];
            inference.Prefill(Length, Tokens, lengths, slots);
            for (var time = read - 1; time < Length; time++)
            {
                if (time >= read)
                {
                    inference.Decode(
                        [.. slots.Select(slot => Tokens[(slot * Length) + time])], [.. slots.Select(slot => inference.PositionsOf(slot))], slots);
                }

                foreach (var slot in slots)
                {
                    inference.ReadLogits(slot, logits);
                    var normalizer = GptGen.Generation.LogNormalizer.Of(logits);
                    for (var token = 0; token < vocabulary; token++)
                        Assert.Equal(expected[token, (slot * Length) + time], logits[token] - normalizer, 2e-5);
                }
            }
        }
    }

    [Fact]
    public void WhatAnAdaptiveSoftmaxHasNotIsRefusedInWords()
    {
        using var device = new CpuDevice(1);
        using var model = Create(nameof(OneTableReader), device);
        using var graph = model.CreateTraining(Sequences, Length);
        Set(graph);
        graph.Forward();
        Assert.Contains("losses without logits", Assert.Throws<GptGenException>(() => graph.ReadLogits(new float[Tokens.Length * 29])).Message);
        Assert.Contains("not smoothed", Assert.Throws<GptGenException>(() => graph.LabelSmoothing = 0.1f).Message);
    }

    /// <summary>The weighted losses as the reference device has them: f32 would take the digits that a difference needs.</summary>
    private static double SumInFloat64(SegmentTrainingGraph graph)
    {
        var cutoffs = graph.Model.Description.Cutoffs;
        var sum = Sum("Weights", "Losses", Targets.Length);
        for (var cluster = 1; cluster <= cutoffs.Count; cluster++)
        {
            var (first, end) = (cutoffs[cluster - 1], cluster == cutoffs.Count ? int.MaxValue : cutoffs[cluster]);
            sum += Sum($"ClusterWeights{cluster}", $"ClusterLosses{cluster}", Targets.Count(target => target >= first && target < end));
        }

        return sum;

        double Sum(string weights, string losses, int count) => TestMemory.Read(graph.StatisticsOf(weights, count).Start).Take(count)
            .Zip(TestMemory.Read(graph.StatisticsOf(losses, count).Start), static (weight, loss) => weight * loss).Sum();
    }

    private static void Set(SegmentTrainingGraph graph) => graph.SetBatch(
        null, Sequences, Length, Tokens, Targets, [.. Enumerable.Range(1, Tokens.Length).Select(static row => 0.1f * row)]);

    private static SegmentModel Create(string name, Device device)
    {
        SegmentModel model = name switch
        {
            nameof(OneTableReader) => OneTableReader.Create(device),
            nameof(UntiedBiasReader) => UntiedBiasReader.Create(device),
            _ => UntiedReader.Create(device),
        };
        model.Initialize(3);
        // Large enough that mistakes show.
        var random = new Random(4);
        foreach (var tensor in model.Description.Tensors.Where(static tensor => !tensor.IsFrozen))
            model.WriteParameter(tensor.Name, [.. Enumerable.Range(0, (int)tensor.Count).Select(_ => (random.NextSingle() - 0.5f) * 0.8f)]);
        return model;
    }
}
