using System.Text;
using GptGen.Checkpoints;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace GptGen.Models.Commands;

/// <summary>The losses of a run as an SVG picture.</summary>
internal sealed class LossPlot
{
    private readonly LineSeries training = new() { Title = "training", StrokeThickness = 1 };
    private readonly LineSeries validation = new() { Title = "validation", StrokeThickness = 2, MarkerType = MarkerType.Circle, MarkerSize = 3 };

    internal void AddTraining(int step, double loss) => training.Points.Add(new(step, loss));

    internal void AddValidation(int step, double loss) => validation.Points.Add(new(step, loss));

    internal void Save(string path, string title)
    {
        var plot = new PlotModel { Title = title };
        plot.Axes.Add(new LinearAxis { Position = AxisPosition.Bottom, Title = "step", MajorGridlineStyle = LineStyle.Dot });
        plot.Axes.Add(new LinearAxis { Position = AxisPosition.Left, Title = "loss, nats per token", MajorGridlineStyle = LineStyle.Dot });
        plot.Legends.Add(new Legend { LegendPosition = LegendPosition.RightTop });
        plot.Series.Add(training);
        plot.Series.Add(validation);
        var svg = new SvgExporter { Width = 800, Height = 500 }.ExportToString(plot);
        AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(svg)));
    }
}
