using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace GptGen.Models.Tests;

/// <summary>What lies in the folder that a command is started in came with somebody's files: none of it is run.</summary>
public sealed class WorkingFolderTests : IDisposable
{
    private static readonly string[] s_libraries =
        [
            "libcuda.so.1", "libcublas.so.13", "libcublas.so.12", "libcublasLt.so.13", "libcublasLt.so.12", "libnvrtc.so.13", "libnvrtc.so.12",
            "libnvrtc-builtins.so.13.0"];

    private static readonly string[] s_folders =
    [
        ".", "lib", "lib64", ".venv/lib", "venv/lib", ".venv/lib/python3.12/site-packages/nvidia/cublas/lib",
        ".venv/lib/python3.12/site-packages/nvidia/cu13/lib", "venv/lib/python3.12/site-packages/nvidia/cuda_nvrtc/lib", "nvidia/cu13/lib",
    ];

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>Also where variables name the folder by a relative path, and where the user's caches would lie there.</summary>
    [Theory]
    [InlineData("doctor")]
    [InlineData("doctor", "--json")]
    [InlineData("train", "--model", "gpt2-nano", "--data", "text.txt", "--tokenizer", "bytes", "--steps", "1", "--device", "cuda", "--out", "run")]
    public void ALibraryInTheWorkingFolderIsNotEvenLookedAt(params string[] arguments)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The libraries are Linux's.");
        var ran = folder.File("ran");
        PlantLibraries(ran);
        folder.Write("text.txt", string.Concat(Enumerable.Repeat("To be, or not to be. ", 2000)));
        foreach (var named in (bool[])[false, true])
        {
            var result = Run(arguments, named);
            Assert.False(File.Exists(ran), "A library of the working folder was run.");
            Assert.DoesNotContain(folder.Path, result.Output + result.Error);
            Assert.DoesNotContain("site-packages/nvidia/cu13/lib/libcublas", result.Output);
            if (arguments[0] == "doctor" && named)
                Assert.Contains("relative path", result.Output);
            if (arguments is ["doctor", "--json"])
            {
                using var json = JsonDocument.Parse(result.Output);
                foreach (var place in json.RootElement.GetProperty("libraries").EnumerateArray()
                    .SelectMany(static library => library.GetProperty("places").EnumerateArray()))
                    Assert.True(place.GetString() is "the system's loader" || place.GetString()!.StartsWith('/'), $"{place} is searched.");
                Assert.Equal(named, json.RootElement.GetProperty("kernel_cache").ValueKind == JsonValueKind.Null);
                Assert.Equal(
                    named,
                    json.RootElement.GetProperty("kernel_cache_problem").GetString()?.Contains("relative path", StringComparison.Ordinal) == true);
            }
        }

        Assert.False(Directory.Exists(folder.File("cache")), "Something was written into the working folder.");
    }

    /// <summary>Libraries that leave a file when they are loaded; empty files where there is no compiler, which would be told as unusable.</summary>
    private void PlantLibraries(string ran)
    {
        var source = folder.Write(
            "hostile.c", $"#include <stdio.h>\n__attribute__((constructor)) static void run(void) {{ fclose(fopen(\"{ran}\", \"w\")); }}\n");
        var library = folder.File("hostile.so");
        if (!Compile(source, library))
            File.WriteAllText(library, "no library");
        foreach (var place in s_folders)
        {
            Directory.CreateDirectory(folder.File(place));
            foreach (var name in s_libraries)
                File.Copy(library, Path.Combine(folder.File(place), name));
        }
    }

    private static bool Compile(string source, string library)
    {
        try
        {
            using var compiler = Process.Start("g++", ["-shared", "-fPIC", "-x", "c", "-o", library, source]);
            compiler.WaitForExit();
            return compiler.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private CommandResult Run(string[] arguments, bool named)
    {
        var start = new ProcessStartInfo(CommandLine.Program[0], [.. CommandLine.Program[1..], .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder.Path,
        };
        if (named)
        {
            foreach (var variable in (string[])["GPTGEN_CUDA_PATH", "CUDA_PATH", "CUDA_HOME"])
                start.Environment[variable] = ".:lib64";
            start.Environment["VIRTUAL_ENV"] = ".venv";
            start.Environment["CONDA_PREFIX"] = "venv";
            start.Environment["GPTGEN_CACHE"] = "cache";
        }

        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new(process.ExitCode, output, error.Result);
    }
}
