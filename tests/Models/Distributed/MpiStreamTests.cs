using Xunit;

namespace GptGen.Models.Tests.Distributed;

/// <summary>Models that read on in a text from step to step, trained by several processes.</summary>
public sealed class MpiStreamTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string data;
    private readonly string words;

    public MpiStreamTests()
    {
        data = folder.Write("text.txt", TinyRun.Text);
        words = folder.File("words");
        CommandLine.Succeed("tokenizer", "train", "--vocabulary", "300", "--data", data, "--out", words);
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("txl-mini-4k")]
    [InlineData("elmo-mini-4k")]
    public void FourSharesGiveTheSameFileOnOneTwoAndFourProcessesAndARunGoesOnWithOthers(string model)
    {
        Launcher.Require(Launcher.OpenMpi, Launcher.Mpich);
        CommandLine.Succeed(Arguments(model, "one", "--shares", "4"));
        Assert.Contains("4 shares", Launcher.Succeed(Launcher.OpenMpi, 4, Arguments(model, "four")));
        AssertSame("four");
        Launcher.Succeed(Launcher.Mpich, 2, Arguments(model, "two", "--shares", "4"));
        AssertSame("two");

        // What four processes began, two and then one go on with.
        Launcher.Succeed(Launcher.OpenMpi, 2, "train", "--resume", folder.File("four/step-000004.safetensors"));
        AssertSame("four");
        CommandLine.Succeed("train", "--resume", folder.File("four/step-000004.safetensors"));
        AssertSame("four");
        // Three begin a course of their own, with the memory of the others.
        var result = Launcher.Run(Launcher.OpenMpi, 3, "train", "--resume", folder.File("four/step-000004.safetensors"));
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("from 4 shares, and from here on from 3", result.Error + result.Output);
    }

    /// <summary>Eight steps of twelve streams, with dropout.</summary>
    private string[] Arguments(string model, string run, params string[] more) =>
    [
        "train", "--model", model, "--tokenizer", words, "--data", data, "--out", folder.File(run), "--steps", "8", "--batch", "6", "--accumulate",
        "2", "--length", "8", "--warmup", "1", "--evaluate-every", "4", "--save-every", "4", "--dropout", "0.1", "--device", "cpu", "--threads", "1",
        .. more,
    ];

    private void AssertSame(string run)
    {
        foreach (var step in (string[])["step-000004.safetensors", "step-000008.safetensors"])
            Assert.Equal(File.ReadAllBytes(folder.File($"one/{step}")), File.ReadAllBytes(folder.File($"{run}/{step}")));
    }
}
