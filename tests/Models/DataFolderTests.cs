using GptGen.Text;
using Xunit;

namespace GptGen.Models.Tests;

/// <summary>What folders of data hold, through the command line.</summary>
public sealed class DataFolderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void OneTokenFileDoesNotHideTheTexts()
    {
        folder.Write("d/docs.txt", TinyRun.Text);
        TokenFile.Write(folder.File("d/notes.bin"), [.. Enumerable.Range(0, 400).Select(static at => at % 256)], TokenFileFormat.NanoGpt);
        var line = Fail("d");
        Assert.Contains("d/docs.txt'", line);
        Assert.Contains("d/notes.bin'", line);
        Assert.False(Directory.Exists(folder.File("run")));
    }

    [Fact]
    public void AValidationFileThatIsTooShortIsNamed()
    {
        Write("tv/train.bin", 400, 256);
        Write("tv/val.bin", 1, 256);
        Assert.Contains("tv/val.bin', which has 1 token", Fail("tv"));
    }

    [Fact]
    public void AFolderThatHoldsItselfIsReadOnce()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux only.");
        folder.Write("d/a.txt", TinyRun.Text);
        var expected = Train(0, "d/a.txt");
        Directory.CreateSymbolicLink(folder.File("d/self"), ".");
        folder.Write("e/x/a.txt", TinyRun.Text);
        Directory.CreateDirectory(folder.File("e/y"));
        Directory.CreateSymbolicLink(folder.File("e/y/x"), "../x");
        Assert.Equal(expected, Train(1, "d"));
        Assert.Equal(expected, Train(1, "e"));
        Assert.Equal(expected, Train(1, "d/a.txt", "d"));
    }

    /// <summary>Tokens of characters, as nanoGPT prepares them, are read with the vocabulary beside them; the run remembers it.</summary>
    [Fact]
    public void CharactersOfNanoGptAreReadByTheirOwnVocabulary()
    {
        // pickle.dumps({'vocab_size': 6, 'itos': …, 'stoi': …}) of "\n abÜ😀"
        folder.Write("shk/meta.pkl", Convert.FromBase64String(
            "gASVbwAAAAAAAAB9lCiMCnZvY2FiX3NpemWUSwaMBGl0b3OUfZQoSwCMAQqUSwGMASCUSwKMAWGUSwOMAWKUSwSMAsOclEsFjATwn5iAlHWMBHN0b2mUfZQoaARLAGgFSwFoBksCaAdLA2gISwSMBPCfmICUSwV1dS4="));
        Write("shk/train.bin", 600, 6);
        Write("shk/val.bin", 60, 6);
        folder.Write("shk/input.txt", "abÜ😀\n");
        folder.Write("shk/prepare.py", "print()\n");
        var result = CommandLine.Run(Arguments("shk"));
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(
            $"note: the tokens in '{folder.File("shk")}' are characters, as its meta.pkl lists them; that is the tokenizer.\n"
            + $"note: of the folder '{folder.File("shk")}' the token files are read (train.bin, val.bin); its other files are left out "
            + "(input.txt, prepare.py).\n",
            result.Error);

        Directory.Delete(folder.File("shk"), recursive: true);
        var text = CommandLine.Succeed("generate", "--weights", folder.File("run"), "--prompt", "ab", "--tokens", "20");
        Assert.All(text.Trim().EnumerateRunes(), static character => Assert.Contains(character.ToString(), "\r\n abÜ😀"));
        Assert.Contains("the character 'c' (U+0063)", CommandLine.Fail("generate", "--weights", folder.File("run"), "--prompt", "abc"));
        var bytes = CommandLine.Succeed("evaluate", "--weights", folder.File("run"), "--data", folder.Write("a.txt", "aÜ😀b"), "--json");
        Assert.Contains("\"tokens\":3,\"words\":1,\"bytes\":7,", bytes);

        Write("shk/train.bin", 600, 6);
        File.Copy(folder.File("run/meta.pkl"), folder.File("shk/meta.pkl"));
        Assert.Contains(
            "6 characters, not those of the tokenizer 'bytes'",
            CommandLine.Fail([.. Arguments("shk/train.bin")[..^1], folder.File("other"), "--tokenizer", "bytes"]));
    }

    /// <summary>Documents in one file, as gpt-2-simple has them: an option separates them, and without it a note says that it could.</summary>
    [Fact]
    public void DocumentsInOneFileAreSeparatedOnRequestAndARunRemembersIt()
    {
        CommandLine.Succeed(
            "tokenizer", "train", "--vocabulary", "300", "--data", folder.Write("text.txt", TinyRun.Text), "--out", folder.File("vocabulary"));
        folder.Write("eot.txt", string.Join("<|endoftext|>", TinyRun.Text, TinyRun.Text));
        string[] tokenizer = ["--model", "gpt2-mini-4k", "--tokenizer", folder.File("vocabulary")];
        var letters = CommandLine.Run([.. Arguments("eot.txt"), .. tokenizer]);
        Assert.Equal(
            $"note: '{folder.File("eot.txt")}' holds <|endoftext|>, which is taken as letters like any other text; "
            + "with --end-of-text it ends a document.\n", letters.Error);
        Directory.Delete(folder.File("run"), recursive: true);
        var separated = CommandLine.Run([.. Arguments("eot.txt"), .. tokenizer, "--end-of-text"]);
        Assert.Equal((0, ""), (separated.ExitCode, separated.Error));
        Assert.NotEqual(Tokens(letters.Output), Tokens(separated.Output));

        var resumed = CommandLine.Succeed("train", "--out", folder.File("run"), "--resume", "--steps", "3");
        Assert.Equal(Tokens(separated.Output), Tokens(resumed));
        Assert.Contains("--end-of-text", CommandLine.Fail("train", "--data", folder.File("eot.txt"), "--out", folder.File("none"), "--end-of-text"));
    }

    [Fact]
    public void AVocabularyIsLearnedFromDocuments()
    {
        var data = folder.Write("eot.txt", string.Concat(Enumerable.Repeat("one<|endoftext|>two<|endoftext|>", 20)));
        var letters = CommandLine.Run("tokenizer", "train", "--vocabulary", "400", "--data", data, "--out", folder.File("letters"));
        Assert.Contains("note: ", letters.Error);
        Assert.Contains("endoftext", File.ReadAllText(folder.File("letters/merges.txt")).Replace(" ", ""));
        Assert.Equal(
            "",
            CommandLine.Run("tokenizer", "train", "--vocabulary", "400", "--data", data, "--out", folder.File("documents"), "--end-of-text").Error);
        Assert.DoesNotContain("endof", File.ReadAllText(folder.File("documents/merges.txt")).Replace(" ", ""));
    }

    private string Train(int notes, params string[] data)
    {
        var result = CommandLine.Run(["train", "--data", .. data.Select(folder.File), .. Arguments("")[3..]]);
        Assert.Equal(
            (0, notes), (result.ExitCode, result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Count(
                static line => line.StartsWith("note: '", StringComparison.Ordinal))));
        Directory.Delete(folder.File("run"), recursive: true);
        return Tokens(result.Output);
    }

    private static string Tokens(string output) =>
        output[(output.IndexOf(';', StringComparison.Ordinal) + 1)..output.IndexOf(", from ", StringComparison.Ordinal)];

    private string Fail(string data) => CommandLine.Fail(Arguments(data));

    private string[] Arguments(string data) =>
        ["train", "--data", folder.File(data), "--steps", "2", "--batch", "2", "--length", "16", "--warmup", "1", "--out", folder.File("run")];

    private void Write(string name, int count, int vocabulary)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder.File(name))!);
        TokenFile.Write(folder.File(name), [.. Enumerable.Range(0, count).Select(at => at * 7 % vocabulary)], TokenFileFormat.NanoGpt);
    }
}
