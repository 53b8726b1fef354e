using System.Globalization;
using GptGen.Training;
using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace GptGen.Models.Commands;

/// <summary>The losses of a run as an SVG picture. A loss that is no finite number is left out.</summary>
internal sealed class LossPlot
{
    // More would not be seen and make a heavy picture.
    private const int MostPoints = 2000;

    private const int LabelDistance = 8;
    private const int TitleDistance = 10;

    private readonly List<DataPoint> training = [];
    private readonly LineSeries validation = new() { Title = "validation", StrokeThickness = 2, MarkerType = MarkerType.Circle, MarkerSize = 3 };
    private readonly SmoothLoss smooth = new();

    internal void Add(in LoggedStep step)
    {
        if (double.IsFinite(step.Loss))
            training.Add(new(step.Step, smooth.Add(step.Loss)));
        if (step.ValidationLoss is { } loss && double.IsFinite(loss))
            validation.Points.Add(new(step.Step, loss));
    }

    internal void Save(string path, string title)
    {
        var stride = 1 + (training.Count / MostPoints);
        var line = new LineSeries { Title = "training", StrokeThickness = 1 };
        line.Points.AddRange(training.Where((_, index) => index % stride == 0 || index == training.Count - 1));
        var plot = new PlotModel { Title = title, DefaultFont = SvgPicture.Fonts };
        // To the right there is room for what is written at the last point.
        plot.Axes.Add(Axis(AxisPosition.Bottom, "step", maximumPadding: 0.24));
        plot.Axes.Add(Axis(AxisPosition.Left, "loss, nats per token", maximumPadding: 0.05));
        plot.Legends.Add(
            new Legend
            {
                LegendPlacement = LegendPlacement.Outside,
                LegendPosition = LegendPosition.TopRight,
                LegendOrientation = LegendOrientation.Horizontal,
            });
        plot.Series.Add(line);
        plot.Series.Add(validation);
        if (validation.Points is [.., var last])
            plot.Annotations.Add(Label(last));
        SvgPicture.Save(path, plot);
    }

    private static LinearAxis Axis(AxisPosition position, string title, double maximumPadding) => new()
    {
        Position = position,
        Title = title,
        AxisTitleDistance = TitleDistance,
        MajorGridlineStyle = LineStyle.Dot,
        MinimumPadding = position == AxisPosition.Left ? 0.05 : 0.01,
        MaximumPadding = maximumPadding,
    };

    /// <summary>The last validation loss, written to the right of its point, where no curve goes on.</summary>
    private static TextAnnotation Label(DataPoint point) => new()
    {
        Text = "validation " + point.Y.ToString(Math.Abs(point.Y) < 1000 ? "F3" : "G4", CultureInfo.InvariantCulture),
        TextPosition = point,
        TextHorizontalAlignment = HorizontalAlignment.Left,
        TextVerticalAlignment = VerticalAlignment.Middle,
        Offset = new(LabelDistance, 0),
        StrokeThickness = 0,
    };
}
