using Xunit;

namespace GptGen.Runtime.Tests.Models;

/// <summary>Training gives the same bits whatever the number of threads, and every time.</summary>
public class DeterminismTests
{
    [Fact]
    public void TrainingStepsHaveTheSameBitsWithAnyNumberOfThreads()
    {
        var expected = Train(1);
        Assert.All((int[])[1, 2, 3], threads => Assert.True(expected.AsSpan().SequenceEqual(Train(threads)), $"{threads} threads"));
    }

    /// <summary>The weights, the gradients and the losses after some steps with dropout.</summary>
    private static float[] Train(int threads)
    {
        const int Sequences = 5;
        const int Steps = 3;
        using var device = new CpuDevice(threads);
        using var model = Gpt2Tiny.Create(device);
        model.Initialize(1);
        var description = model.Description;
        var elements = description.ParameterElements;
        using var training = model.CreateTraining(Sequences, description.Context);
        using var first = device.Allocate(BufferRole.Moment, elements);
        using var second = device.Allocate(BufferRole.Moment, elements);
        using var normArena = device.Allocate(BufferRole.Statistic, 1);
        var norm = new Statistics(normArena.At(0), 1);
        for (var step = 1; step <= Steps; step++)
        {
            training.Dropout = new(0.1f, 7, (uint)step, 0);
            training.SetBatch(
                Sequences, description.Context, Variants.Tokens(model, 2 * step, training.Capacity),
                Variants.Tokens(model, 2 * step + 1, training.Capacity));
            training.Forward();
            training.Backward(accumulate: false);
            device.GradientNorm(training.Gradients, elements, norm);
            device.AdamW(
                model.Parameters, training.Gradients, first, second, norm,
                new(elements, description.DecayedElements, step - 1, 1e-3f, 0.9f, 0.95f, 1e-8f, 0.1f, 1));
        }

        var results = new float[2 * (int)elements + training.RowCount];
        model.Parameters.Read(0, results.AsSpan(0, (int)elements));
        training.Gradients.Read(0, results.AsSpan((int)elements, (int)elements));
        training.ReadLosses(results.AsSpan(2 * (int)elements));
        return results;
    }
}
