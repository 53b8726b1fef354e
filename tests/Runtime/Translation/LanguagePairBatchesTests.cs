using GptGen.Translation;
using Xunit;

namespace GptGen.Runtime.Tests.Translation;

public class LanguagePairBatchesTests
{
    [Fact]
    public void OnlyTargetsAndWhatEndsThemCount()
    {
        using var device = new CpuDevice(1);
        using var model = PairGpt.Create(device);
        model.Initialize(1);
        var data = PairSamples.Capitals;
        using var batches = new LanguagePairBatches(model, data, data, PairSamples.Options);
        Assert.Equal(data.Pairs.Sum(static pair => pair.Target.Length + 1), batches.EvaluationCount);
        var loss = batches.Evaluate().Loss;
        var means = batches.MeanLosses(data);
        Assert.Equal(loss, data.Pairs.Select((pair, index) => means[index] * (pair.Target.Length + 1)).Sum() / batches.EvaluationCount, 1e-5);

        // The same, one pair at a time and token by token.
        using var graph = model.CreateTraining(1, 24);
        var (sum, count) = (0.0, 0);
        foreach (var (source, target) in data.Pairs)
        {
            int[] text = [.. source, data.EndOfText, .. target, data.EndOfText];
            graph.SetBatch(1, text.Length - 1, text.AsSpan(0, text.Length - 1), text.AsSpan(1));
            graph.Forward();
            graph.Loss();
            var losses = new float[text.Length - 1];
            graph.ReadLosses(losses);
            sum += losses.Skip(source.Length).Sum(static value => (double)value);
            count += target.Length + 1;
        }

        Assert.Equal(sum / count, loss, 1e-5);
    }

    [Fact]
    public void PairsThatDoNotFitAreLeftOut()
    {
        using var device = new CpuDevice(1);
        using var model = PairGpt.Create(device);
        var data = PairSamples.Capitals;
        using var batches = new LanguagePairBatches(model, data, data, PairSamples.Options with { Length = 9 });
        var longer = data.Pairs.Count(static pair => pair.Source.Length + 1 + pair.Target.Length > 9);
        Assert.InRange(longer, 1, data.Pairs.Count - 1);
        Assert.Equal(2 * longer, batches.LeftOut);
        var error = Assert.Throws<GptGenException>(() => new LanguagePairBatches(model, data, data, PairSamples.Options with { Length = 2 }));
        Assert.Contains("None of the 8 pairs fits 2 tokens: give a larger TrainingOptions.Length, at most 24", error.Message);
    }

    [Fact]
    public void ABatchFollowsFromStepAndMicroBatchAndAllocatesNothing()
    {
        using var device = new CpuDevice(1);
        using var model = PairGpt.Create(device);
        model.Initialize(1);
        var data = PairSamples.Capitals;
        double Loss(int step, int micro)
        {
            using var batches = new LanguagePairBatches(model, data, data, PairSamples.Options with { Batch = 2, Accumulate = 2 });
            batches.Fill(step, micro);
            batches.Graph.Forward();
            batches.Graph.Loss();
            return batches.Graph.ReadLoss();
        }

        Assert.Equal(Loss(3, 1), Loss(3, 1));
        // Four batches are an epoch, so that eight steps with two micro-batches have each pair four times.
        Assert.Equal(Loss(0, 1), Loss(0, 1));
        Assert.NotEqual(Loss(0, 0), Loss(0, 1));

        using var run = new LanguagePairBatches(model, data, data, PairSamples.Options);
        run.Fill(0, 0);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var step = 1; step < 10; step++)
            run.Fill(step, 0);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void WhatIsLearnedIsTranslatedWhateverElseIsInTheBatch()
    {
        using var device = new CpuDevice(2);
        using var model = PairGpt.Create(device);
        model.Initialize(1);
        var data = PairSamples.Capitals;
        using (var batches = new LanguagePairBatches(model, data, data, PairSamples.Options))
            PairSamples.Train(batches);
        TranslatorChecks.Learned(Translator.Create(model, PairSamples.Tokenizer), data);
    }
}
