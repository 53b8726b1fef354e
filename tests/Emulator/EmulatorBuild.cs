using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace GptGen.Emulator;

/// <summary>Compiles the native sources with g++, once for each state of the sources and each compiler.</summary>
internal static class EmulatorBuild
{
    private const string Compiler = "g++";
    private static readonly string[] Flags = ["-std=c++17", "-march=native", "-fPIC", "-fvisibility=hidden", "-w"];

    /// <summary>What runs for every thread and access, compiled as one.</summary>
    private static readonly string[] OftenRun =
    [
        "async_copy.cpp", "block.cpp", "checker.cpp", "fibers.cpp", "instrumentation.cpp", "proxy.cpp", "shared_memory.cpp", "warp.cpp",
        "warpgroup.cpp",
    ];

    /// <summary>What runs for every product.</summary>
    private static readonly string[] Products = ["gemm.cpp"];

    /// <summary>Libraries that give names of their own to what others have too.</summary>
    private static readonly string[][] OfTheirOwn = [["cublas.cpp"], ["cublaslt.cpp"], ["nccl.cpp"], ["nvrtc.cpp"]];

    /// <summary>The file that all the libraries' names point to.</summary>
    public const string LibraryFile = "libgptgen-emulator.so";

    /// <summary>The names under which programs look for the driver, cuBLAS, cuBLASLt, NVRTC and NCCL.</summary>
    public static readonly string[] LibraryNames =
    [
        "libcuda.so.1", "libcublas.so.12", "libcublas.so.13", "libcublasLt.so.12", "libcublasLt.so.13", "libnvrtc.so.12", "libnvrtc.so.13",
        "libnccl.so.2",
    ];

    /// <summary>The folder with the libraries, or why there is none.</summary>
    public static (string? Folder, string Reason) Run()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
            return (null, "The CUDA emulator runs on x86-64 Linux only.");
        if (CompilerProcess.Run(Compiler, ["--version"]) is not { ExitCode: 0 } version)
            return (null, "The CUDA emulator needs g++, which is not installed.");
        var sources = Sources().ToList();
        var stamp = Stamp(sources, version.Messages);
        var folder = Path.Combine(CompilerProcess.CacheRoot, stamp);
        if (!File.Exists(Path.Combine(folder, LibraryFile)))
            Build(sources, stamp, folder);
        return (folder, "");
    }

    private static IEnumerable<(string Path, byte[] Content)> Sources()
    {
        var assembly = Assembly.GetExecutingAssembly();
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.StartsWith("Native/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal))
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            using var content = new MemoryStream();
            stream.CopyTo(content);
            yield return (name["Native/".Length..], content.ToArray());
        }
    }

    private static string Stamp(List<(string Path, byte[] Content)> sources, string compilerVersion)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        // What is compiled for one processor must not meet another that shares the folder.
        hash.AppendData(Encoding.UTF8.GetBytes(compilerVersion + string.Join(' ', Flags) + ProcessorFeatures()));
        foreach (var (path, content) in sources)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(path + "\0"));
            hash.AppendData(content);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..24];
    }

    private static string ProcessorFeatures() =>
        File.ReadLines("/proc/cpuinfo").FirstOrDefault(static line => line.StartsWith("flags", StringComparison.Ordinal)) ?? "";

    /// <summary>Builds in a folder of its own and renames it, so that a second process sees all or nothing.</summary>
    private static void Build(List<(string Path, byte[] Content)> sources, string stamp, string folder)
    {
        DeleteOldBuilds();
        var work = $"{folder}.{Guid.NewGuid():N}.tmp";
        try
        {
            foreach (var (path, content) in sources)
            {
                var file = Path.Combine(work, path);
                Directory.CreateDirectory(Path.GetDirectoryName(file)!);
                File.WriteAllBytes(file, content);
            }

            Compile(work, stamp, sources.Select(source => source.Path).Where(path => path.EndsWith(".cpp", StringComparison.Ordinal)).ToList());
            foreach (var name in LibraryNames)
                File.CreateSymbolicLink(Path.Combine(work, name), LibraryFile);
            try
            {
                Directory.Move(work, folder);
            }
            catch (IOException) when (File.Exists(Path.Combine(folder, LibraryFile)))
            {
                // Another process was quicker; its result is the same.
            }
        }
        finally
        {
            if (Directory.Exists(work))
                Directory.Delete(work, recursive: true);
        }
    }

    private static void Compile(string work, string stamp, List<string> files)
    {
        string[] flags = [.. Flags, $"-DEMULATOR_STAMP=\"{stamp}\""];
        // Reading the C++ library takes most of a file's time, so files are compiled together. Of what does not run often, more optimization would
        // take longer than it saves.
        string[] others = [.. files.Except([.. OftenRun, .. Products, .. OfTheirOwn.SelectMany(static unit => unit)])];
        (string Optimization, string[] Files)[] units =
            [("-O1", others), ("-O3", OftenRun), ("-O3", Products), .. OfTheirOwn.Select(static unit => ("-O1", unit))];
        var objects = new string[units.Length];
        Parallel.For(0, units.Length, i =>
        {
            var unit = Path.Combine(work, $"unit{i}.cc");
            objects[i] = unit + ".o";
            File.WriteAllLines(unit, units[i].Files.Select(static file => $"#include \"{file}\""));
            Run([.. flags, units[i].Optimization, "-c", unit, "-o", objects[i]]);
        });
        Run(["-shared", "-o", Path.Combine(work, LibraryFile), $"-Wl,-soname,{LibraryFile}", .. objects, "-ldl", "-lpthread", "-lrt"]);
    }

    private static void Run(IEnumerable<string> arguments)
    {
        var result = CompilerProcess.Run(Compiler, arguments) ?? throw new InvalidOperationException("g++ cannot be started.");
        if (result.ExitCode != 0)
            throw new InvalidOperationException("The CUDA emulator does not compile:\n" + result.Messages);
    }

    /// <summary>Builds of earlier sources that nobody has made anew for two weeks.</summary>
    private static void DeleteOldBuilds()
    {
        foreach (var old in new DirectoryInfo(CompilerProcess.CacheRoot).EnumerateDirectories())
        {
            if (old.LastWriteTimeUtc > DateTime.UtcNow.AddDays(-14))
                continue;
            try
            {
                old.Delete(recursive: true);
            }
            catch (IOException)
            {
                // In use, or removed by another process just now.
            }
        }
    }
}
