using System.Globalization;
using GptGen.Finetuning;

namespace GptGen.Models.Commands;

/// <summary>What people expect to see of predictions on labelled examples.</summary>
internal static class MetricsTable
{
    private const int WidestLabel = 40;

    /// <summary>One line for progress.</summary>
    internal static string Line(TaskMetrics metrics) => !metrics.AreCounted
        ? FormattableString.Invariant($"squared error {metrics.Loss:F3}{Correlations(metrics)}")
        : metrics.AreAnswers
        ? string.Create(
            CultureInfo.InvariantCulture, $"loss {metrics.Loss:F3}  exact {100 * metrics.Accuracy:F1} %  F1 {100 * metrics.F1:F1}")
        : metrics.Entities is { } entities
        ? string.Create(
            CultureInfo.InvariantCulture,
            $"loss {metrics.Loss:F3}  accuracy {100 * metrics.Accuracy:F1} %  precision {100 * entities.Precision:F1}  recall "
            + $"{100 * entities.Recall:F1}  F1 {100 * metrics.F1:F1}")
        : string.Create(
            CultureInfo.InvariantCulture,
            $"loss {metrics.Loss:F3}  accuracy {100 * metrics.Accuracy:F1} %  F1 {100 * metrics.F1:F1}  Matthews "
            + $"{metrics.Matthews:F3}{Correlations(metrics)}");

    /// <summary>All metrics and, unless they are of grades, a line for each label.</summary>
    internal static void Write(TextWriter output, string title, TaskMetrics metrics)
    {
        output.WriteLine($"{title}: {metrics.Examples} examples");
        output.WriteLine(Line(metrics));
        if (metrics.Classes.Count == 0)
            return;
        var width = Math.Clamp(metrics.Classes.Max(static label => label.Label.Length), "label".Length, WidestLabel);
        output.WriteLine($"{"label".PadRight(width)}  precision  recall      F1  examples");
        foreach (var label in metrics.Classes)
        {
            var line = MessageText.OneLine(label.Label);
            var name = line.Length <= width ? line.PadRight(width) : line[..(width - 1)] + "…";
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name}{100 * label.Precision,11:F1}{100 * label.Recall,8:F1}{100 * label.F1,8:F1}{label.Support,10}"));
        }
    }

    private static string Correlations(TaskMetrics metrics) => metrics is { Pearson: { } pearson, Spearman: { } spearman }
        ? FormattableString.Invariant($"  Pearson {pearson:F3}  Spearman {spearman:F3}")
        : "";
}
