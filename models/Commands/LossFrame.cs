using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;

namespace GptGen.Models.Commands;

/// <summary>What all plots of losses share: axes, legend, and how many points a curve has.</summary>
internal static class LossFrame
{
    // More would not be seen and make a heavy picture.
    private const int MostPoints = 2000;

    private const int TitleDistance = 10;

    /// <summary>An empty plot of losses by step.</summary>
    /// <param name="title">What stands above it; null for nothing.</param>
    /// <param name="room">The share of the width to the right of the last step that stays free.</param>
    internal static PlotModel Create(string? title, double room)
    {
        var plot = new PlotModel { Title = title, DefaultFont = SvgPicture.Fonts };
        plot.Axes.Add(Axis(AxisPosition.Bottom, "step", maximumPadding: room));
        plot.Axes.Add(Axis(AxisPosition.Left, "loss, nats per token", maximumPadding: 0.05));
        plot.Legends.Add(
            new Legend
            {
                LegendPlacement = LegendPlacement.Outside,
                LegendPosition = LegendPosition.TopRight,
                LegendOrientation = LegendOrientation.Horizontal,
            });
        return plot;
    }

    /// <summary>The points of a curve, of a long one every so many; the last always.</summary>
    internal static IEnumerable<DataPoint> Thin(List<DataPoint> points)
    {
        var stride = 1 + (points.Count / MostPoints);
        return points.Where((_, index) => index % stride == 0 || index == points.Count - 1);
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
}
