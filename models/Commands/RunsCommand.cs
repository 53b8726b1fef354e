using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using GptGen.Training;

namespace GptGen.Models.Commands;

/// <summary><c>gptgen runs</c>: how runs went, side by side.</summary>
internal static class RunsCommand
{
    private const string DefaultFolder = "runs";
    private const int LongestName = 40;

    internal static Command Create()
    {
        var folders = new Argument<string[]>("folders")
        {
            Description = $"Folders of training runs; those in '{DefaultFolder}' without any.",
            Arity = ArgumentArity.ZeroOrMore,
            HelpName = "folder…",
        };
        var output = new Option<string?>("--out") { Description = "Also draw their losses into this SVG file.", HelpName = "file" };
        var json = CommonOptions.Json();
        var command = new Command("runs", "Compare the losses of training runs.") { folders, output, json };
        return command.WithWork((result, _) =>
        {
            var runs = (result.GetValue(folders) is { Length: > 0 } given ? given : Found())
                .Select(static folder => (Name: folder.TrimEnd('/'), Steps: TrainingLog.Read(Path.Combine(folder, TrainingLog.FileName)))).ToList();
            if (result.GetValue(output) is { } path)
                RunCurves.Save(path, runs);
            var summaries = runs.Select(static run => new RunSummary(run.Name, run.Steps)).ToList();
            if (result.GetValue(json))
                WriteJson(summaries);
            else
                WriteTable(summaries);
            return 0;
        });
    }

    private static string[] Found()
    {
        string[] found = Directory.Exists(DefaultFolder)
            ? [.. Directory.EnumerateDirectories(DefaultFolder).Where(static folder => File.Exists(Path.Combine(folder, TrainingLog.FileName))).Order(
                StringComparer.Ordinal)]
            : [];
        return found.Length > 0
            ? found
            : throw new GptGenException($"There are no runs in '{DefaultFolder}' here: name their folders, or make one with 'gptgen train'.");
    }

    private static void WriteTable(List<RunSummary> runs)
    {
        var width = Math.Clamp(runs.Max(static run => run.Name.Length), "run".Length, LongestName);
        Console.WriteLine($"{"run".PadRight(width)}   steps    loss  validation  lowest  after step");
        foreach (var run in runs)
        {
            var line = MessageText.OneLine(run.Name);
            var name = line.Length <= width ? line : "…" + line[^(width - 1)..];
            Console.WriteLine($"{name.PadRight(width)}{run.Steps,8}{Loss(run.Loss),8}{Loss(run.Validation),12}{Loss(run.Lowest),8}{run.LowestStep,12}");
        }

        static string Loss(double? loss) => loss?.ToString("F3", CultureInfo.InvariantCulture) ?? "";
    }

    private static void WriteJson(List<RunSummary> runs)
    {
        using var output = Screen.OpenOutput();
        using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true });
        writer.WriteStartArray();
        foreach (var run in runs)
        {
            writer.WriteStartObject();
            writer.WriteString("run", run.Name);
            writer.WriteNumber("steps", run.Steps);
            Number("loss", run.Loss);
            Number("validation_loss", run.Validation);
            Number("lowest_validation_loss", run.Lowest);
            Number("lowest_after_step", run.LowestStep);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();

        void Number(string name, double? value)
        {
            if (value is { } number && double.IsFinite(number))
                writer.WriteNumber(name, number);
            else
                writer.WriteNull(name);
        }
    }

    /// <summary>A run in one line: its last losses, the training loss smoothed as it is shown, and its lowest validation loss.</summary>
    private sealed record RunSummary
    {
        public RunSummary(string name, IReadOnlyList<LoggedStep> steps)
        {
            (Name, Steps) = (name, steps.Count == 0 ? 0 : steps[^1].Step);
            var smooth = new SmoothLoss();
            foreach (var step in steps)
            {
                if (double.IsFinite(step.Loss))
                    Loss = smooth.Add(step.Loss);
                Validation = step.ValidationLoss ?? Validation;
                if (step.ValidationLoss is { } loss && !(loss >= Lowest))
                    (Lowest, LowestStep) = (loss, step.Step);
            }
        }

        public string Name { get; }

        public int Steps { get; }

        public double? Loss { get; }

        public double? Validation { get; }

        public double? Lowest { get; }

        public int? LowestStep { get; }
    }
}
