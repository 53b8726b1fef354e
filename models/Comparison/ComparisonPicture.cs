using GptGen.Models.Commands;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace GptGen.Models.Comparison;

/// <summary>The accuracies of a comparison as an SVG picture: a group of bars for each task.</summary>
internal static class ComparisonPicture
{
    private static readonly (Measure Measure, string Title)[] s_tasks =
    [
        (Measure.ZeroShotChoice, "choice, zero-shot"), (Measure.ZeroShotEntailment, "entailment, zero-shot"), (Measure.Similarity, "similarity"),
        (Measure.Classification, "classification"), (Measure.Choice, "choice"), (Measure.Entailment, "entailment"),
    ];

    internal static void Save(string path, ComparisonRecord record)
    {
        var plot = new PlotModel { Title = "Accuracy on tasks, %", DefaultFont = SvgPicture.Fonts };
        plot.Axes.Add(new CategoryAxis { Position = AxisPosition.Left, ItemsSource = s_tasks.Select(static task => task.Title).ToList() });
        plot.Axes.Add(new LinearAxis
        {
            Position = AxisPosition.Bottom,
            Minimum = 0,
            Maximum = 100,
            MajorGridlineStyle = LineStyle.Dot,
        });
        plot.Legends.Add(
            new Legend
            {
                LegendPlacement = LegendPlacement.Outside,
                LegendPosition = LegendPosition.BottomCenter,
                LegendOrientation = LegendOrientation.Horizontal,
            });
        // The last series is drawn at the top of its group.
        string[] titles = [ComparisonTable.Commonest, ComparisonTable.Words, .. Contender.All.Select(static contender => contender.Title)];
        foreach (var title in titles.Where(record.Systems.ContainsKey).Reverse())
        {
            var bars = new BarSeries { Title = title };
            for (var task = 0; task < s_tasks.Length; task++)
                bars.Items.Add(new(100 * record.FindAll(title, s_tasks[task].Measure).DefaultIfEmpty().Average(), task));
            plot.Series.Add(bars);
        }

        SvgPicture.Save(path, plot);
    }
}
