using System.Globalization;
using GptGen.Training;
using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Series;

namespace GptGen.Models.Commands;

/// <summary>The losses of a run as an SVG picture. A loss that is no finite number is left out.</summary>
internal sealed class LossPlot
{
    private const int LabelDistance = 8;

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
        var line = new LineSeries { Title = "training", StrokeThickness = 1 };
        line.Points.AddRange(LossFrame.Thin(training));
        // To the right there is room for what is written at the last point.
        var plot = LossFrame.Create(title, room: 0.24);
        plot.Series.Add(line);
        plot.Series.Add(validation);
        if (validation.Points is [.., var last])
            plot.Annotations.Add(Label(last));
        SvgPicture.Save(path, plot);
    }

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
