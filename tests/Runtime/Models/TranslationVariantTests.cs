using GptGen.Reference;
using Xunit;

namespace GptGen.Runtime.Tests.Models;

/// <summary>
/// Whole encoder-decoders on ragged pairs: gradients against central differences, the CPU against the reference, micro-batches against one batch.
/// </summary>
public class TranslationVariantTests
{
    private const float Smoothing = 0.2f;

    public static TheoryData<string, float, float> NamesDropoutAndSmoothing => new()
    {
        { nameof(UnevenTranslator), 0, 0 }, { nameof(UnevenTranslator), 0.2f, Smoothing },
        { nameof(PlainTranslator), 0, Smoothing }, { nameof(PlainTranslator), 0.2f, 0 },
    };

    [Theory]
    [MemberData(nameof(NamesDropoutAndSmoothing))]
    public void GradientsAreCentralDifferences(string name, float dropout, float smoothing)
    {
        using var device = new ReferenceDevice();
        using var model = TranslationPairs.Create(name, device);
        using var training = Begin(model, dropout, smoothing);
        CentralDifferences.Check(training, () => CentralDifferences.Sum(training, "Losses", new TranslationPairs(model).Weights));
    }

    [Theory]
    [MemberData(nameof(NamesDropoutAndSmoothing))]
    public void TheCpuAgreesWithTheReference(string name, float dropout, float smoothing)
    {
        using var device = new ReferenceDevice();
        using var model = TranslationPairs.Create(name, device);
        using var training = Begin(model, dropout, smoothing);
        training.Forward();
        training.Backward(accumulate: false);
        using var cpu = new CpuDevice(2);
        using var cpuModel = TranslationPairs.Create(name, cpu);
        using var cpuTraining = Begin(cpuModel, dropout, smoothing);
        cpuTraining.Forward();
        cpuTraining.Backward(accumulate: false);
        Assert.Equal(training.ReadLoss(), cpuTraining.ReadLoss(), 1e-5);
        Variants.Close(model, training.Gradients, cpuTraining.Gradients, 1e-4);
    }

    [Theory]
    [InlineData("reference")]
    [InlineData("cpu")]
    public void MicroBatchesAddUpToOneBatch(string deviceName)
    {
        using var device = Variants.Open(deviceName);
        using var model = TranslationPairs.Create(nameof(UnevenTranslator), device);
        using var whole = Begin(model, 0, Smoothing);
        whole.Forward();
        whole.Backward(accumulate: false);
        using var parts = model.CreateTraining(2, TranslationPairs.SourceLength);
        parts.LabelSmoothing = Smoothing;
        var pairs = new TranslationPairs(model);
        var loss = 0.0;
        foreach (var (first, count) in new[] { (0, 2), (2, 1) })
        {
            pairs.Set(parts, first, count);
            parts.Forward();
            parts.Backward(accumulate: first > 0);
            loss += parts.ReadLoss();
        }

        Assert.Equal(whole.ReadLoss(), loss, 1e-5);
        Variants.Close(model, whole.Gradients, parts.Gradients, 1e-5);
    }

    /// <summary>A step of the trainer's smooths labels; what follows it does not.</summary>
    [Fact]
    public void LabelsAreSmoothedInTrainingOnly()
    {
        using var device = new CpuDevice(1);
        using var model = TranslationPairs.Create(nameof(UnevenTranslator), device);
        using var training = Begin(model, 0, 0);
        var plain = Loss();
        training.LabelSmoothing = Smoothing;
        var smoothed = Loss();
        Assert.NotEqual(plain, smoothed, 0.01);
        Assert.Equal(smoothed, training.Train(default, accumulate: false, Smoothing), 1e-6);
        Assert.Equal(plain, Loss());

        double Loss()
        {
            training.Forward();
            training.Loss();
            return training.ReadLoss();
        }
    }

    [Fact]
    public void ATrainingStepAllocatesNothing()
    {
        using var device = new CpuDevice(1);
        using var model = TranslationPairs.Create(nameof(UnevenTranslator), device);
        using var training = model.CreateTraining(2, 4);
        int[] source = [1, 2, 3, 4, 5, 6, 7, 8], sourceLengths = [4, 2], tokens = [3, 1, 2, 3, 1, 2], targets = [1, 2, 3, 1, 2, 3], lengths = [3, 2];
        Step();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Step();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Step()
        {
            training.SetBatch(4, source, sourceLengths, 3, tokens, targets, lengths);
            training.Train(new(0.1f, 1, 2, 0), accumulate: false, Smoothing);
        }
    }

    [Fact]
    public void WeightsBeginAsGlorotHasThem()
    {
        using var device = new CpuDevice(1);
        using var model = UnevenTranslator.Create(device);
        model.Initialize(5);
        Near(1 / Math.Sqrt(12), "shared.weight");
        Near(Math.Sqrt(2.0 / 24), "encoder.layers.0.self_attn.q_proj.weight");
        Near(Math.Sqrt(2.0 / 24), "decoder.layers.1.encoder_attn.v_proj.weight");
        Near(Math.Sqrt(2.0 / 34), "decoder.layers.0.fc2.weight");
        Assert.All(model.ReadParameter("final_logits_bias"), static value => Assert.Equal(0, value));

        void Near(double deviation, string name) =>
            Assert.Equal(1, Math.Sqrt(model.ReadParameter(name).Average(static value => (double)value * value)) / deviation, 0.2);
    }

    [Theory]
    [InlineData("source", "Pair 1 has an empty source: at least the token that ends it must be there.")]
    [InlineData("translation", "Pair 1 has an empty translation: at least the token that ends it must be there.")]
    [InlineData("pairs", "1 sources and 2 translations are no pairs.")]
    [InlineData("long", "Sequence 1 says it has 4 tokens, but rows hold 3.")]
    [InlineData("context", "A batch of 2 x 10 tokens does not fit a graph made for 2 sequences and 18 tokens with context 9.")]
    [InlineData("token", "A token has id 37, but the model's vocabulary has 37 entries: use the tokenizer that belongs to the model.")]
    [InlineData("target", "A target has id 40, but the model's vocabulary has 37 entries: use the tokenizer that belongs to the model.")]
    public void BadPairsAreRefusedAndLeaveTheBatch(string mistake, string message)
    {
        using var device = new CpuDevice(1);
        using var model = TranslationPairs.Create(nameof(UnevenTranslator), device);
        using var training = model.CreateTraining(2, 9);
        Set("");
        training.Forward();
        training.Loss();
        var loss = training.ReadLoss();
        Assert.Equal(message, Assert.Throws<GptGenException>(() => Set(mistake)).Message);
        training.Forward();
        training.Loss();
        Assert.Equal(loss, training.ReadLoss());

        void Set(string wrong)
        {
            var length = wrong == "context" ? 10 : 3;
            int[] source = [.. Enumerable.Repeat(1, 2 * length)];
            source[1] = wrong == "token" ? 37 : 1;
            training.SetBatch(
                length, source, wrong == "pairs" ? [3] : [3, wrong == "source" ? 0 : 2], 3, [3, 1, 2, 3, 1, 2],
                [1, 2, 3, 1, wrong == "target" ? 40 : 2, 3], [3, wrong == "translation" ? 0 : wrong == "long" ? 4 : 2]);
        }
    }

    private static TranslationTrainingGraph Begin(TranslationModel model, float dropout, float smoothing)
    {
        // Larger than the batch, so that a use of the capacity for the count shows.
        var training = model.CreateTraining(4, TranslationPairs.SourceLength + 1);
        new TranslationPairs(model).Set(training, 0, 3);
        training.Dropout = new(dropout, 5, 3, 1);
        training.LabelSmoothing = smoothing;
        return training;
    }
}
