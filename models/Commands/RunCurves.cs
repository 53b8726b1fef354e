using GptGen.Training;
using OxyPlot;
using OxyPlot.Series;

namespace GptGen.Models.Commands;

/// <summary>The losses of several runs as one SVG picture: a color a run, thin what it was trained on, with marks what it was validated on.</summary>
internal static class RunCurves
{
    /// <summary>Colors that also those tell apart who do not see all of them (Okabe and Ito 2008).</summary>
    private static readonly OxyColor[] s_colors =
    [
        OxyColor.FromRgb(0, 114, 178), OxyColor.FromRgb(213, 94, 0), OxyColor.FromRgb(0, 158, 115), OxyColor.FromRgb(204, 121, 167),
        OxyColor.FromRgb(86, 180, 233), OxyColor.FromRgb(230, 159, 0), OxyColor.FromRgb(0, 0, 0),
    ];

    /// <summary>Replaces a file by the picture.</summary>
    /// <exception cref="GptGenException">It cannot be written.</exception>
    internal static void Save(string path, IReadOnlyList<(string Name, IReadOnlyList<LoggedStep> Steps)> runs)
    {
        var plot = LossFrame.Create(title: null, room: 0.02);
        for (var run = 0; run < runs.Count; run++)
        {
            var (name, steps) = runs[run];
            var color = s_colors[run % s_colors.Length];
            var smooth = new SmoothLoss();
            var training = new LineSeries { Title = name, Color = color, StrokeThickness = 1 };
            training.Points.AddRange(LossFrame.Thin(
                [.. steps.Where(static step => double.IsFinite(step.Loss)).Select(step => new DataPoint(step.Step, smooth.Add(step.Loss)))]));
            plot.Series.Add(training);
            var validation = new LineSeries
            {
                Color = color, StrokeThickness = 2, MarkerType = MarkerType.Circle, MarkerSize = 3, MarkerFill = color, RenderInLegend = false,
            };
            validation.Points.AddRange(
                from step in steps where step.ValidationLoss is { } loss && double.IsFinite(loss) select new DataPoint(step.Step, step.ValidationLoss!.Value));
            plot.Series.Add(validation);
        }

        SvgPicture.Save(path, plot);
    }
}
