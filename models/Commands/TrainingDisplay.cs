using System.Diagnostics;
using GptGen.Training;
using Spectre.Console;

namespace GptGen.Models.Commands;

/// <summary>
/// What a person sees of a training run: on a terminal a bar that moves, in a file or a pipe a line now and then, ever more rarely as the run
/// grows long.
/// </summary>
internal sealed class TrainingDisplay(TrainingOptions options)
{
    private const double ShortestInterval = 10;
    private readonly long start = Stopwatch.GetTimestamp();
    /// <summary>Open MPI gives each process a terminal of its own, of which only the lines come on.</summary>
    private static readonly bool s_isLaunched = Processes.IsLaunched;

    private readonly SmoothLoss smooth = new();
    private double? validation;
    private IReadOnlyList<Metric> metrics = [];
    private double secondsPerStep;
    private double rowsPerStep;
    private double lastLine;
    private int stepsSeen;
    private ProgressTask? bar;
    private ProgressLine evaluation = new();
    private string shownText = "training";

    /// <summary>Whether lines take the bar's place.</summary>
    internal static bool IsPlain => Console.IsOutputRedirected || !AnsiConsole.Profile.Capabilities.Ansi || s_isLaunched;

    /// <summary>Runs the work with the display around it.</summary>
    internal void Show(int stepsDone, Action work)
    {
        if (IsPlain)
        {
            work();
            return;
        }

        AnsiConsole.Progress()
            .AutoClear(false)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn())
            .Start(progress =>
            {
                bar = progress.AddTask(shownText, maxValue: options.Steps);
                bar.Value = stepsDone;
                work();
            });
    }

    /// <summary>Shows a step.</summary>
    internal void Add(in TrainingProgress step)
    {
        stepsSeen++;
        secondsPerStep = Smooth(secondsPerStep, step.Seconds);
        rowsPerStep = Smooth(rowsPerStep, step.Rows);
        evaluation.End();
        validation = step.ValidationLoss ?? validation;
        metrics = step.Metrics ?? metrics;
        var elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var text = Describe(step, smooth.Add(step.Loss), elapsed);
        if (bar is not null)
        {
            shownText = text;
            bar.Description = Markup.Escape(text);
            bar.Value = step.Step;
        }
        else if (IsDue(step, elapsed))
        {
            lastLine = elapsed;
            Screen.People.WriteLine(text);
        }
    }

    /// <summary>Shows how far an evaluation is.</summary>
    internal void ShowEvaluation(long done, long total)
    {
        if (done == 0)
            evaluation = new();
        var share = FormattableString.Invariant($"{100 * done / total} %");
        if (bar is null)
            evaluation.Show(() => FormattableString.Invariant($"validating  {done:N0}/{total:N0} tokens  {share}"));
        else
            bar.Description = Markup.Escape(FormattableString.Invariant($"{shownText}  validating {share}"));
    }

    /// <summary>Takes away what an evaluation has shown of itself.</summary>
    internal void EndEvaluation() => evaluation.End();

    /// <summary>A duration as people say it.</summary>
    internal static string Duration(double seconds) => seconds switch
    {
        < 60 => FormattableString.Invariant($"{Math.Ceiling(seconds):F0} s"),
        < 3600 => FormattableString.Invariant($"{Math.Floor(seconds / 60):F0} min {Math.Floor(seconds % 60):F0} s"),
        _ => FormattableString.Invariant($"{Math.Floor(seconds / 3600):F0} h {Math.Floor(seconds % 3600 / 60):F0} min"),
    };

    private double Smooth(double before, double value) => stepsSeen == 1 ? value : (0.95 * before) + (0.05 * value);

    private bool IsDue(in TrainingProgress step, double elapsed) =>
        stepsSeen == 1 || step.Step == options.Steps || step.ValidationLoss is not null
            || elapsed - lastLine >= Math.Max(ShortestInterval, elapsed / 50);

    private string Describe(in TrainingProgress step, double loss, double elapsed)
    {
        var speed = rowsPerStep / secondsPerStep;
        var text = FormattableString.Invariant($"step {step.Step}/{options.Steps}  loss {loss:F3}");
        if (validation is { } value)
            text += FormattableString.Invariant($"  validation {value:F3}");
        foreach (var metric in metrics)
            text += FormattableString.Invariant($"  {metric.Name.Replace('_', ' ')} {metric.Value:F3}");
        text += FormattableString.Invariant($"  {speed:N0} tokens/s");
        // The whole time, evaluations and checkpoints included, tells best when the run will end; the first step, which compiles, tells nothing.
        return stepsSeen == 1 || step.Step == options.Steps ? text : $"{text}  {Duration(elapsed / stepsSeen * (options.Steps - step.Step))} left";
    }
}
