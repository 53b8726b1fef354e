using GptGen.Finetuning;
using Xunit;

namespace GptGen.Models.Tests.Distributed;

/// <summary>Evaluations and fine-tuning by several processes give what one gives, to the last byte; what is the work of one says so.</summary>
public sealed class MpiTaskTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void AnEvaluationOfSeveralProcessesPrintsTheNumbersOfOneOnce()
    {
        Launcher.Require(Launcher.OpenMpi);
        var data = folder.Write("text.txt", TinyRun.Text);
        Assert.Contains(
            "which this command does not divide among processes: start one.",
            Launcher.Error(Launcher.Run(
                Launcher.OpenMpi, 2, "evaluate", "--model", "txl-mini-4k", "--weights", folder.Path, "--data", data)));
    }
}
