using Xunit;

namespace GptGen.Models.Tests;

/// <summary>What the system refuses: threads, instructions, folders of other users. Each is named as what it is.</summary>
public sealed class SystemLimitTests(TrainedFixture trained) : IClassFixture<TrainedFixture>
{
    private const string AsNobody = "setpriv --reuid=65534 --regid=65534 --clear-groups";

    [Fact]
    public void ALimitOnThreadsIsNamed()
    {
        SkipUnlessNobodyCanRun();
        var result = CommandLine.Shell(
            $"chmod -R a+rX '{trained.Run}' '{Path.GetDirectoryName(trained.Run)}'; exec {AsNobody} bash -c "
            + "'ulimit -u 20; exec \"$@\"' gptgen \"$@\"",
            "generate", "--weights", trained.Run, "--prompt", "a", "--tokens", "2", "--threads", "64", "--device", "cpu");
        Assert.Equal(1, result.ExitCode);
        Assert.Equal(
            "error: --threads is 64, but the system allows no more threads: raise the limit (ulimit -u) or "
            + "give a smaller --threads.\n",
            result.Error);
    }

    [Fact]
    public void MoreThreadsThanAnySystemMakesAreRefused() =>
        Assert.Contains(
            "--threads is 30000, but must be between 0 and 1024", CommandLine.Fail("generate", "--weights", trained.Run, "--threads", "30000"));

    [Fact]
    public void AProcessorWithoutAvx2IsSaidToBeSlow()
    {
        Assert.SkipUnless(System.Runtime.Intrinsics.X86.Avx2.IsSupported, "This processor has no AVX2 to switch off.");
        Assert.SkipUnless(CommandLine.Program.Length > 1, "A native program takes no such switch.");
        var result = CommandLine.Shell(
            "DOTNET_EnableAVX2=0 exec \"$@\"", "generate", "--weights", trained.Run, "--prompt", "a", "--tokens", "2", "--device", "cpu");
        Assert.Equal(0, result.ExitCode);
        Assert.Equal("warning: this processor has no AVX2 (or it is switched off), so it is slow.\n", result.Error);
    }

    [Theory]
    [InlineData("train --data LOCKED --out NEW")]
    [InlineData("convert --weights RUN --out LOCKED/x.safetensors")]
    [InlineData("answer --weights RUN --text a --question b --history LOCKED/x")]
    [InlineData("train --data TEXT --out LOCKED")]
    [InlineData("train --data TEXT --out LOCKED/new")]
    [InlineData("train --resume --out LOCKED")]
    [InlineData("train --resume LOCKED/step-000006.safetensors --out NEW")]
    [InlineData("train --weights LOCKED --data TEXT --out NEW")]
    [InlineData("train --data TEXT --tokenizer LOCKED --model gpt2-mini-4k --out NEW")]
    [InlineData("generate --weights LOCKED")]
    [InlineData("generate --weights LOCKED/model.safetensors")]
    [InlineData("generate --weights LOCKED --model gpt2-nano")]
    [InlineData("evaluate --weights RUN --data LOCKED")]
    [InlineData("evaluate --weights LOCKED --data TEXT")]
    [InlineData("evaluate --weights RUN --task cbt --data LOCKED/x")]
    [InlineData("features --weights LOCKED --prompt a")]
    [InlineData("predict --weights LOCKED --text a")]
    [InlineData("convert --weights LOCKED --out NEW")]
    [InlineData("convert --weights RUN --out LOCKED")]
    [InlineData("summarize --weights RUN --file LOCKED")]
    [InlineData("finetune --task choice --from-scratch --data LOCKED/x --out NEW")]
    [InlineData("finetune --task choice --weights LOCKED --data TEXT --out NEW")]
    [InlineData("finetune --task choice --from-scratch --data TEXT --out LOCKED")]
    [InlineData("tokenizer train --data LOCKED --out NEW")]
    [InlineData("tokenizer train --data TEXT --out LOCKED")]
    public void AFolderThatIsClosedToThisUserIsNamed(string command)
    {
        SkipUnlessNobodyCanRun();
        using var folder = new TemporaryFolder();
        var (locked, open) = (folder.File("locked"), folder.File("open"));
        var text = folder.Write("open/text.txt", TinyRun.Text);
        CommandLine.Shell(
            $"cp -r '{trained.Run}' '{locked}'; chmod 700 '{locked}'; chmod -R a+rX '{trained.Run}' '{Path.GetDirectoryName(trained.Run)}'; "
            + $"chmod 755 '{folder.Path}'; chmod -R a+rwX '{open}'");
        var arguments = command.Split(' ').Select(
            word =>
                word.Replace("LOCKED", locked).Replace("NEW", Path.Combine(open, "new")).Replace("TEXT", text).Replace("RUN", trained.Run)).ToArray();
        var result = CommandLine.Shell($"cd '{open}'; exec {AsNobody} \"$@\"", arguments);
        Assert.True(result.ExitCode == 1, $"{command} ended with {result.ExitCode}: {result.Error}");
        var line = Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("error: ", line);
        Assert.Contains("locked", line);
        Assert.Matches("(?i)permission|denied|nothing may be written", line);
        MessageOptions.Check(arguments, line);
    }

    private static void SkipUnlessNobodyCanRun() => Assert.SkipUnless(
        OperatingSystem.IsLinux() && CommandLine.Shell($"{AsNobody} \"$@\" > /dev/null 2>&1", "models").ExitCode == 0,
        "Only root can run the program as another user.");
}
