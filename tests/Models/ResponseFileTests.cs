using GptGen.Models.Commands;
using Xunit;

namespace GptGen.Models.Tests;

/// <summary>Options from files, where no value can stand.</summary>
public sealed class ResponseFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void AFileHoldsCommandAndOptions()
    {
        var file = folder.Write("all.options", "# a comment\r\n\r\ngenerate --prompt \"two words\"\n  --tokens 5 --stop @end\n");
        string[] all = ["generate", "--prompt", "two words", "--tokens", "5", "--stop", "@end"];
        Assert.Equal(all, Expand($"@{file}"));
        Assert.Equal([.. all, "--seed", "2"], Expand($"@{file}", "--seed", "2"));
        var options = folder.Write("options", "--vocabulary 300\n");
        Assert.Equal(["tokenizer", "train", "--vocabulary", "300", "--out", "x"], Expand("tokenizer", "train", $"@{options}", "--out", "x"));
    }

    [Fact]
    public void OptionsBesideAFileCountFirst()
    {
        var file = folder.Write("options", "--steps 5 --data a b --resume\n--seed=3");
        Assert.Equal(["train", "--steps", "5", "--resume", "--data", "c", "--seed", "4"], Expand("train", $"@{file}", "--data", "c", "--seed", "4"));
    }

    [Fact]
    public void ValuesThatBeginWithTheMarkStay()
    {
        folder.Write("x", "--tokens 5");
        string[][] lines =
        [
            ["generate", "--prompt", "@x"], ["generate", "--tokens", "3", "@x"], ["runs", "a", "@x"], ["generate", "@"],
            ["train", "--data", "a", "@x", "--seed", "1"],
        ];
        foreach (var line in lines)
            Assert.Equal(line, Expand(line));
        Assert.Equal(["generate", "--prompt", "@x"], Expand("generate", $"@{folder.Write("y", "--prompt @x")}"));
    }

    [Fact]
    public void ARunTakesThem()
    {
        var data = folder.Write("text.txt", TinyRun.Text);
        var file = folder.Write("run.options", string.Join('\n', TinyRun.Arguments(data, folder.File("run"), 4, 0)[1..]));
        var output = CommandLine.Succeed("train", $"@{file}", "--steps", "2");
        Assert.Contains("step 2/2", output);
        Assert.StartsWith("@The", CommandLine.Succeed("generate", "--weights", folder.File("run"), "--prompt", "@The", "--tokens", "2"));
    }

    [Fact]
    public void AFileThatCannotBeReadIsNamedInOneLine()
    {
        Assert.Contains(folder.File("missing"), CommandLine.Fail("train", $"@{folder.File("missing")}"));
        Assert.Contains(folder.Path, CommandLine.Fail($"@{folder.Path}"));
    }

    private static string[] Expand(params string[] arguments) => ResponseFile.Expand(arguments, CommandTree.Create());
}
