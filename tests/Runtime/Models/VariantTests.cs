using GptGen.Reference;
using Xunit;

namespace GptGen.Runtime.Tests.Models;

/// <summary>
/// Whole models of every kind: gradients against central differences, the CPU against the reference, micro-batches against one batch.
/// </summary>
public class VariantTests
{
    private const int Sequences = 3;
    private const int Length = 7;
    private static readonly int[] Lengths = [7, 4, 1];

    public static TheoryData<string, float> NamesAndDropout
    {
        get
        {
            var data = new TheoryData<string, float>();
            foreach (var name in Variants.Names)
            {
                data.Add(name, 0);
                data.Add(name, 0.2f);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(NamesAndDropout))]
    public void GradientsAreCentralDifferences(string name, float dropout)
    {
        using var device = new ReferenceDevice();
        using var model = Variants.Create(name, device);
        using var training = Begin(model, dropout);
        CentralDifferences.Check(training, () => CentralDifferences.Sum(training, "Losses", new Batch(model).Weights));
    }

    [Theory]
    [MemberData(nameof(NamesAndDropout))]
    public void TheCpuAgreesWithTheReference(string name, float dropout)
    {
        using var device = new ReferenceDevice();
        using var model = Variants.Create(name, device);
        using var training = Begin(model, dropout);
        training.Forward();
        training.Backward(accumulate: false);
        using var cpu = new CpuDevice(2);
        using var cpuModel = Variants.Create(name, cpu);
        using var cpuTraining = Begin(cpuModel, dropout);
        cpuTraining.Forward();
        cpuTraining.Loss();
        Assert.Equal(training.ReadLoss(), cpuTraining.ReadLoss(), 1e-5);
        cpuTraining.Backward(accumulate: false);
        Assert.Equal(training.ReadLoss(), cpuTraining.ReadLoss(), 1e-5);
        Variants.Close(model, training.Gradients, cpuTraining.Gradients, 1e-4);
    }

    /// <summary>So padding, which the norm runs over as well, is zero in every gradient.</summary>
    [Theory]
    [MemberData(nameof(Variants.NamesAndDevices), MemberType = typeof(Variants))]
    public void TheGradientNormCountsParametersOnly(string name, string deviceName)
    {
        using var device = Variants.Open(deviceName);
        using var model = Variants.Create(name, device);
        using var training = Begin(model, 0);
        for (var pass = 0; pass < 2; pass++)
        {
            training.Forward();
            training.Backward(accumulate: pass > 0);
            using var norm = device.Allocate(BufferRole.Statistic, 1);
            device.GradientNorm(training.Gradients, model.Description.ParameterElements, new(norm.At(0), 1));
            var result = new float[1];
            norm.Read(0, result);
            var squares = model.Description.Parameters.SelectMany(parameter => Variants.Read(training.Gradients, parameter))
                .Sum(value => (double)value * value);
            Assert.Equal(1, result[0] / Math.Sqrt(squares), 1e-6);
        }
    }

    [Theory]
    [MemberData(nameof(Variants.NamesAndDevices), MemberType = typeof(Variants))]
    public void MicroBatchesAddUpToOneBatch(string name, string deviceName)
    {
        using var device = Variants.Open(deviceName);
        using var model = Variants.Create(name, device);
        using var whole = Begin(model, 0);
        whole.Forward();
        whole.Backward(accumulate: false);
        using var parts = model.CreateTraining(2, Length);
        var loss = 0.0;
        Add(0, 2, accumulate: false);
        Add(2, 1, accumulate: true);
        Assert.Equal(whole.ReadLoss(), loss, 1e-5);
        Variants.Close(model, whole.Gradients, parts.Gradients, 1e-5);

        void Add(int first, int count, bool accumulate)
        {
            var batch = new Batch(model);
            var rows = (first * Length)..((first + count) * Length);
            parts.SetBatch(count, Length, batch.Tokens[rows], batch.Targets[rows], batch.Weights[rows], Lengths[first..(first + count)]);
            parts.Forward();
            parts.Backward(accumulate);
            loss += parts.ReadLoss();
        }
    }

    private static LanguageTrainingGraph Begin(LanguageModel model, float dropout)
    {
        // Larger than the batch, so that a use of the capacity for the count shows.
        var training = model.CreateTraining(Sequences + 1, Length + 1);
        var batch = new Batch(model);
        training.SetBatch(Sequences, Length, batch.Tokens, batch.Targets, batch.Weights, Lengths);
        training.Dropout = new(dropout, 5, 3, 1);
        return training;
    }

    /// <summary>Random tokens and targets, some ignored, each sequence's padding among them, with weights that differ.</summary>
    private sealed class Batch
    {
        public Batch(LanguageModel model)
        {
            Tokens = Variants.Tokens(model, 1, Sequences * Length);
            Targets = Variants.Tokens(model, 2, Sequences * Length);
            Weights = [.. Enumerable.Range(0, Targets.Length).Select(row => 0.0625f * (1 + row % 5))];
            Targets[2] = Device.IgnoredTarget;
            for (var row = 0; row < Targets.Length; row++)
            {
                if (row % Length >= Lengths[row / Length])
                    Targets[row] = Device.IgnoredTarget;
            }
        }

        public int[] Tokens { get; }

        public int[] Targets { get; }

        public float[] Weights { get; }
    }
}
