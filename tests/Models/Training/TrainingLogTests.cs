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
    public void NumbersThatAreNoneAreWrittenAndReadAgain()
    {
        using (var log = new TrainingLog(LogPath, stepsDone: 0))
        {
            log.Write(new(1, double.NaN, double.PositiveInfinity, 1e-3, 0.1, double.NegativeInfinity));
            log.Write(new(2, 1, 1, 1e-3, 0.1, null));
        }

        Assert.All(File.ReadAllLines(LogPath), static line => System.Text.Json.JsonDocument.Parse(line).Dispose());
        using var again = new TrainingLog(LogPath, stepsDone: 2);
        Assert.Equal([new LoggedStep(1, double.NaN, double.NaN), new LoggedStep(2, 1, null)], again.Kept);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    public void AFileThatIsNoLogIsNotOverwritten(int stepsDone)
    {
        folder.Write("log.jsonl", "{\"prompt\":\"a\"}\n");
        Assert.Contains("is no log of a training run", Assert.Throws<GptGenException>(() => new TrainingLog(LogPath, stepsDone)).Message);
        Assert.Equal("{\"prompt\":\"a\"}\n", File.ReadAllText(LogPath));
    }

    /// <summary>Whatever happens to a log, what is kept of it are its first steps as they were written, and the file ends with them.</summary>
    [Fact]
    public void AMutatedLogKeepsItsSoundBeginning()
    {
        Write(0, 1, 2, 3, 4, 5, 6);
        var original = File.ReadAllBytes(LogPath);
        var random = new Random(6);
        var kept = new HashSet<int>();
        for (var round = 0; round < 2000; round++)
        {
            var bytes = (byte[])original.Clone();
            for (var count = random.Next(1, 4); count > 0; count--)
            {
                switch (random.Next(3))
                {
                    case 0:
                        bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                        break;
                    case 1:
                        bytes[random.Next(bytes.Length)] = (byte)"0123456789{},:\"\n-."[random.Next(18)];
                        break;
                    default:
                        bytes = bytes[..random.Next(1, bytes.Length + 1)];
                        break;
                }
            }

            File.WriteAllBytes(LogPath, bytes);
            try
            {
                int[] steps = Kept(6);
                Assert.Equal(steps.Order().Distinct(), steps);
                Assert.All(steps, static step => Assert.InRange(step, int.MinValue, 6));
                Assert.Equal(steps.Length, File.ReadAllLines(LogPath).Length);
                kept.Add(steps.Length);
            }
            catch (GptGenException error)
            {
                Assert.Contains("is no log", error.Message);
            }
        }

        Assert.Equal(Enumerable.Range(0, 7), kept.Order());
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
