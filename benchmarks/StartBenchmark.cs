using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using GptGen.Checkpoints;
using GptGen.Generation;
using GptGen.Models;
using GptGen.Text;

namespace GptGen.Benchmarks;

/// <summary>
/// From the start of the command line to the end of its first token, of GPT-2 124M with weights as users have them, and its
/// parts. Linux alone, which tells the processor time of processes that have ended, and files that were just written lie in the system's cache.
/// </summary>
internal static unsafe class StartBenchmark
{
    /// <summary>The word by which this program starts itself for the parts.</summary>
    internal const string PartsWord = "start-parts";

    private const int ChildrenOfThisProcess = -1;

    /// <summary>Runs the table; the arguments are the program, the one built with this unless given, and the number of rounds.</summary>
    public static int Run(string[] arguments)
    {
        string[] program = arguments.Length > 0 ? [arguments[0]] : ["dotnet", Path.Combine(AppContext.BaseDirectory, "gptgen.dll")];
        int rounds = arguments.Length > 1 ? int.Parse(arguments[1], CultureInfo.InvariantCulture) : 9;
        string folder = Directory.CreateTempSubdirectory("gptgen-start-").FullName;
        try
        {
            string floats = Path.Combine(folder, "f32"), halves = Path.Combine(folder, "bf16"), blocks = Path.Combine(folder, "q8_0.gguf");
            Write(floats, halves, blocks);
            (string Name, ElementType Kept, string Weights, string[] Words)[] cases =
            [
                ("f32 folder", ElementType.F32, floats, []),
                ("bf16 folder, kept as f32", ElementType.F32, halves, []),
                ("f32 folder, kept as q8_0", ElementType.Q8_0, floats, ["--weights-type", "q8_0"]),
                ("q8_0 GGUF, kept as q8_0", ElementType.Q8_0, blocks, ["--weights-type", "q8_0"]),
            ];
            List<Ended>[] ends = [.. Enumerable.Range(0, cases.Length + 1).Select(static _ => new List<Ended>())];
            for (int round = 0; round < rounds; round++)
            {
                ends[^1].Add(Start([.. program, "--version"]));
                for (int index = 0; index < cases.Length; index++)
                {
                    var (_, _, weights, words) = cases[index];
                    ends[index].Add(Start(
                        [.. program, "generate", "--weights", weights, "--prompt", "The ", "--tokens", "1", "--device", "cpu", .. words]));
                }
            }

            Console.WriteLine($"{string.Join(' ', program)}, {rounds} rounds in turn; milliseconds, fastest / middle");
            Console.WriteLine(
                $"{"weights of GPT-2 124M",-26}{"to the end",12}{"",8}{"processors",12}{"",8}{"memory, MB",12}");
            for (int index = 0; index < cases.Length; index++)
                Show(cases[index].Name, ends[index]);
            Show("--version", ends[^1]);
            foreach (var (name, kept, weights, _) in cases)
            {
                Console.WriteLine($"\n{name}, part by part in a process of its own: milliseconds, processors' milliseconds");
                Console.Write(Output([.. Self, PartsWord, weights, kept.ToString()]));
            }

            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Write(string floats, string halves, string blocks)
    {
        using var device = new CpuDevice();
        using var model = Gpt2Small.Create(device);
        model.Initialize(1);
        Tokenizer tokenizer = BytePairTokenizer.Gpt2;
        ModelCheckpoint.Save(model, floats, ElementType.F32, tokenizer);
        ModelCheckpoint.Save(model, halves, ElementType.BF16, tokenizer);
        ModelCheckpoint.Save(model, blocks, ElementType.Q8_0, tokenizer);
    }

    /// <summary>The parts of a start, in a process that has done nothing else: a line each, with milliseconds and processors' milliseconds.</summary>
    public static int RunParts(string[] arguments)
    {
        (string weights, ElementType kept) = (arguments[0], Enum.Parse<ElementType>(arguments[1]));
        Part("finding the model", () => ModelCheckpoint.FindModel(weights, Zoo.Models.Select(static entry => entry.Description)));
        Tokenizer tokenizer = Part("tokenizer", () => Tokenizer.OpenFor(weights, static _ => { }))!;
        using CpuDevice device = Part("threads", () => new CpuDevice(weights: kept));
        using Gpt2Small model = Part("memory", () => Gpt2Small.Create(device));
        Part("reading the weights", () =>
        {
            ModelCheckpoint.Load(model, weights);
            return true;
        });
        var generator = new TextGenerator(model, tokenizer);
        Part("first token", () => generator.Generate("The ", new GenerationOptions { Tokens = 1 }).ToList());
        return 0;
    }

    private static T Part<T>(string name, Func<T> work)
    {
        (long start, TimeSpan busy) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        T result = work();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name,-24}{Stopwatch.GetElapsedTime(start).TotalMilliseconds,8:f0}{(Environment.CpuUsage.TotalTime - busy).TotalMilliseconds,8:f0}"));
        return result;
    }

    private static Ended Start(string[] words)
    {
        var information = new ProcessStartInfo(words[0], words[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        double before = ProcessorTime();
        long start = Stopwatch.GetTimestamp();
        using var process = Process.Start(information)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        long memory = 0;
        while (!process.WaitForExit(5))
            memory = Math.Max(memory, PeakMemory(process.Id));
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new GptGenException($"{words[0]} ended with {process.ExitCode}: {errors.Result}{output.Result}");
        return new(seconds, ProcessorTime() - before, memory);
    }

    private static string[] Self => ["dotnet", Path.Combine(AppContext.BaseDirectory, "GptGen.Benchmarks.dll")];

    private static string Output(string[] words)
    {
        using var process = Process.Start(new ProcessStartInfo(words[0], words[1..]) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new GptGenException($"{words[0]} ended with {process.ExitCode}: {output}");
    }

    /// <summary>The most kilobytes of memory that a process has had; 0 when it is gone.</summary>
    private static long PeakMemory(int process)
    {
        try
        {
            string? line = File.ReadLines($"/proc/{process}/status")
                .FirstOrDefault(static line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null ? 0 : long.Parse(line.AsSpan(6, line.Length - 8).Trim(), CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    /// <summary>Seconds that processors worked for processes that this one started and that have ended.</summary>
    private static double ProcessorTime()
    {
        // struct rusage: times of the program and of the system, each in seconds and microseconds, and fourteen more numbers.
        long* usage = stackalloc long[18];
        return ReadUsage(ChildrenOfThisProcess, usage) == 0
            ? usage[0] + usage[2] + (1e-6 * (usage[1] + usage[3]))
            : throw new InvalidOperationException("The system does not tell processor times.");
    }

    [DllImport("libc", EntryPoint = "getrusage")]
    private static extern int ReadUsage(int who, long* usage);

    private static void Show(string name, List<Ended> ends)
    {
        Timing wall = Timing.Of([.. ends.Select(static end => end.Seconds)]), busy = Timing.Of([.. ends.Select(static end => end.ProcessorSeconds)]);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name,-26}{1e3 * wall.Minimum,12:f0}{1e3 * wall.Median,8:f0}{1e3 * busy.Minimum,12:f0}{1e3 * busy.Median,8:f0}"
            + $"{ends.Max(static end => end.Kilobytes) / 1e3,12:f0}"));
    }

    private readonly record struct Ended(double Seconds, double ProcessorSeconds, long Kilobytes);
}
