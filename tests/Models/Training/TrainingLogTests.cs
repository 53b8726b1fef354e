using GptGen.Training;
using Xunit;

namespace GptGen.Models.Tests.Training;

public sealed class TrainingLogTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string LogPath => folder.File("log.jsonl");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void AResumedLogLosesTheStepsThatRunAgain()
    {
        Write(0, 1, 2, 3, 4, 5);
        Write(3, 4, 5, 6);
        Assert.Equal([1, 2, 3, 4, 5, 6], Kept(6));
        Assert.Equal(6, File.ReadAllLines(LogPath).Length);
    }

    [Theory]
    [InlineData("{\"step\":4,\"lo")]
    [InlineData("{\"step\":4,\"loss\":1}")]
    [InlineData("\0\0\0\0\n")]
    [InlineData("[4]\n")]
    [InlineData("{\"step\":\"4\",\"loss\":1}\n{\"step\":4,\"loss\":1}\n")]
    [InlineData("{\"step\":3,\"loss\":1}\n")]
    public void AnUnfinishedOrForeignEndIsCutOff(string end)
    {
        Write(0, 1, 2, 3);
        var whole = File.ReadAllBytes(LogPath);
        File.AppendAllText(LogPath, end);
        Assert.Equal([1, 2, 3], Kept(9));
        Assert.Equal(whole, File.ReadAllBytes(LogPath));
    }

    [Fact]
    public void ANewRunBeginsTheLogAnew()
    {
        Write(0, 1, 2, 3);
        Write(0, 1);
        Assert.Equal([1], Kept(9));
    }

    [Fact]
    public void KeptStepsCarryTheirLosses()
    {
        using (var log = new TrainingLog(LogPath, stepsDone: 0))
            log.Write(new(1, 2.5, 0.5, 1e-3, 0.1, 3.25));
        using var again = new TrainingLog(LogPath, stepsDone: 1);
        Assert.Equal([new LoggedStep(1, 2.5, 3.25)], again.Kept);
    }

    private void Write(int stepsDone, params int[] steps)
    {
        using var log = new TrainingLog(LogPath, stepsDone);
        foreach (var step in steps)
            log.Write(new(step, 1.0 / step, 1, 1e-3, 0.01, null));
    }

    private int[] Kept(int stepsDone)
    {
        using var log = new TrainingLog(LogPath, stepsDone);
        return [.. log.Kept.Select(static step => step.Step)];
    }
}
