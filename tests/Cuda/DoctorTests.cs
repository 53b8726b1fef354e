using System.Runtime.InteropServices;
using System.Text.Json;
using GptGen.Cuda.Libraries;
using GptGen.Emulator;
using Xunit;

namespace GptGen.Cuda.Tests;

/// <summary><c>gptgen doctor</c> as a user runs it, in a process of its own.</summary>
[Collection(OtherProcesses.Name)]
public class DoctorTests
{
    private static readonly int s_major = CudaLibrary.Majors[0];
    private static readonly string[] s_all =
        ["libcuda.so.1", $"libcublas.so.{s_major}", $"libcublasLt.so.{s_major}", $"libnvrtc.so.{s_major}", "libnccl.so.2"];

    [Fact]
    public void A_GPU_that_works()
    {
        using var machine = new CommandMachine(s_all);
        var (exitCode, output) = machine.Doctor();
        Assert.Equal(0, exitCode);
        Assert.Contains("runs CUDA 13.0", output);
        Assert.Contains("GPU 0: ", output);
        Assert.Contains("compute capability 9.0", output);
        Assert.Contains("a kernel and a matrix product gave the right results", output);
        Assert.Contains("cuBLASLt: ", output);
        Assert.Contains("NCCL: 2.30.1, ", output);
        Assert.DoesNotContain("not found. ", output);
        Assert.EndsWith("CUDA can be used.", output.TrimEnd());
    }

    [Fact]
    public void A_machine_without_cuBLASLt_can_be_used()
    {
        SkipWhereInstalled();
        using var machine = new CommandMachine([.. s_all.Where(static name => !name.Contains("Lt", StringComparison.Ordinal))]);
        var (exitCode, output) = machine.Doctor();
        Assert.Equal(0, exitCode);
        Assert.Contains("cuBLASLt: not found. It comes with cuBLAS, in the same folder; without it nothing is done within products.", output);
        Assert.EndsWith("CUDA can be used.", output.TrimEnd());
    }

    [Theory]
    [InlineData(null, "NCCL: not found. Only several processes on GPUs need it: install it with 'pip install nvidia-nccl-cu13'")]
    [InlineData("ncclGetVersion=3", "cannot be used: ncclGetVersion failed: internal error (3)")]
    public void A_machine_without_NCCL_can_be_used(string? failure, string message)
    {
        SkipWhereInstalled();
        using var machine = new CommandMachine([.. s_all.Where(name => failure is not null || !name.Contains("nccl", StringComparison.Ordinal))]);
        machine.Variables["GPTGEN_EMULATOR_FAIL"] = failure ?? "";
        var (exitCode, output) = machine.Doctor();
        Assert.Equal(0, exitCode);
        Assert.Contains(message, output);
        Assert.EndsWith("CUDA can be used.", output.TrimEnd());
    }

    [Fact]
    public void Json_has_the_same()
    {
        using var machine = new CommandMachine(s_all);
        var (exitCode, output) = machine.Doctor("--json");
        Assert.Equal(0, exitCode);
        using var json = JsonDocument.Parse(output);
        Assert.True(json.RootElement.GetProperty("usable").GetBoolean());
        Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("problem").ValueKind);
        Assert.Equal("9.0", json.RootElement.GetProperty("gpus")[0].GetProperty("compute_capability").GetString());
        Assert.Equal(
            5, json.RootElement.GetProperty("libraries").EnumerateArray().Count(library => File.Exists(library.GetProperty("path").GetString())));
    }

    [Theory]
    [InlineData("libcublas", "cuBLAS was not found", "pip install nvidia-cublas")]
    [InlineData("libnvrtc", "NVRTC was not found", "CUDA Toolkit")]
    public void A_library_that_is_missing(string missing, string cause, string remedy)
    {
        SkipWhereInstalled();
        using var machine = new CommandMachine([.. s_all.Where(name => !name.StartsWith(missing, StringComparison.Ordinal))]);
        var (exitCode, output) = machine.Doctor();
        Assert.Equal(1, exitCode);
        Assert.Contains($"Looked for {missing}.so.{s_major}", output);
        Assert.Contains(machine.Libraries, output);
        Assert.Contains(cause, output);
        Assert.Contains(remedy, output);
        Assert.Contains("--device cpu", output);
    }

    [Theory]
    [InlineData("DEVICES", "0", "CUDA_ERROR_NO_DEVICE")]
    [InlineData("CAPABILITY", "7.0", "the kernels need 8.0")]
    [InlineData("CUDA", "11040", "at least CUDA 12 is needed")]
    [InlineData("FAIL", "cuLaunchKernel=719", "cuLaunchKernel failed in Scale: CUDA_ERROR_LAUNCH_FAILED")]
    public void A_machine_on_which_CUDA_does_not_work(string setting, string value, string cause)
    {
        SkipWhereInstalled();
        using var machine = new CommandMachine(s_all);
        machine.Variables["GPTGEN_EMULATOR_" + setting] = value;
        var (exitCode, output) = machine.Doctor();
        Assert.Equal(1, exitCode);
        Assert.Contains(cause, output);
        Assert.DoesNotContain("   at ", output);
    }

    [Fact]
    public void Libraries_that_are_newer_than_the_driver()
    {
        SkipWhereInstalled();
        Assert.SkipUnless(s_major > 12, "This build knows one version of CUDA.");
        using var machine = new CommandMachine(s_all);
        machine.Variables["GPTGEN_EMULATOR_CUDA"] = "12040";
        var (exitCode, output) = machine.Doctor();
        Assert.Equal(1, exitCode);
        Assert.Contains("needs a driver for CUDA 13, and this one runs CUDA 12", output);
        Assert.Contains("Install driver 580 or newer", output);
    }

    /// <summary>The search goes on to the places of a real installation, so what is missing can be pretended only where there is none.</summary>
    private static void SkipWhereInstalled()
    {
        var system = SearchSystem.Current() with
        {
            Variable = static name => name == SearchPlaces.PathVariable ? null : Environment.GetEnvironmentVariable(name),
            Load = static path => Path.IsPathRooted(path) ? 1 : NativeLibrary.Load(path),
            HasFunction = static (_, _) => true,
        };
        foreach (var library in (CudaLibrary[])[CudaLibrary.Blas, CudaLibrary.BlasLt, CudaLibrary.Compiler, CudaLibrary.Nccl])
        {
            var search = LibrarySearch.Run(system, library, driverMajor: null);
            Assert.SkipWhen(search.Found is not null, $"This machine has {library.Title}: {search.Found?.Path}.");
        }
    }
}
