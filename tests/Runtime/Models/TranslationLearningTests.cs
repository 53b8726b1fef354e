using GptGen.Training;
using Xunit;

namespace GptGen.Runtime.Tests.Models;

/// <summary>Numbers of two sorts, a start token and an end.</summary>
[Seq2Seq(Layers = 2, Heads = 4, Width = 32, HiddenWidth = 64, Context = 12, Vocabulary = 14, Dropout = 0, StartToken = 13, EndToken = 12)]
public sealed partial class ReversingTranslator;

/// <summary>From weights as they begin to translations that nobody has shown: training and decoding fit together.</summary>
public class TranslationLearningTests
{
    private const int Pairs = 32;
    private const int Length = 7;
    private const int Steps = 700;

    [Fact]
    public void ATranslatorLearnsToReverse()
    {
        using var device = new CpuDevice(1);
        using var model = ReversingTranslator.Create(device);
        model.Initialize(1);
        var random = new Random(1);
        using (var training = model.CreateTraining(Pairs, Length))
        using (var optimizer = new AdamWOptimizer(model))
        {
            var options = new TrainingOptions { Steps = Steps, LearningRate = 3e-3, MinimumLearningRate = 1e-4, Warmup = 50, WeightDecay = 0 };
            for (var step = 0; step < Steps; step++)
            {
                var batch = new Batch(random);
                training.SetBatch(Length, batch.Source, batch.Lengths, Length, batch.Tokens, batch.Targets, batch.Lengths);
                training.Train(default, accumulate: false, labelSmoothing: 0.1f);
                optimizer.Step(training.Gradients, step, options);
            }
        }

        var held = new Batch(random);
        using var inference = model.CreateInference(Pairs, Length, Pairs, Length);
        int[] slots = [.. Enumerable.Range(0, Pairs)];
        inference.Prefill(Length, held.Source, held.Lengths, slots);
        var (right, tokens) = (Enumerable.Repeat(true, Pairs).ToArray(), new int[Pairs]);
        for (var position = 0; position < Length; position++)
        {
            for (var pair = 0; pair < Pairs; pair++)
            {
                tokens[pair] = MostProbable(inference, pair);
                right[pair] &= position >= held.Lengths[pair] || tokens[pair] == held.Targets[(pair * Length) + position];
            }

            if (position + 1 < Length)
                inference.Decode(tokens, [.. slots.Select(_ => position + 1)], slots);
        }

        Assert.InRange(right.Count(static isRight => isRight), (int)(0.9 * Pairs), Pairs);
    }

    private static int MostProbable(TranslationInferenceGraph inference, int row)
    {
        var logits = new float[inference.Model.Description.Vocabulary];
        inference.ReadLogits(row, logits);
        return logits.IndexOf(logits.Max());
    }

    /// <summary>Random numbers, and the same backwards; both end with the end token.</summary>
    private sealed class Batch
    {
        public Batch(Random random)
        {
            for (var pair = 0; pair < Pairs; pair++)
            {
                var count = random.Next(1, Length);
                int[] numbers = [.. Enumerable.Range(0, count).Select(_ => random.Next(12))];
                var first = pair * Length;
                Lengths[pair] = count + 1;
                numbers.CopyTo(Source, first);
                Source[first + count] = 12;
                Array.Reverse(numbers);
                Tokens[first] = 13;
                numbers.CopyTo(Tokens, first + 1);
                numbers.CopyTo(Targets, first);
                Targets[first + count] = 12;
            }
        }

        public int[] Source { get; } = new int[Pairs * Length];

        public int[] Tokens { get; } = new int[Pairs * Length];

        public int[] Targets { get; } = new int[Pairs * Length];

        public int[] Lengths { get; } = new int[Pairs];
    }
}
