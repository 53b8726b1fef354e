using System.Text.Json;
using GptGen.Text;
using Xunit;

namespace GptGen.Models.Tests;

/// <summary>Training and evaluation on files of tokens, and tokenizers that runs remember.</summary>
public sealed class TokenFileRunTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("train.bin", "val.bin", TokenFileFormat.NanoGpt)]
    [InlineData("text_train_000001.bin", "text_val_000000.bin", TokenFileFormat.LlmC)]
    public void AFolderOfTokenFilesTrainsOnOneAndEvaluatesTheOther(string training, string validation, TokenFileFormat format)
    {
        var tokens = Tokenizer.Open("bytes").Encode(TinyRun.Text);
        Directory.CreateDirectory(folder.File("tokens"));
        TokenFile.Write(Path.Combine(folder.File("tokens"), training), tokens.AsSpan(300), format);
        TokenFile.Write(Path.Combine(folder.File("tokens"), validation), tokens.AsSpan(0, 300), format);
        folder.Write("tokens/readme.md", [0xFF]);

        var output = CommandLine.Succeed(TinyRun.Arguments(folder.File("tokens"), folder.File("run"), steps: 2, saveEvery: 0));
        Assert.Contains($"{tokens.Length - 300:N0} tokens to train on, 300 to validate on", output);
        var asTokens = CommandLine.Succeed("evaluate", "--weights", folder.File("run"), "--data", folder.File("tokens"), "--json");
        var asText = CommandLine.Succeed(
            "evaluate", "--weights", folder.File("run"), "--data", folder.Write("val.txt", TinyRun.Text[..300]), "--json");
        Assert.Equal(asText, asTokens);
    }

    [Fact]
    public void ARunRemembersItsTokenizer()
    {
        // A vocabulary of all bytes in another order: byte b is token 255 - b.
        var names = Enumerable.Range(0, 256).Select(VisibleCharacter).ToList();
        var numbers = names.Select(static (name, value) => (name, value))
            .ToDictionary(static entry => $"{entry.name}", static entry => 255 - entry.value);
        folder.Write("tokenizer/vocab.json", JsonSerializer.Serialize(numbers));
        folder.Write("tokenizer/merges.txt", "#version: 0.2\n");
        CommandLine.Succeed(TinyRun.Arguments(
            folder.Write("text.txt", TinyRun.Text), folder.File("run"), steps: 2, saveEvery: 0, "--tokenizer", folder.File("tokenizer/merges.txt")));

        int Token(params string[] more)
        {
            using var json = JsonDocument.Parse(CommandLine.Succeed(["features", "--weights", folder.File("run"), "--prompt", "a", .. more]));
            return json.RootElement.GetProperty("token").GetInt32();
        }

        Assert.Equal(255 - 'a', Token());
        Assert.Equal('a', Token("--tokenizer", "bytes"));
        CommandLine.Succeed("train", "--out", folder.File("run"), "--resume", "--steps", "3");
        Assert.Equal(255 - 'a', Token());
        Directory.Delete(folder.File("tokenizer"), recursive: true);
        Assert.Equal(255 - 'a', Token());
        File.Delete(folder.File("run/vocab.json"));
        Assert.Contains($"'{folder.File("run")}' holds merges.txt without vocab.json", CommandLine.Fail("generate", "--weights", folder.File("run")));
    }

    /// <summary>How vocabulary files write a byte: printable ones as themselves, the others as characters from U+0100 on, in order.</summary>
    private static char VisibleCharacter(int value)
    {
        static bool IsPrintable(int value) => value is (>= 33 and <= 126) or (>= 161 and <= 172) or (>= 174 and <= 255);
        return IsPrintable(value) ? (char)value : (char)(256 + Enumerable.Range(0, value).Count(static other => !IsPrintable(other)));
    }

    [Fact]
    public void WeightsTellTheirModel()
    {
        var data = folder.Write("text.txt", TinyRun.Text);
        CommandLine.Succeed(
            "train", "--model", "gpt2-mini", "--data", data, "--out", folder.File("run"), "--steps", "1", "--batch", "1", "--length", "4");
        CommandLine.Succeed("convert", "--weights", folder.File("run"), "--out", folder.File("bare.safetensors"));
        foreach (var weights in (string[])["run", "bare.safetensors"])
        {
            var line = CommandLine.Succeed("features", "--weights", folder.File(weights), "--prompt", "a");
            using var json = JsonDocument.Parse(line);
            Assert.Equal(Gpt2Mini.Specification.Width, json.RootElement.GetProperty("hidden").GetArrayLength());
        }
    }
}
