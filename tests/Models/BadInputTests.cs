using Xunit;

namespace GptGen.Models.Tests;

public sealed class BadInputTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void AnUnknownOptionIsNamed()
    {
        var result = CommandLine.Run("models", "--colour");
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("--colour", result.Error);
    }

    [Fact]
    public void AnUnknownModelIsAnsweredWithTheKnownOnes() =>
        Assert.Contains("gpt2-nano", CommandLine.Fail("generate", "--model", "gpt9"));

    [Fact]
    public void MissingWeightsAreNamed() =>
        Assert.Contains(folder.File("none"), CommandLine.Fail("generate", "--weights", folder.File("none")));

    [Fact]
    public void CorruptWeightsAreRefused()
    {
        var path = folder.Write("bad.safetensors", [1, 2, 3, 4, 5, 6, 7, 8, 9]);
        Assert.Contains(path, CommandLine.Fail("convert", "--weights", path, "--out", folder.File("out.safetensors")));
        Assert.Equal([path], Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void AnEmptyTextCannotBeTrainedOn() => TrainingFails([], "text.txt");

    [Fact]
    public void TextThatIsNotUtf8CannotBeTrainedOn() => TrainingFails([(byte)'a', 0xFF, 0xFE, (byte)'b'], "UTF-8");

    [Fact]
    public void SequencesBeyondTheContextCannotBeTrainedOn() =>
        TrainingFails(System.Text.Encoding.UTF8.GetBytes(TinyRun.Text), "--length", "--length", "65");

    [Fact]
    public void APromptBeyondTheContextHasNoFeatures() =>
        Assert.Contains("65 tokens", CommandLine.Fail("features", "--prompt", new string('a', 65)));

    [Fact]
    public void AFolderThatCannotBeMadeIsNamed()
    {
        var data = folder.Write("text.txt", TinyRun.Text);
        Assert.Contains("--out", CommandLine.Fail(TinyRun.Arguments(data, Path.Combine(data, "run"), steps: 2, saveEvery: 1)));
        Assert.Equal([data], Directory.GetFileSystemEntries(folder.Path));
    }

    private void TrainingFails(byte[] text, string cause, params string[] more)
    {
        var data = folder.Write("text.txt", text);
        string[] arguments = ["train", "--data", data, "--out", folder.File("run"), "--steps", "1", .. more];
        Assert.Contains(cause, CommandLine.Fail(arguments));
        Assert.Equal([data], Directory.GetFileSystemEntries(folder.Path));
    }
}
