using System.Text;
using GptGen.Checkpoints;
using GptGen.Training;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace GptGen.Models.Commands;

/// <summary>The losses of a run as an SVG picture.</summary>
internal sealed class LossPlot
{
    // More would not be seen and make a heavy picture.
    private const int MostPoints = 2000;

    private readonly List<DataPoint> training = [];
    private readonly LineSeries validation = new() { Title = "validation", StrokeThickness = 2, MarkerType = MarkerType.Circle, MarkerSize = 3 };
    private readonly SmoothLoss smooth = new();

    internal void Add(in LoggedStep step)
    {
        training.Add(new(step.Step, smooth.Add(step.Loss)));
        if (step.ValidationLoss is { } loss)
            validation.Points.Add(new(step.Step, loss));
    }

    internal void Save(string path, string title)
    {
        var stride = 1 + (training.Count / MostPoints);
        var line = new LineSeries { Title = "training", StrokeThickness = 1 };
        line.Points.AddRange(training.Where((_, index) => index % stride == 0 || index == training.Count - 1));
        var plot = new PlotModel { Title = title };
        plot.Axes.Add(new LinearAxis { Position = AxisPosition.Bottom, Title = "step", MajorGridlineStyle = LineStyle.Dot });
        plot.Axes.Add(new LinearAxis { Position = AxisPosition.Left, Title = "loss, nats per token", MajorGridlineStyle = LineStyle.Dot });
        plot.Legends.Add(new Legend { LegendPosition = LegendPosition.RightTop });
        plot.Series.Add(line);
        plot.Series.Add(validation);
        var svg = new SvgExporter { Width = 800, Height = 500 }.ExportToString(plot);
        AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(svg)));
    }
}
