using Xunit;

namespace GptGen.Models.Tests;

public sealed class DivergenceTests
{
    [Fact]
    public void ALossThatIsNoNumberStopsTheRunAndKeepsTheLastGoodCheckpoint()
    {
        using var folder = new TemporaryFolder();
        var data = folder.Write("text.txt", TinyRun.Text);
        var message = CommandLine.Fail(TinyRun.Arguments(data, folder.File("run"), steps: 1000, saveEvery: 1, "--learning-rate", "1e30"));
        Assert.Contains("lower --learning-rate", message);
        Assert.Contains("the last good checkpoint is", message);
        Assert.NotEmpty(Directory.GetFiles(folder.File("run"), "step-*"));
    }
}
