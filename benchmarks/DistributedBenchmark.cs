using System.Diagnostics;
using System.Globalization;
using GptGen.Distributed;
using GptGen.Models;
using GptGen.Text;
using GptGen.Training;

namespace GptGen.Benchmarks;

/// <summary>
/// Steps of two processes with a core each beside those of one process with two threads, in turn. Both are started anew in each round, and the same
/// step is theirs: the batch is divided, not doubled. Beside them stands what a model of a step says: what a process computes, and what it moves,
/// each measured alone.
/// </summary>
internal static class DistributedBenchmark
{
    /// <summary>The word by which this program starts itself for one side's steps.</summary>
    internal const string StepsWord = "distributed-steps";

    private const string StepPart = "step", HalfPart = "half", SumPart = "sums", GatherPart = "weights";

    private const int Steps = 12;
    private const int Sequences = 24;

    /// <summary>Runs the table; the arguments are the model, the number of rounds and the launcher.</summary>
    public static int Run(string[] arguments)
    {
        string model = arguments.Length > 0 ? arguments[0] : "gpt2-mini-4k";
        int rounds = arguments.Length > 1 ? int.Parse(arguments[1], CultureInfo.InvariantCulture) : 5;
        string launcher = arguments.Length > 2 ? arguments[2] : "mpirun.openmpi";
        var (one, two) = (new List<(string Part, double Seconds)>(), new List<(string Part, double Seconds)>());
        for (int round = 0; round < rounds; round++)
        {
            one.AddRange(Measure([.. Self, StepsWord, model, "2"]));
            two.AddRange(Measure([launcher, "-n", "2", .. Self, StepsWord, model, "1"]));
        }

        var (alone, shared) = (Part(one, StepPart), Part(two, StepPart));
        var (half, sums, weights) = (Part(two, HalfPart), Part(two, SumPart), Part(two, GatherPart));
        Console.WriteLine($"{model}, {Sequences} sequences a step, {rounds} rounds of {Steps} steps; milliseconds, fastest / middle");
        Console.WriteLine(FormattableString.Invariant($"1 process x 2 threads    {1e3 * alone.Minimum:F1} / {1e3 * alone.Median:F1}"));
        Console.WriteLine(FormattableString.Invariant(
            $"2 processes x 1 thread   {1e3 * shared.Minimum:F1} / {1e3 * shared.Median:F1}  ({launcher})"));
        Console.WriteLine(FormattableString.Invariant(
            $"speed of two processes   {alone.Minimum / shared.Minimum:P0} / {alone.Median / shared.Median:P0} of one with two threads"));
        Console.WriteLine(FormattableString.Invariant(
            $"of a step: its half of the batch {1e3 * half.Median:F1}, sums {1e3 * sums.Median:F1}, weights {1e3 * weights.Median:F1} ms"));
        Console.WriteLine(FormattableString.Invariant(
            $"by these {1e3 * (half.Median + weights.Median):F1} ms with sums hidden behind the backward pass, ")
            + FormattableString.Invariant($"{1e3 * (half.Median + sums.Median + weights.Median):F1} without; measured {1e3 * shared.Median:F1}"));
        return 0;
    }

    private static Timing Part(IEnumerable<(string Part, double Seconds)> measured, string part) =>
        Timing.Of([.. measured.Where(one => one.Part == part).Select(static one => one.Seconds)]);

    /// <summary>One side's steps, and of several processes what they consist of: lines with a word and seconds, from the first process.</summary>
    public static int RunSteps(string[] arguments)
    {
        using var others = Communicator.Start();
        ZooEntry entry = Zoo.Find(arguments[0]);
        using var device = new CpuDevice(int.Parse(arguments[1], CultureInfo.InvariantCulture));
        using Model model = entry.Create(device);
        model.Initialize(1);
        var random = new Random(1);
        int[] tokens = [.. Enumerable.Range(0, 20_000).Select(_ => random.Next(entry.Description.Vocabulary))];
        using var source = TokenSource.FromMemory(tokens);
        var options = new TrainingOptions
        {
            Batch = Sequences, Length = entry.Description.Context, Shares = others?.Size ?? 1, Steps = Steps + 1, Warmup = 1,
        };
        using var trainer = new Trainer((LanguageModel)model, new(source, source.Slice(0, 1000)), options, Path.GetTempPath(), communicator: others);
        Repeat(StepPart, () => trainer.Step());
        if (others is null)
            return 0;
        options = options with { Batch = Sequences / others.Size, Shares = 1 };
        using (var apart = new Trainer((LanguageModel)model, new(source, source.Slice(0, 1000)), options, Path.GetTempPath()))
            Repeat(HalfPart, () => apart.Step());
        Partition parts = others.Divide(model.Description);
        using Arena gradients = device.Allocate(BufferRole.Gradient, model.Description.TrainedElements);
        Repeat(SumPart, () =>
        {
            for (int bucket = 0; bucket < parts.Buckets; bucket++)
                others.StartSum(gradients, parts, bucket);
            others.AwaitSums();
        });
        Repeat(GatherPart, () => others.AllGather(model.Parameters, parts));
        return 0;

        void Repeat(string part, Action action)
        {
            // The first time warms up; all begin together.
            for (int time = 0; time <= Steps; time++)
            {
                others?.Any(false);
                long start = Stopwatch.GetTimestamp();
                action();
                double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
                if (time > 0 && (others is null or { IsFirst: true }))
                    Console.WriteLine(FormattableString.Invariant($"{part} {seconds:R}"));
            }
        }
    }

    /// <summary>How this program starts itself.</summary>
    private static string[] Self => Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet"
        ? ["dotnet", Path.Combine(AppContext.BaseDirectory, "GptGen.Benchmarks.dll")]
        : [Environment.ProcessPath!];

    private static IEnumerable<(string Part, double Seconds)> Measure(string[] words)
    {
        var start = new ProcessStartInfo(words[0], words[1..]) { RedirectStandardOutput = true };
        start.Environment["OMPI_ALLOW_RUN_AS_ROOT"] = start.Environment["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1";
        // Open MPI gives processes a terminal, to which .NET's console would send its start.
        start.Environment["TERM"] = "dumb";
        using var process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line.Split(' '))
                .Select(static words => (words[0], double.Parse(words[1], CultureInfo.InvariantCulture)))]
            : throw new GptGenException($"{words[0]} ended with {process.ExitCode}: {output}");
    }
}
