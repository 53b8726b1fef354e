using System.Diagnostics;
using System.Globalization;
using GptGen.MiniLm;

namespace GptGen.Benchmarks.Onnx;

/// <summary>Sentence embeddings by the generated model and by ONNX Runtime, in turn, so that what disturbs the machine disturbs both.</summary>
internal static class EncodingDuel
{
    /// <summary>Long enough for the other side's threads to fall asleep.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>A timing repeats what is short until about so much time has passed.</summary>
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(100);

    private static readonly (int Sequences, int Length)[] s_cases = [(1, 16), (1, 32), (1, 128), (32, 16), (32, 32), (32, 128)];

    public static int Run(string[] arguments)
    {
        var (threads, runs, byOperator) = (2, 15, false);
        List<(int Sequences, int Length)> cases = [];
        foreach (var argument in arguments)
        {
            if (argument.StartsWith("threads=", StringComparison.Ordinal))
                threads = int.Parse(argument.AsSpan(8), CultureInfo.InvariantCulture);
            else if (argument.StartsWith("runs=", StringComparison.Ordinal))
                runs = int.Parse(argument.AsSpan(5), CultureInfo.InvariantCulture);
            else if (argument == "operators")
                byOperator = true;
            else if (s_cases.FirstOrDefault(work => Name(work) == argument) is { Length: > 0 } chosen)
                cases.Add(chosen);
            else
                return Usage(argument);
        }

        using var folder = new WrittenFolder();
        using var ours = new MiniLmEncoder(folder.Path, threads);
        if (byOperator)
        {
            foreach (var work in cases.Count > 0 ? cases : [.. s_cases])
                PrintOperators(work, ours, runs);
            return 0;
        }

        using var theirs = new OnnxEncoder(threads);
        Console.WriteLine($"all-MiniLM-L6-v2, f32, {threads} threads, {runs} timings of each side in turn; sentences/s: best / middle");
        Console.WriteLine($"{"batch x tokens",-16}{"GptGen",10}{"",9}{"ONNX",10}{"",9}{"times as fast",16}{"",8}   largest difference");
        foreach (var work in cases.Count > 0 ? cases : [.. s_cases])
            Compare(work, ours.Embed, theirs.Embed, runs);
        return 0;
    }

    private static void Compare(
        (int Sequences, int Length) work, Func<IReadOnlyList<int[]>, float[][]> ours, Func<IReadOnlyList<int[]>, float[][]> theirs, int runs)
    {
        var tokens = Tokens(work);
        var difference = ours(tokens).Zip(theirs(tokens), static (our, their) => our.Zip(their, static (a, b) => Math.Abs(a - b)).Max()).Max();
        var repeats = Math.Max(Repeats(() => ours(tokens)), Repeats(() => theirs(tokens)));
        var (ourSeconds, theirSeconds) = (new double[runs], new double[runs]);
        for (var run = 0; run < runs; run++)
        {
            ourSeconds[run] = Time(() => ours(tokens), repeats);
            theirSeconds[run] = Time(() => theirs(tokens), repeats);
        }

        var (our, their) = (Timing.Of(ourSeconds), Timing.Of(theirSeconds));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Name(work),-16}{Rates(our)}{Rates(their)}{their.Minimum / our.Minimum,16:f3}{their.Median / our.Median,8:f3}   {difference:e1}"));

        string Rates(Timing seconds) =>
            string.Create(CultureInfo.InvariantCulture, $"{work.Sequences / seconds.Minimum,10:f1}{work.Sequences / seconds.Median,9:f1}");
    }

    /// <summary>Words of the vocabulary between the marks.</summary>
    private static int[][] Tokens((int Sequences, int Length) work)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, work.Sequences)
            .Select(_ => (int[])[101, .. Enumerable.Range(2, work.Length - 2).Select(_ => random.Next(1996, 30000)), 102])];
    }

    private static void PrintOperators((int Sequences, int Length) work, MiniLmEncoder ours, int runs)
    {
        var tokens = Tokens(work);
        var table = OperatorTable.Measure(ours.Model.Device, runs, () => ours.Embed(tokens));
        table.Print($"{Name(work)}, middle of {runs} runs");
    }

    /// <summary>Seconds of one call, after a pause and a call that wakes the side's threads.</summary>
    private static double Time(Action action, int repeats)
    {
        Thread.Sleep(Pause);
        action();
        var begin = Stopwatch.GetTimestamp();
        for (var repeat = 0; repeat < repeats; repeat++)
            action();
        return Stopwatch.GetElapsedTime(begin).TotalSeconds / repeats;
    }

    private static int Repeats(Action action) => Math.Max(1, (int)(Least.TotalSeconds / Timing.Measure(action, 3).Minimum));

    private static string Name((int Sequences, int Length) work) => $"{work.Sequences}x{work.Length}";

    private static int Usage(string argument)
    {
        Console.Error.WriteLine($"'{argument}' is not known.");
        Console.Error.WriteLine($"usage: onnx [operators] [threads=N] [runs=N] [{string.Join("|", s_cases.Select(Name))}]…");
        Console.Error.WriteLine("       onnx folder PATH        writes the model as Hugging Face's folder");
        return 1;
    }
}
