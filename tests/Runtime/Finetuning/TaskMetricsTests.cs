using GptGen.Finetuning;
using Xunit;

namespace GptGen.Runtime.Tests.Finetuning;

/// <summary>Each number worked out by hand.</summary>
public sealed class TaskMetricsTests
{
    [Fact]
    public void OfTwoLabels()
    {
        // Right: 0 0 0 1 1 1 1; predicted: 0 0 1 1 1 1 0. TP 3, FP 1, FN 1, TN 2.
        var metrics = Of(["no", "yes"], [0, 0, 0, 1, 1, 1, 1], [0, 0, 1, 1, 1, 1, 0]);
        Assert.Equal(5.0 / 7, metrics.Accuracy, 1e-12);
        Assert.Equal(0.75, metrics.F1, 1e-12);
        Assert.Equal(((3 * 2) - (1 * 1)) / Math.Sqrt(4.0 * 4 * 3 * 3), metrics.Matthews, 1e-12);
        Assert.Equal(2.0 / 3, metrics.Classes[0].Precision, 1e-12);
        Assert.Equal(2.0 / 3, metrics.Classes[0].Recall, 1e-12);
        Assert.Equal(4, metrics.Classes[1].Support);
        Assert.Null(metrics.Pearson);
        Assert.Equal(((5 * -Math.Log(0.8)) + (2 * -Math.Log(0.2))) / 7, metrics.Loss, 1e-6);
    }

    [Fact]
    public void OfThreeLabels()
    {
        // Rows right, columns predicted: (2 0 0), (0 0 1), (0 1 1). c 3, s 5, p (2 1 2), t (2 1 2).
        var metrics = Of(["a", "b", "c"], [0, 0, 1, 2, 2], [0, 0, 2, 1, 2]);
        Assert.Equal(0.6, metrics.Accuracy, 1e-12);
        Assert.Equal((1 + 0 + 0.5) / 3, metrics.F1, 1e-12);
        Assert.Equal((15.0 - 9) / (25 - 9), metrics.Matthews, 1e-12);
    }

    [Fact]
    public void ALabelNeverPredictedCountsAsZeroAndConstantPredictionsHaveNoCorrelation()
    {
        var metrics = Of(["0", "1"], [0, 1, 1], [0, 0, 0]);
        Assert.Equal(0, metrics.F1);
        Assert.Equal(0, metrics.Matthews);
        Assert.Null(metrics.Pearson);
        Assert.Null(metrics.Spearman);
    }

    [Fact]
    public void CorrelationsAreOfExpectedValues()
    {
        // Expected values 0, 1, 2, 2 against labels 0, 1, 4, 2: ranks 1, 2, 3.5, 3.5 against 1, 2, 4, 3.
        var labels = new LabelSet(["0", "1", "2", "4"]);
        float[][] probabilities = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0.5f, 0, 0, 0.5f]];
        var metrics = TaskMetrics.Of(labels, [0, 1, 3, 2], probabilities);
        double[] x = [-1.25, -0.25, 0.75, 0.75], y = [-1.75, -0.75, 2.25, 0.25];
        var pearson = x.Zip(y, static (a, b) => a * b).Sum() / Math.Sqrt(x.Sum(static a => a * a) * y.Sum(static b => b * b));
        Assert.Equal(pearson, metrics.Pearson!.Value, 1e-6);
        Assert.Equal(4.5 / Math.Sqrt(4.5 * 5), metrics.Spearman!.Value, 1e-6);
    }

    /// <summary>Each prediction has probability 0.8, or with three labels 0.8 beside 0.1 twice.</summary>
    private static TaskMetrics Of(string[] names, int[] right, int[] predicted) => TaskMetrics.Of(
        new(names), right,
        [
            .. predicted.Select(
                label => Enumerable.Range(0, names.Length).Select(other => other == label ? 0.8f : 0.2f / (names.Length - 1)).ToArray())]);
}
