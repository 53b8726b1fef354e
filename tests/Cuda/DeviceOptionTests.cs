using GptGen.Cuda.Libraries;
using GptGen.Models.Tests;
using Xunit;

namespace GptGen.Cuda.Tests;

/// <summary><c>--device</c> as a user gives it, in a process of its own.</summary>
[Collection(OtherProcesses.Name)]
public class DeviceOptionTests
{
    private static readonly string[] s_libraries = ["libcuda.so.1", $"libcublas.so.{CudaLibrary.Majors[0]}", $"libnvrtc.so.{CudaLibrary.Majors[0]}"];

    [Fact]
    public void A_run_begun_on_the_CPU_continues_on_the_GPU()
    {
        using var machine = new CommandMachine(s_libraries);
        var data = Write(machine);
        string[] run = ["--data", data, "--out", machine.File("run"), "--batch", "1", "--length", "8", "--warmup", "1"];
        Succeed(machine.Run(["train", .. run, "--steps", "2", "--device", "cpu"]));
        // The sample goes on where the context of 64 tokens is full.
        string[] resume = ["train", "--out", machine.File("run"), "--resume", "--steps", "3", "--sample-tokens", "70", "--device", "cuda"];
        Assert.Contains("continuing after step 2", Succeed(machine.Run(resume)));
        string[] write = ["generate", "--weights", machine.File("run"), "--prompt", "The ", "--tokens", "3", "--temperature", "0", "--device"];
        Assert.Equal(Succeed(machine.Run([.. write, "cpu"])), Succeed(machine.Run([.. write, "auto"])));
        Assert.True(
            Directory.EnumerateFiles(machine.Variables["GPTGEN_CACHE"], "*.cubin", SearchOption.AllDirectories).Any(), "The GPU was not used.");
    }

    [Fact]
    public void A_GPU_that_cannot_be_used_stops_cuda_and_lets_auto_compute_on_the_CPU()
    {
        using var machine = new CommandMachine(s_libraries);
        machine.Variables["GPTGEN_EMULATOR_CAPABILITY"] = "7.5";
        string[] run = ["train", "--data", Write(machine), "--steps", "1", "--batch", "1", "--length", "8", "--warmup", "0"];
        var refused = machine.Run([.. run, "--out", machine.File("cuda"), "--device", "cuda"]);
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("compute capability 7.5, and the kernels need 8.0", refused.Error);
        Assert.DoesNotContain("   at ", refused.Error);
        var computed = machine.Run([.. run, "--out", machine.File("auto")]);
        Assert.Equal(0, computed.ExitCode);
        Assert.Contains("warning: the CPU computes, because the GPU cannot be used: GPU 0", computed.Error);
    }

    [Fact]
    public void Memory_that_is_full_is_one_line()
    {
        using var machine = new CommandMachine(s_libraries);
        machine.Variables["GPTGEN_EMULATOR_MEMORY"] = "100000000";
        var refused = machine.Run("train", "--data", Write(machine), "--out", machine.File("run"), "--batch", "64", "--device", "cuda");
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Matches("The GPU's memory is full: .* use a smaller batch", refused.Error);
        Assert.Single(refused.Error.TrimEnd().Split('\n'));
        Assert.False(Directory.Exists(machine.File("run")));
    }

    [Fact]
    public void A_kernel_that_fails_in_the_middle_of_a_training_is_one_line_and_leaves_the_last_checkpoint()
    {
        using var machine = new CommandMachine(s_libraries);
        string[] run =
            [
                "train", "--data", Write(machine), "--steps", "6", "--save-every", "1", "--evaluate-every", "0", "--batch", "1", "--length", "8",
                "--warmup", "1", "--sample-tokens", "4", "--device", "cuda"];
        Succeed(machine.Run([.. run, "--out", machine.File("whole")]));
        machine.Variables["GPTGEN_EMULATOR_FAIL"] = "kernel=700@300";
        var failed = machine.Run([.. run, "--out", machine.File("run")]);
        Assert.Equal(1, failed.ExitCode);
        Assert.Single(failed.Error.TrimEnd().Split('\n'));
        Assert.Matches("^error: cu[A-Za-z]+ failed in .*the last checkpoint is not", failed.Error);
        var done = Directory.GetFiles(machine.File("run"), "step-*.safetensors").Max()!;
        Assert.InRange(string.CompareOrdinal(Path.GetFileName(done), "step-000006.safetensors"), int.MinValue, -1);
        machine.Variables.Remove("GPTGEN_EMULATOR_FAIL");
        string[] resume = ["train", "--out", machine.File("run"), "--resume", "--sample-tokens", "4", "--device", "cuda"];
        Assert.Contains("continuing after step", Succeed(machine.Run(resume)));
        const string Last = "step-000006.safetensors";
        Assert.True(File.ReadAllBytes(machine.File($"whole/{Last}")).AsSpan().SequenceEqual(File.ReadAllBytes(machine.File($"run/{Last}"))));
    }

    [Fact]
    public void Tensor_float_32_is_not_for_the_CPU()
    {
        using var machine = new CommandMachine(s_libraries);
        var refused = machine.Run("train", "--data", Write(machine), "--out", machine.File("run"), "--device", "cpu", "--precision", "tf32");
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("--precision tf32 is for GPUs", refused.Error);
    }

    private static string Write(CommandMachine machine)
    {
        var path = machine.File("text.txt");
        File.WriteAllText(path, TinyRun.Text);
        return path;
    }

    private static string Succeed((int ExitCode, string Output, string Error) result)
    {
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        return result.Output;
    }
}
