using System.Diagnostics;
using System.Globalization;

namespace GptGen.Peer;

/// <summary>A side in a process of its own, so that its threads and its memory are its own; it works when told to.</summary>
internal sealed class Worker : IDisposable
{
    private readonly Process process;

    private Worker(Process process) => this.process = process;

    /// <summary>What the workload gave the last time.</summary>
    public double Result { get; private set; }

    /// <summary>Most resident memory so far, in bytes.</summary>
    public long PeakMemory { get; private set; }

    /// <summary>Starts a side on a workload; it has warmed up when this returns.</summary>
    public static Worker Start(string side, PeerCase work, int threads)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            ArgumentList = { "serve", side, work.Name, threads.ToString(CultureInfo.InvariantCulture) },
        };
        if (side == "pytorch")
        {
            // Freed memory is kept instead of being given back to the system and faulted in again at every step: glibc's own settings.
            start.Environment["MALLOC_MMAP_THRESHOLD_"] = "8589934592";
            start.Environment["MALLOC_TRIM_THRESHOLD_"] = "17179869184";
            start.Environment["MALLOC_TOP_PAD_"] = "268435456";
            start.Environment["OMP_NUM_THREADS"] = threads.ToString(CultureInfo.InvariantCulture);
        }

        var worker = new Worker(Process.Start(start)!);
        worker.Time();
        worker.Time();
        return worker;
    }

    /// <summary>Lets the side work once.</summary>
    /// <returns>Seconds.</returns>
    public double Time()
    {
        process.StandardInput.WriteLine("run");
        var line = process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("A side ended early; its message stands above.");
        var numbers = line.Split(' ').Select(text => double.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        (Result, PeakMemory) = (numbers[1], (long)numbers[2]);
        return numbers[0];
    }

    /// <summary>The other end: works at each line of the input.</summary>
    public static int Serve(string side, string name, int threads)
    {
        var work = PeerCase.All.Single(known => known.Name == name);
        if (side == "pytorch" && TorchLibrary.Prepare() is { } problem)
        {
            Console.Error.WriteLine(problem);
            return 1;
        }

        using IPeerCase instance = Create(side, work, threads);
        ForgetPeak();
        while (Console.ReadLine() is not null)
        {
            var begin = Stopwatch.GetTimestamp();
            var result = instance.Run();
            var seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{seconds} {result} {Peak()}"));
        }

        return 0;
    }

    private static IPeerCase Create(string side, PeerCase work, int threads) => (side, work.Kind) switch
    {
        ("gptgen", PeerWork.Scan or PeerWork.Gradients) => work.Model == PeerModel.Lstm1024
            ? new GptGenLstm<Cells1024, Width128>(work, threads)
            : new GptGenLstm<Cells4096, Width512>(work, threads),
        (_, PeerWork.Scan or PeerWork.Gradients) => new TorchLstm(work, threads),
        ("gptgen", PeerWork.Step) => new GptGenStep(work, threads),
        ("gptgen", _) => new GptGenInference(work, threads),
        (_, PeerWork.Step) => new TorchStep(work, threads),
        _ => new TorchInference(work, threads),
    };

    /// <summary>Building the model does not count; Linux resets the peak when 5 is written here.</summary>
    private static void ForgetPeak()
    {
        GC.Collect();
        if (OperatingSystem.IsLinux())
            File.WriteAllText("/proc/self/clear_refs", "5");
    }

    private static long Peak()
    {
        if (!OperatingSystem.IsLinux())
            return Process.GetCurrentProcess().PeakWorkingSet64;
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(
            line.AsSpan(6, line.Length - 8), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture) * 1024;
    }

    public void Dispose()
    {
        process.StandardInput.Close();
        process.WaitForExit();
        process.Dispose();
    }
}
