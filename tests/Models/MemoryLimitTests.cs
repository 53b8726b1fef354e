using System.Text;
using System.Text.Json;
using GptGen.Generation;
using GptGen.Models.Commands;
using Xunit;

namespace GptGen.Models.Tests;

/// <summary>The memory that there is: the machine's, a container's, what ulimit leaves; and that every command asks before it takes any.</summary>
public sealed class MemoryLimitTests : IDisposable
{
    private const long Overhead = 64 << 20;
    private const string Unlimited = "Max data size             unlimited            unlimited            bytes\nMax address space         "
        + "unlimited            unlimited            bytes\n";

    private readonly TemporaryFolder folder = new();

    public MemoryLimitTests()
    {
        folder.Write("proc/meminfo", "MemTotal:        8000000 kB\nMemFree:         100 kB\n");
        folder.Write("proc/self/status", "Name:\tgptgen\nVmSize:\t 2000000 kB\nVmRSS:\t   50000 kB\nVmData:\t  100000 kB\n");
        folder.Write("proc/self/limits", Unlimited);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void WithoutLimitsItIsTheMachinesMemory() => Assert.Equal(new MemoryLimit(8_000_000L << 10, ""), MemoryLimit.Find(folder.Path));

    [Theory]
    [InlineData("4:memory:/a/b", "36 35 0:30 / /cg/memory rw - cgroup cgroup rw,memory", "cg/memory/a/b/memory.limit_in_bytes")]
    [InlineData("4:cpu,memory:/a/b", "36 35 0:30 / /cg/memory rw - cgroup cgroup rw,cpu,memory", "cg/memory/a/memory.limit_in_bytes")]
    [InlineData("4:memory:/docker/1", "36 35 0:30 /docker/1 /cg/memory rw shared:1 - cgroup cgroup rw,memory", "cg/memory/memory.limit_in_bytes")]
    [InlineData("4:memory:/../x", "36 35 0:30 / /cg/memory rw - cgroup cgroup rw,memory", "cg/memory/memory.limit_in_bytes")]
    [InlineData("0::/a/b", "36 35 0:30 / /cg rw - cgroup2 cgroup2 rw", "cg/a/b/memory.max")]
    [InlineData("0::/a/b", "36 35 0:30 / /cg rw - cgroup2 cgroup2 rw", "cg/a/memory.max")]
    [InlineData("0::/", "36 35 0:30 / /cg rw - cgroup2 cgroup2 rw", "cg/memory.max")]
    public void AControlGroupsLimitIsFound(string group, string mount, string file)
    {
        folder.Write("proc/self/cgroup", $"9:cpuset:/elsewhere\n{group}\n");
        folder.Write("proc/self/mountinfo", $"30 1 0:1 / / rw - ext4 /dev/sda rw\n{mount}\n");
        folder.Write(file, "400000000\n");
        var limit = MemoryLimit.Find(folder.Path);
        Assert.Equal(400_000_000 - (50_000 << 10) - Overhead, limit.Bytes);
        Assert.Contains("control group", limit.Cause);
    }

    [Theory]
    [InlineData("max")]
    [InlineData("9223372036854771712")]
    public void AControlGroupWithoutALimitLimitsNothing(string text)
    {
        folder.Write("proc/self/cgroup", "0::/a\n");
        folder.Write("proc/self/mountinfo", "36 35 0:30 / /cg rw - cgroup2 cgroup2 rw\n");
        folder.Write("cg/a/memory.max", text + "\n");
        Assert.Equal("", MemoryLimit.Find(folder.Path).Cause);
    }

    [Theory]
    [InlineData(
        "Max address space         4000000000           unlimited            bytes", "ulimit -v", 4_000_000_000 - (2_000_000L << 10) - Overhead)]
    [InlineData("Max data size             400000000            unlimited            bytes", "ulimit -d", 400_000_000 - (100_000L << 10) - Overhead)]
    [InlineData("Max data size             1000                 unlimited            bytes", "ulimit -d", 0)]
    public void WhatUlimitSetsIsNamed(string line, string cause, long bytes)
    {
        folder.Write("proc/self/limits", $"Limit                     Soft Limit           Hard Limit           Units\n{line}\n");
        var limit = MemoryLimit.Find(folder.Path);
        Assert.Equal(bytes, limit.Bytes);
        Assert.Contains(cause, limit.Cause);
    }

    /// <summary>A model is made in one place, which asks for memory first.</summary>
    [Fact]
    public void NoCommandMakesAModelWithoutAskingForMemory()
    {
        var commands = Path.Combine(Package.Sdk.Root, "models", "Commands");
        var makers = Directory.GetFiles(commands, "*.cs").Where(static file => File.ReadAllText(file).Contains(".Create(device)")).Select(
            Path.GetFileName);
        Assert.Equal(["MemoryCheck.cs"], makers);
        Assert.DoesNotContain(Directory.GetFiles(commands, "*.cs"), static file => File.ReadAllText(file).Contains(".Create(runDevice)"));
    }

    /// <summary>A Transformer-XL's memory is the first to be made smaller, and one of fewer rows takes less.</summary>
    [Fact]
    public void TheMemoryOfATransformerXLIsNamed()
    {
        var model = TransformerXLMini4K.Specification;
        var weights = MemoryNeed.WeightBytes(model);
        string Remedy(string? otherwise) => CommonOptions.RemedyWithMemory(model, otherwise)!;
        var message = MemoryCheck.Shortage(
            model, MemoryNeed.Inference(TextGenerator.SizeFor(model, 4), Remedy("fewer --samples")), new((long)weights + 12_000_000, ""))!;
        Assert.Contains("use fewer sequences or a shorter memory", message);
        Assert.Contains("Give a smaller --memory, fewer --samples.", message);
        var least = TextGenerator.SizeFor(model, 1, 0).Bytes(model, static _ => sizeof(float));
        Assert.Contains("positions: use a shorter memory", MemoryCheck.Shortage(
            model, MemoryNeed.Inference(TextGenerator.SizeFor(model, 1), Remedy(null)), new((long)(weights + least) + 100_000, "")));
        var (whole, few) = (MemoryNeed.Losses(8, Remedy("a smaller --batch"), null), MemoryNeed.Losses(8, Remedy("a smaller --batch"), 16));
        Assert.Equal(2.0 * sizeof(float) * 8 * model.Layers * (1024 - 16) * model.Width, whole.Bytes(model) - few.Bytes(model));
        Assert.Contains("use a smaller --memory, a smaller --batch", MemoryCheck.Shortage(model, whole, new((long)whole.Bytes(model) - 1, "")));
        Assert.Equal("fewer --samples", CommonOptions.RemedyWithMemory(Gpt2Small.Specification, "fewer --samples"));
    }

    [Fact]
    public void EveryCommandSaysThatAContainersMemoryIsTooSmall()
    {
        const string Group = "/sys/fs/cgroup/memory/gptgen-test";
        Assert.SkipUnless(OperatingSystem.IsLinux() && CanMake(Group), "No control group that counts memory can be made here.");
        try
        {
            File.WriteAllText($"{Group}/memory.limit_in_bytes", "400000000");
            var (weights, text) = (folder.File("small.safetensors"), folder.Write("text.txt", TinyRun.Text));
            WriteSparse(weights, Gpt2Small.Specification);
            string[] of = ["--weights", weights];
            string[] read = [.. of, "--tokenizer", "bytes"];
            string[][] commands =
            [
                ["train", .. read, "--model", "gpt2-small", "--data", text, "--batch", "1", "--length", "16", "--out", folder.File("run")],
                ["generate", .. read],
                ["evaluate", .. read, "--data", text],
                ["features", .. read, "--prompt", "a"],
                ["convert", .. of, "--out", folder.File("converted.safetensors")],
                ["summarize", .. read, "--text", "a"],
                ["answer", .. read, "--text", "a", "--question", "b"],
                ["translate", .. read, "--text", "a", "--example", "a = b"],
            ];
            foreach (var command in commands)
            {
                var result = CommandLine.Shell($"echo $$ > {Group}/tasks && exec \"$@\"", command);
                Assert.True(result.ExitCode == 1, $"{command[0]} ended with {result.ExitCode}: {result.Error}");
                Assert.Matches("takes [0-9.]+ GB, but this machine has 0.3 GB", result.Error);
                MessageOptions.Check(command, result.Error);
            }
        }
        finally
        {
            Directory.Delete(Group);
        }
    }

    private static bool CanMake(string group)
    {
        try
        {
            return Directory.CreateDirectory(group).Exists && File.Exists($"{group}/memory.limit_in_bytes");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Weights of zeros, as Hugging Face names them, in a file that takes no room.</summary>
    private static void WriteSparse(string path, ModelDescription model)
    {
        var header = new StringBuilder();
        var position = 0L;
        void Add(string name, params int[] shape)
        {
            var end = position + (sizeof(float) * shape.Aggregate(1L, static (product, size) => product * size));
            header.Append(
                $"{(header.Length == 0 ? '{' : ',')}{JsonSerializer.Serialize(name)}:{{\"dtype\":\"F32\","
                + $"\"shape\":[{string.Join(',', shape)}],\"data_offsets\":[{position},{end}]}}");
            position = end;
        }

        var width = model.Width;
        Add("wte.weight", model.Vocabulary, width);
        Add("wpe.weight", model.Context, width);
        for (var layer = 0; layer < model.Layers; layer++)
        {
            foreach (var (name, rows, columns) in new[]
            {
                ("attn.c_attn", width, 3 * width), ("attn.c_proj", width, width), ("mlp.c_fc", width, 4 * width), ("mlp.c_proj", 4 * width, width),
            })
            {
                Add($"h.{layer}.{name}.weight", rows, columns);
                Add($"h.{layer}.{name}.bias", columns);
            }

            foreach (var name in new[] { "ln_1.weight", "ln_1.bias", "ln_2.weight", "ln_2.bias" })
                Add($"h.{layer}.{name}", width);
        }

        Add("ln_f.weight", width);
        Add("ln_f.bias", width);
        var bytes = Encoding.UTF8.GetBytes(header.Append('}').ToString().PadRight((header.Length + 8) / 8 * 8));
        using var file = File.Create(path);
        file.Write(BitConverter.GetBytes((long)bytes.Length));
        file.Write(bytes);
        file.SetLength(8 + bytes.Length + position);
    }
}
