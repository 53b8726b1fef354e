using Xunit;

namespace GptGen.Runtime.Tests.Models;

/// <summary>A masked model's last layer computes the rows alone that losses read; what they are changes nothing of what is read.</summary>
public sealed class ReadRowsTests : IDisposable
{
    private const int Length = 7;
    private static readonly int[] s_lengths = [7, 4, 6];
    private static readonly int[] s_tokens = [.. Enumerable.Range(0, 3 * Length).Select(static row => (row * 11) % 62)];

    private readonly CpuDevice device = new(2);
    private readonly SmallEncoder model;

    public ReadRowsTests()
    {
        model = SmallEncoder.Create(device);
        model.Initialize(5);
    }

    public void Dispose()
    {
        model.Dispose();
        device.Dispose();
    }

    [Fact]
    public void RowsThatArePredictedTwiceOrFirstAreComputedOnce()
    {
        int[] predicted = [9, 0, 9, 19, 7];
        using var training = model.CreateTraining(3, Length);
        SetBatch(training, predicted);
        int[] read = [9, 0, 19, 7, 14];
        Assert.Equal(read.Length, training.ReadRowCount);
        training.Forward();
        training.Loss();

        var width = model.Description.Width;
        var (states, all) = (new float[read.Length * width], new float[s_tokens.Length * width]);
        training.ReadHidden(states);
        using var encoding = model.CreateEncoding(3, Length);
        encoding.Encode(Length, s_tokens, [], s_lengths);
        encoding.ReadHidden(all);
        Near([.. read.SelectMany(row => all.AsSpan(row * width, width).ToArray())], states);
        var (pooled, expected) = (new float[3 * width], new float[3 * width]);
        training.ReadPooled(pooled);
        encoding.ReadPooled(expected);
        Near(expected, pooled);

        var losses = new float[predicted.Length];
        training.ReadLosses(losses);
        Assert.Equal(losses[0], losses[2]);
        Near(LossesOfEach(predicted), losses);
    }

    /// <summary>As many rows as there are.</summary>
    [Fact]
    public void EveryRowMayBePredicted()
    {
        int[] every = [.. Enumerable.Range(0, 3 * Length).Where(static row => row % Length < s_lengths[row / Length]).Reverse()];
        using var training = model.CreateTraining(3, Length);
        SetBatch(training, every);
        Assert.Equal(every.Length, training.ReadRowCount);
        training.Forward();
        training.Backward(accumulate: false);
        Assert.True(double.IsFinite(training.ReadLoss()));
    }

    /// <summary>The losses of rows, each computed where no other is predicted.</summary>
    private float[] LossesOfEach(int[] rows) =>
    [
        .. rows.Select(row =>
        {
            using var training = model.CreateTraining(3, Length);
            SetBatch(training, [row]);
            training.Forward();
            training.Loss();
            var loss = new float[1];
            training.ReadLosses(loss);
            return loss[0];
        }),
    ];

    private static void SetBatch(MaskedTrainingGraph training, int[] predicted) =>
        training.SetBatch(Length, s_tokens, [], s_lengths, predicted, [.. predicted.Select(static row => (row * 5) % 62)], [0, 1, 0]);

    private static void Near(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var index = 0; index < expected.Length; index++)
            Assert.Equal(expected[index], actual[index], 2e-6f * Math.Max(1, Math.Abs(expected[index])));
    }
}
