using System.CommandLine;
using GptGen.Checkpoints;
using GptGen.Models.Comparison;

namespace GptGen.Models.Commands;

/// <summary><c>gptgen compare</c>: the article's systems on one text, as one table.</summary>
internal static class CompareCommand
{
    private const int FullEpochs = 4;
    private const int QuickEpochs = 2;
    private const double QuickShare = 0.25;
    private const int MostSeeds = 100;

    internal static Command Create()
    {
        var data = CommonOptions.Data("Files or folders of UTF-8 text");
        var tasks = new Option<string?>("--tasks")
        {
            Description = "A folder with folders entailment, choice, classification or similarity, each with train.tsv, validation.tsv and test.tsv; "
                + "tasks made of the SDK's documentation without it, none for other --data.",
            HelpName = "folder",
        };
        var systems = new Option<string[]>("--systems")
        {
            Description = $"The systems to run: {string.Join(", ", Contender.All.Select(static contender => Name(contender)))}; all without it.",
            AllowMultipleArgumentsPerToken = true,
            HelpName = "name…",
        };
        var quick = new Option<bool>("--quick")
        {
            Description = $"A look in ten minutes: {ComparisonSettings.QuickSteps} steps, a quarter of the tasks' examples, {QuickEpochs} epochs.",
        };
        var steps = CommonOptions.Number(
            "--steps", $"Steps of pre-training, of about {ComparisonSettings.TokensPerStep} tokens.", ComparisonSettings.FullSteps, least: 1);
        var seed = CommonOptions.Seed();
        var seeds = CommonOptions.Number(
            "--seeds", "Seeds, from --seed on: as many comparisons on the same text and tasks, whose means are shown with the lowest and highest.",
            1, least: 1, most: MostSeeds);
        var output = new Option<string>("--out")
        {
            Description = "The folder of the comparison; with the options of the one in it, it goes on.",
            DefaultValueFactory = static _ => Path.Combine("runs", "compare"),
            HelpName = "folder",
        };
        var json = CommonOptions.Json();
        var device = new DeviceOptions(trains: true);
        var command = new Command("compare", "Train and measure the article's systems on one text, and write one table.")
        {
            data, tasks, systems, quick, steps, seed, seeds, output, json,
        };
        device.AddTo(command);
        return command.WithWork((result, cancellation) =>
        {
            var others = Processes.Start();
            var isQuick = result.GetValue(quick);
            var names = result.GetValue(systems) ?? [];
            var chosen = Find(names);
            var folder = result.GetValue(output)!;
            using var runDevice = device.Open(result, others);
            Processes.RequireAlike(others, result, runDevice);
            var settings = new ComparisonSettings(
                isQuick && !result.IsGiven(steps) ? ComparisonSettings.QuickSteps : result.GetValue(steps),
                isQuick ? QuickShare : 1, isQuick ? QuickEpochs : FullEpochs, result.GetValue(seed),
                [.. (result.GetValue(data) ?? []).Select(Path.GetFullPath)],
                result.GetValue(tasks) is { } path ? Path.GetFullPath(path) : null, runDevice.Name,
                DeviceOptions.PrecisionOf(runDevice));
            if (!settings.IsDocumentation)
                LeaveOutPairs(chosen, isNamed: names.Length > 0);
            RequireApart(folder, settings.Data.Append(settings.Tasks));
            if (result.GetValue(json))
                Screen.KeepOutputForData();
            Screen.Outlive();
            using var hold = Interruption.Hold();
            using var claim = Processes.IsFirst ? FolderClaim.Take(folder, "comparing", Note.Show) : null;
            var record = ComparisonRun.Run(folder, settings, result.GetValue(seeds), chosen, runDevice, others, cancellation);
            if (!Processes.IsFirst)
                return Screen.ExitCode();
            if (result.GetValue(json))
            {
                using var stream = Screen.OpenOutput();
                record.Write(stream);
            }
            else
            {
                Console.WriteLine();
                Console.Write(ComparisonTable.Write(record));
            }

            Screen.People.WriteLine($"written: {folder}");
            return Screen.ExitCode();
        });
    }

    /// <summary>Leaves out what is trained on pairs of texts, where there are none.</summary>
    /// <exception cref="GptGenException">It is asked for by name.</exception>
    private static void LeaveOutPairs(List<Contender> chosen, bool isNamed)
    {
        foreach (var contender in chosen.Where(static contender => contender.Entry.Kind == ModelKind.Translation).ToList())
        {
            const string Reason = "is trained on pairs of texts, which only the SDK's documentation gives here";
            if (isNamed)
                throw new GptGenException($"--systems names {Name(contender)}, which {Reason}: leave it out with --data and --tasks.");
            Note.Show($"the {Name(contender)} is left out: it {Reason}");
            chosen.Remove(contender);
        }
    }

    /// <summary>What a comparison writes must not be read as its text.</summary>
    /// <exception cref="GptGenException">The folder lies in an input, or an input in the folder.</exception>
    private static void RequireApart(string folder, IEnumerable<string?> inputs)
    {
        var output = Ended(Path.GetFullPath(folder));
        foreach (var input in inputs.OfType<string>().Where(input => Lies(output, Ended(input)) || Lies(Ended(input), output)))
            throw new GptGenException($"--out is '{folder}', but '{input}' is read: name a folder apart from it.");

        static string Ended(string path) => Path.TrimEndingDirectorySeparator(path) + Path.DirectorySeparatorChar;

        static bool Lies(string inner, string outer) => inner.StartsWith(outer, StringComparison.Ordinal);
    }

    private static string Name(Contender contender) => contender.Title.ToLowerInvariant();

    /// <exception cref="GptGenException">There is no such system.</exception>
    private static List<Contender> Find(string[] names)
    {
        foreach (var name in names)
        {
            if (!Contender.All.Any(contender => Name(contender) == name.ToLowerInvariant()))
            {
                throw new GptGenException(
                    $"--systems is '{MessageText.Shorten(name)}', but must be of {string.Join(", ", Contender.All.Select(Name))}.");
            }
        }

        return [.. Contender.All.Where(contender => names.Length == 0 || names.Contains(Name(contender), StringComparer.OrdinalIgnoreCase))];
    }
}
