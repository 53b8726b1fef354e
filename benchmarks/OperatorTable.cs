using System.Diagnostics;
using System.Globalization;

namespace GptGen.Benchmarks;

/// <summary>The time of a training step by operator, from runs of the same step.</summary>
internal sealed class OperatorTable
{
    private readonly Dictionary<string, (int Calls, List<double> Seconds)> rows = [];

    /// <summary>How long an action is repeated before it is measured: time for the compiler to replace what is called often.</summary>
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(2);

    /// <summary>Runs an action on a device whose calls end with their work, first for a while without measuring.</summary>
    public static OperatorTable Measure(Device device, int runs, Action action)
    {
        var table = new OperatorTable();
        var calls = new List<(string Name, long Start)>();
        device.Observer = name => calls.Add((name, Stopwatch.GetTimestamp()));
        var start = Stopwatch.GetTimestamp();
        do
            action();
        while (Stopwatch.GetElapsedTime(start) < s_warmUp);

        for (var run = 0; run < runs; run++)
        {
            calls.Clear();
            action();
            calls.Add(("end", Stopwatch.GetTimestamp()));
            table.Add(calls.Zip(
                calls.Skip(1), static (call, next) => (call.Name, Stopwatch.GetElapsedTime(call.Start, next.Start).TotalSeconds)));
        }

        device.Observer = null;
        return table;
    }

    /// <summary>Adds one run: its operators in order, each with its seconds.</summary>
    public void Add(IEnumerable<(string Operator, double Seconds)> run)
    {
        foreach (var group in run.GroupBy(static call => call.Operator))
        {
            if (!rows.TryGetValue(group.Key, out var row))
                rows[group.Key] = row = (group.Count(), []);
            row.Seconds.Add(group.Sum(static call => call.Seconds));
        }
    }

    /// <summary>Prints the middle of all runs for each operator, the dearest first.</summary>
    public void Print(string title)
    {
        var lines = rows.Select(static row => (row.Key, row.Value.Calls, Middle: Timing.Of([.. row.Value.Seconds]).Median))
            .OrderByDescending(static line => line.Middle).ToList();
        var whole = lines.Sum(static line => line.Middle);
        Console.WriteLine($"{title}; calls, ms, share");
        foreach (var (name, calls, seconds) in lines.Append(("all", lines.Sum(static line => line.Calls), whole)))
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-32}{calls,6}{1e3 * seconds,12:f3}{100 * seconds / whole,8:f1} %"));
    }
}
