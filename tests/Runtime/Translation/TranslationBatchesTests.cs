using GptGen.Translation;
using Xunit;

namespace GptGen.Runtime.Tests.Translation;

public class TranslationBatchesTests
{
    [Fact]
    public void TheLossIsThatOfTargetsAndWhatEndsThem()
    {
        using var device = new CpuDevice(1);
        using var model = PairSeq2Seq.Create(device);
        model.Initialize(1);
        var data = PairSamples.Capitals;
        using var batches = new TranslationBatches(model, data, data, PairSamples.Options);
        Assert.Equal(data.Pairs.Sum(static pair => pair.Target.Length + 1), batches.EvaluationCount);
        var loss = batches.Evaluate().Loss;
        var means = batches.MeanLosses(data);
        Assert.Equal(loss, data.Pairs.Select((pair, index) => means[index] * (pair.Target.Length + 1)).Sum() / batches.EvaluationCount, 1e-5);

        using var graph = model.CreateTraining(1, 24);
        var (sum, count) = (0.0, 0);
        foreach (var (source, target) in data.Pairs)
        {
            int[] read = [.. source, data.EndOfText], seen = [model.Description.StartToken!.Value, .. target], wanted = [.. target, data.EndOfText];
            graph.SetBatch(read.Length, read, [read.Length], seen.Length, seen, wanted, [seen.Length]);
            graph.Forward();
            graph.Loss();
            sum += graph.ReadLoss() * wanted.Length;
            count += wanted.Length;
        }

        Assert.Equal(sum / count, loss, 1e-5);
    }

    [Fact]
    public void SourceAndTargetMustEachFitWithWhatEndsThem()
    {
        using var device = new CpuDevice(1);
        using var model = PairSeq2Seq.Create(device);
        var data = PairSamples.Capitals;
        using var batches = new TranslationBatches(model, data, data, PairSamples.Options with { Length = 5 });
        var longer = data.Pairs.Count(static pair => Math.Max(pair.Source.Length, pair.Target.Length) > 4);
        Assert.InRange(longer, 1, data.Pairs.Count - 1);
        Assert.Equal(2 * longer, batches.LeftOut);
    }

    [Fact]
    public void AFilledBatchAllocatesNothing()
    {
        using var device = new CpuDevice(1);
        using var model = PairSeq2Seq.Create(device);
        var data = PairSamples.Capitals;
        using var run = new TranslationBatches(model, data, data, PairSamples.Options);
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
        using var model = PairSeq2Seq.Create(device);
        model.Initialize(1);
        var data = PairSamples.Capitals;
        using (var batches = new TranslationBatches(model, data, data, PairSamples.Options))
            PairSamples.Train(batches);
        TranslatorChecks.Learned(Translator.Create(model, PairSamples.Tokenizer), data);
    }
}

/// <summary>For the sample vocabulary, and a token behind it that begins translations.</summary>
[Seq2Seq(Layers = 1, Heads = 2, Width = 32, Context = 24, Vocabulary = 271, Dropout = 0f)]
public sealed partial class PairSeq2Seq;
