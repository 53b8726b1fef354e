using Xunit;

namespace GptGen.Models.Tests;

public sealed class ResumeTests
{
    private const int Steps = 120;

    [Fact]
    public void AKilledRunResumesToTheBytesOfAnUninterruptedOne()
    {
        using var folder = new TemporaryFolder();
        var data = folder.Write("text.txt", TinyRun.Text);
        string[] Arguments(string run, params string[] more) =>
            TinyRun.Arguments(data, folder.File(run), Steps, saveEvery: 30, ["--dropout", "0.1", .. more]);
        CommandLine.Succeed(Arguments("whole"));
        CommandLine.KillOnce(Path.Combine(folder.File("killed"), "step-000030.safetensors"), Arguments("killed"));
        Assert.Contains("--resume", CommandLine.Fail(Arguments("killed")));
        CommandLine.Succeed(Arguments("killed", "--resume"));
        byte[] End(string run) => File.ReadAllBytes(Path.Combine(folder.File(run), $"step-{Steps:D6}.safetensors"));
        Assert.Equal(End("whole"), End("killed"));
    }
}
