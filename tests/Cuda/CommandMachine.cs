using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using GptGen.Cuda.Kernels;
using GptGen.Cuda.Libraries;
using GptGen.Emulator;
using GptGen.Models.Tests;
using GptGen.Runtime.Tests;
using Xunit;

namespace GptGen.Cuda.Tests;

/// <summary>A machine with these libraries in one folder, on which a user runs <c>gptgen</c>.</summary>
internal sealed class CommandMachine : IDisposable
{
    private readonly TemporaryFolder folder = new();

    /// <summary>A machine.</summary>
    /// <param name="libraries">The names of what is installed.</param>
    /// <param name="sharesKernels">Whether it has the kernels that other tests compiled.</param>
    public CommandMachine(string[] libraries, bool sharesKernels = false)
    {
        TestTarget.RequireEmulator();
        Libraries = Directory.CreateDirectory(folder.File("libraries")).FullName;
        CudaEmulator.LinkInto(Libraries, libraries);
        Variables[SearchPlaces.PathVariable] = Libraries;
        Variables[KernelCache.FolderVariable] = sharesKernels ? TestTarget.KernelFolder(folder, isPlain: true) : folder.File("cache");
    }

    /// <summary>The folder with the libraries.</summary>
    public string Libraries { get; }

    /// <summary>A file of the machine's folder.</summary>
    public string File(string name) => folder.File(name);

    public Dictionary<string, string> Variables { get; } = [];

    /// <summary>Runs <c>gptgen doctor</c>, which says nothing on the error stream.</summary>
    public (int ExitCode, string Output) Doctor(params string[] arguments)
    {
        var (exitCode, output, error) = Run(["doctor", .. arguments]);
        Assert.Equal("", error);
        return (exitCode, output);
    }

    /// <summary>Runs <c>gptgen</c> in a process of its own.</summary>
    public (int ExitCode, string Output, string Error) Run(params string[] arguments) => Start(Program(arguments));

    /// <summary>The same in several processes, each with a GPU; skips the test without Open MPI.</summary>
    public (int ExitCode, string Output, string Error) RunRanks(int ranks, params string[] arguments)
    {
        const string Launcher = "/usr/bin/mpirun.openmpi";
        Assert.SkipUnless(System.IO.File.Exists(Launcher), "Open MPI is not installed (apt-get install openmpi-bin).");
        return Start([Launcher, "--oversubscribe", "-n", $"{ranks}", .. Program(arguments)]);
    }

    /// <summary>The same in several processes that have the variables of PyTorch's launcher alone, in the order of their ranks.</summary>
    /// <param name="ranks">Processes.</param>
    /// <param name="arguments">The command.</param>
    /// <param name="meanwhile">Done to the processes while they run.</param>
    public IReadOnlyList<(int ExitCode, string Output, string Error)> RunTorch(
        int ranks, string[] arguments, Action<IReadOnlyList<Process>>? meanwhile = null)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        var started = Enumerable.Range(0, ranks).Select(rank => Begin(
            Program(arguments),
            ("RANK", $"{rank}"), ("LOCAL_RANK", $"{rank}"), ("WORLD_SIZE", $"{ranks}"), ("MASTER_ADDR", "localhost"), ("MASTER_PORT", $"{port}")))
            .ToList();
        meanwhile?.Invoke([.. started.Select(static run => run.Process)]);
        return [.. started.Select(static run => End(run))];
    }

    private static string[] Program(string[] arguments) => ["dotnet", Path.Combine(AppContext.BaseDirectory, "gptgen.dll"), .. arguments];

    private (int ExitCode, string Output, string Error) Start(string[] words) => End(Begin(words));

    private (Process Process, Task<string> Output, Task<string> Error) Begin(
        string[] words, params ReadOnlySpan<(string Name, string Value)> variables)
    {
        var start = new ProcessStartInfo(words[0], words[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["OMPI_ALLOW_RUN_AS_ROOT"] = start.Environment["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1";
        ShortRun.Prepare(start);
        foreach (var (name, value) in Variables)
            start.Environment[name] = value;
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
        var process = Process.Start(start)!;
        return (process, process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
    }

    private static (int ExitCode, string Output, string Error) End((Process Process, Task<string> Output, Task<string> Error) run)
    {
        using var process = run.Process;
        process.WaitForExit();
        return (process.ExitCode, run.Output.Result, run.Error.Result);
    }

    public void Dispose() => folder.Dispose();
}
