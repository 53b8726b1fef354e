using GptGen.Reference;
using GptGen.Runtime.Tests.Operators;
using GptGen.Training;
using Xunit;

namespace GptGen.Runtime.Tests.Models;

/// <summary>A bidirectional model whose gradients are of a softmax among 7 of its 31 tokens.</summary>
public class SampledTokensTests
{
    private const int Sequences = 3, Length = 6, Rows = Sequences * Length;

    private static readonly int[] Lengths = [6, 2, 5];

    [Fact]
    public void GradientsAreTheCentralDifferencesOfTheSampledLoss()
    {
        using var device = new ReferenceDevice();
        using var model = SampledElmo.Create(device);
        model.Initialize(3);
        using var training = Train(model);
        // Each direction counts half.
        int[] targets = Targets();
        var weights = new float[2 * Rows];
        for (var direction = 0; direction < 2; direction++)
        {
            for (var row = 0; row < Rows; row++)
            {
                if (row % Length < Lengths[row / Length] && targets[(direction * Rows) + row] >= 0)
                    weights[(direction * Rows) + row] = 0.5f / Counted(targets, direction);
            }
        }

        training.Dropout = new(0, 5, 9, 1);
        CentralDifferences.Check(training, () => CentralDifferences.Sum(training, "Losses", weights), isOfBackward: true);
    }

    [Fact]
    public void LabelsOfASampledSoftmaxAreNotSmoothed() => Assert.Contains(
        "whose softmax is sampled",
        Assert.Throws<GptGenException>(
            static () => new TrainingOptions { Length = Length, LabelSmoothing = 0.1 }.Validate(SampledElmo.Specification)).Message);

    [Fact]
    public void LossesFollowFromThePassAndEvaluationIsAmongAll()
    {
        using var device = new CpuDevice(2);
        using var model = SampledElmo.Create(device);
        model.Initialize(3);
        using var training = Train(model);
        double Loss(uint step, bool sampled)
        {
            training.Dropout = new(0, 5, step, 0);
            training.Forward();
            if (sampled)
                training.Backward(accumulate: false);
            else
                training.Loss();
            return training.ReadLoss();
        }

        var (first, second, whole) = (Loss(1, true), Loss(2, true), Loss(1, false));
        Assert.Equal(first, Loss(1, true));
        Assert.NotEqual(first, second);
        Assert.Equal(whole, Loss(2, false));
        Assert.True(Math.Abs(whole - Math.Log(31)) < 0.5 && whole != first);
    }

    private static BidirectionalTrainingGraph Train(SampledElmo model)
    {
        var training = model.CreateTraining(Sequences, Length);
        training.SetBatch(null, Sequences, Length, [.. Enumerable.Range(0, 2 * Rows).Select(static row => row * 7 % 31)], Targets(), Lengths);
        return training;
    }

    private static int[] Targets() => [.. Enumerable.Range(0, 2 * Rows).Select(static row => row % 5 == 4 ? Device.IgnoredTarget : row * row % 31)];

    private static int Counted(int[] targets, int direction) =>
        Enumerable.Range(0, Rows).Count(row => row % Length < Lengths[row / Length] && targets[(direction * Rows) + row] >= 0);
}

[Elmo(Layers = 2, Width = 5, Cells = 7, Context = 8, Vocabulary = 31, Dropout = 0, SampledTokens = 7)]
public sealed partial class SampledElmo;
