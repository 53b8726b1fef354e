using Xunit;

namespace GptGen.Models.Tests;

public sealed class DivergenceTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string Run => folder.File("run");

    public void Dispose() => folder.Dispose();

    /// <summary>The step that diverges has still a loss, and its checkpoint holds numbers; only the next step shows that it leads nowhere.</summary>
    [Fact]
    public void ARunThatDivergesNamesTheCheckpointThatGoesOn()
    {
        var data = folder.Write("text.txt", TinyRun.Text);
        CommandLine.Succeed(TinyRun.Arguments(data, Run, steps: 4, saveEvery: 2));
        var message = CommandLine.Fail("train", "--out", Run, "--resume", "--steps", "1000", "--save-every", "1", "--learning-rate", "1e30");
        Assert.Contains("lower --learning-rate", message);
        Assert.Contains($"the last good checkpoint is '{Path.Combine(Run, "step-000004.safetensors")}'", message);
        Assert.Contains("'abandoned-step-000005.safetensors'", message);
        Assert.Equal(
            ["abandoned-step-000005.safetensors", "step-000004.safetensors"], Directory.GetFiles(Run, "*step-*").Select(Path.GetFileName).Order(
                StringComparer.Ordinal));
        Assert.Contains("continuing after step 4", CommandLine.Succeed("train", "--out", Run, "--resume", "--steps", "6"));
    }

    [Fact]
    public void ARunThatDivergesAtOnceSaysThatNothingGoesOn()
    {
        var message = CommandLine.Fail(
            TinyRun.Arguments(folder.Write("text.txt", TinyRun.Text), Run, steps: 1000, saveEvery: 1, "--learning-rate", "1e30"));
        Assert.Contains("there is no good checkpoint", message);
    }

    [Fact]
    public void AnEvaluationThatIsNoNumberIsAMessage()
    {
        var data = folder.Write("text.txt", TinyRun.Text);
        string[] evaluated = ["--evaluate-every", "1"];
        var message = CommandLine.Fail(
            [
                .. TinyRun.Arguments(data, Run, steps: 1000, saveEvery: 1, "--learning-rate", "1e38")
                    .Where(static part => part is not ("--evaluate-every" or "500")), .. evaluated]);
        Assert.Contains("The validation loss of step 1 is NaN: lower --learning-rate", message);
        Assert.Equal([Path.Combine(Run, "log.jsonl")], Directory.GetFileSystemEntries(Run));
    }

    /// <summary>Weights that the update has made infinite, although its loss and its gradients were numbers.</summary>
    [Fact]
    public void AStateThatIsNoNumberIsNotSaved()
    {
        var message = CommandLine.Fail(
            TinyRun.Arguments(
                folder.Write("text.txt", TinyRun.Text), Run, steps: 1000, saveEvery: 1, "--learning-rate", "3e38", "--weight-decay", "1e6"));
        Assert.Contains("holds what is no number, so no checkpoint of it is written", message);
        Assert.Contains("no checkpoint was written yet", message);
        Assert.Empty(Directory.GetFiles(Run, "*.safetensors"));
    }
}
