using System.Text;
using GptGen.Text;
using Xunit;

namespace GptGen.Runtime.Tests.Text;

/// <summary>
/// nanoGPT's meta.pkl of characters. The pickles are Python's: pickle.dumps of the dictionary with vocab_size, itos and stoi of "\n abÜ😀".
/// </summary>
public sealed class CharacterTokenizerTests : IDisposable
{
    internal const string Characters = "\n abÜ😀";

    internal static byte[] Protocol4 { get; } = Convert.FromBase64String(
        "gASVbwAAAAAAAAB9lCiMCnZvY2FiX3NpemWUSwaMBGl0b3OUfZQoSwCMAQqUSwGMASCUSwKMAWGUSwOMAWKUSwSMAsOclEsFjATwn5iAlHWMBHN0b2mUfZQoaARLAGgFSwFoBksCaAdLA2gISwSMBPCfmICUSwV1dS4=");

    private static readonly byte[] s_protocol2 = Convert.FromBase64String(
        "gAJ9cQAoWAoAAAB2b2NhYl9zaXplcQFLBlgEAAAAaXRvc3ECfXEDKEsAWAEAAAAKcQRLAVgBAAAAIHEFSwJYAQAAAGFxBksDWAEAAABicQdLBFgCAAAAw5xxCEsFWAQAAADwn5iAcQl1WAQAAABzdG9pcQp9cQsoaARLAGgFSwFoBksCaAdLA2gISwRYBAAAAPCfmIBxDEsFdXUu");

    /// <summary>{'vocab_size': os.system called}, as a hostile file has it.</summary>
    private static readonly byte[] s_hostile = Convert.FromBase64String(
        "gASVOwAAAAAAAAB9lIwKdm9jYWJfc2l6ZZSMBXBvc2l4lIwGc3lzdGVtlJOUjBB0b3VjaCAvdG1wL293bmVklIWUUpRzLg==");

    private static readonly byte[] s_sizeOnly = Convert.FromBase64String("gASVFAAAAAAAAAB9lIwKdm9jYWJfc2l6ZZRNgMRzLg==");

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void PythonsFilesAreRead(int protocol)
    {
        folder.Write("meta.pkl", protocol == 2 ? s_protocol2 : Protocol4);
        foreach (var name in new[] { folder.Path, folder.File("meta.pkl") })
        {
            var tokenizer = Tokenizer.Open(name);
            Assert.Equal((folder.Path, 6, null), (tokenizer.Name, tokenizer.VocabularySize, tokenizer.EndOfText));
            Assert.Equal([2, 3, 1, 4, 5, 0], tokenizer.Encode("ab Ü😀\n"));
            Assert.Equal("ab Ü😀\n", tokenizer.Decode([2, 3, 1, 4, 5, 0]));
            Assert.Equal("😀"u8, tokenizer.Bytes(5));
        }
    }

    /// <summary>
    /// Protocols 0 to 5 of the dictionary with more keys: numbers with fractions and of 71 bits, tuples, sets, bytes, True, None, a text with
    /// \\u0041.
    /// </summary>
    [Theory]
    [InlineData("KGRwMApWdm9jYWJfc2l6ZQpwMQpJNgpzVml0b3MKcDIKKGRwMwpJMApWXHUwMDBhCnA0CnNJMQpWIApwNQpzSTIKVmEKcDYKc0kzClZiCnA3CnNJNApW3ApwOApzSTUKVlxVMDAwMWY2MDAKcDkKc3NWc3RvaQpwMTAKKGRwMTEKZzQKSTAKc2c1CkkxCnNnNgpJMgpzZzcKSTMKc2c4Ckk0CnNWXFUwMDAxZjYwMApwMTIKSTUKc3NWc3BsaXQKcDEzCkYwLjkKc1ZzaGFwZQpwMTQKKEkxCkkyCkkzCnRwMTUKc1ZwYWlyCnAxNgooSTEKSTIKdHAxNwpzVm9uZQpwMTgKKEkxCnRwMTkKc1Zub25lCnAyMAoodHNWbWFueQpwMjEKKEkxCkkyCkkzCkk0CnRwMjIKc1ZiaWcKcDIzCkwtMTE4MDU5MTYyMDcxNzQxMTMwMzQyNEwKc1Z0CnAyNApJMDEKc1ZuCnAyNQpOc1ZzCnAyNgpWYVx1MDA1Y3UwMDQxXHUwMDBhXHUwMDVjCnAyNwpzLg==")]
    [InlineData("fXEAKFgKAAAAdm9jYWJfc2l6ZXEBSwZYBAAAAGl0b3NxAn1xAyhLAFgBAAAACnEESwFYAQAAACBxBUsCWAEAAABhcQZLA1gBAAAAYnEHSwRYAgAAAMOccQhLBVgEAAAA8J+YgHEJdVgEAAAAc3RvaXEKfXELKGgESwBoBUsBaAZLAmgHSwNoCEsEWAQAAADwn5iAcQxLBXVYBQAAAHNwbGl0cQ1HP+zMzMzMzM1YBQAAAHNoYXBlcQ4oSwFLAksDdHEPWAQAAABwYWlycRAoSwFLAnRxEVgDAAAAb25lcRIoSwF0cRNYBAAAAG5vbmVxFClYBAAAAG1hbnlxFShLAUsCSwNLBHRxFlgDAAAAYmlncRdMLTExODA1OTE2MjA3MTc0MTEzMDM0MjRMClgBAAAAdHEYSTAxClgBAAAAbnEZTnUu")]
    [InlineData("gAJ9cQAoWAoAAAB2b2NhYl9zaXplcQFLBlgEAAAAaXRvc3ECfXEDKEsAWAEAAAAKcQRLAVgBAAAAIHEFSwJYAQAAAGFxBksDWAEAAABicQdLBFgCAAAAw5xxCEsFWAQAAADwn5iAcQl1WAQAAABzdG9pcQp9cQsoaARLAGgFSwFoBksCaAdLA2gISwRYBAAAAPCfmIBxDEsFdVgFAAAAc3BsaXRxDUc/7MzMzMzMzVgFAAAAc2hhcGVxDksBSwJLA4dxD1gEAAAAcGFpcnEQSwFLAoZxEVgDAAAAb25lcRJLAYVxE1gEAAAAbm9uZXEUKVgEAAAAbWFueXEVKEsBSwJLA0sEdHEWWAMAAABiaWdxF4oJAAAAAAAAAADAWAEAAAB0cRiIWAEAAABucRlOdS4=")]
    [InlineData("gAN9cQAoWAoAAAB2b2NhYl9zaXplcQFLBlgEAAAAaXRvc3ECfXEDKEsAWAEAAAAKcQRLAVgBAAAAIHEFSwJYAQAAAGFxBksDWAEAAABicQdLBFgCAAAAw5xxCEsFWAQAAADwn5iAcQl1WAQAAABzdG9pcQp9cQsoaARLAGgFSwFoBksCaAdLA2gISwRYBAAAAPCfmIBxDEsFdVgFAAAAc3BsaXRxDUc/7MzMzMzMzVgFAAAAc2hhcGVxDksBSwJLA4dxD1gEAAAAcGFpcnEQSwFLAoZxEVgDAAAAb25lcRJLAYVxE1gEAAAAbm9uZXEUKVgEAAAAbWFueXEVKEsBSwJLA0sEdHEWWAMAAABiaWdxF4oJAAAAAAAAAADAWAEAAAB0cRiIWAEAAABucRlOWAMAAABzaGFxGkMDYWJjcRt1Lg==")]
    [InlineData("gASVAQEAAAAAAAB9lCiMCnZvY2FiX3NpemWUSwaMBGl0b3OUfZQoSwCMAQqUSwGMASCUSwKMAWGUSwOMAWKUSwSMAsOclEsFjATwn5iAlHWMBHN0b2mUfZQoaARLAGgFSwFoBksCaAdLA2gISwSMBPCfmICUSwV1jAVzcGxpdJRHP+zMzMzMzM2MBXNoYXBllEsBSwJLA4eUjARwYWlylEsBSwKGlIwDb25llEsBhZSMBG5vbmWUKYwEbWFueZQoSwFLAksDSwR0lIwDYmlnlIoJAAAAAAAAAADAjANzaGGUQwNhYmOUjAVjaGFyc5SPlCiMAWGUkIwBZpQoaAeRlIwBdJSIjAFulE51Lg==")]
    [InlineData("gAWVAQEAAAAAAAB9lCiMCnZvY2FiX3NpemWUSwaMBGl0b3OUfZQoSwCMAQqUSwGMASCUSwKMAWGUSwOMAWKUSwSMAsOclEsFjATwn5iAlHWMBHN0b2mUfZQoaARLAGgFSwFoBksCaAdLA2gISwSMBPCfmICUSwV1jAVzcGxpdJRHP+zMzMzMzM2MBXNoYXBllEsBSwJLA4eUjARwYWlylEsBSwKGlIwDb25llEsBhZSMBG5vbmWUKYwEbWFueZQoSwFLAksDSwR0lIwDYmlnlIoJAAAAAAAAAADAjANzaGGUQwNhYmOUjAVjaGFyc5SPlCiMAWGUkIwBZpQoaAeRlIwBdJSIjAFulE51Lg==")]
    public void PlainDataBesideTheCharactersIsPassedOverInEveryProtocol(string pickle)
    {
        folder.Write("meta.pkl", Convert.FromBase64String(pickle));
        Assert.Equal([2, 3, 1, 4, 5, 0], Tokenizer.Open(folder.Path).Encode("ab Ü😀\n"));
        foreach (var mutant in Mutants.Of(Convert.FromBase64String(pickle), count: 300, seed: 3))
        {
            folder.Write("meta.pkl", mutant);
            Mutants.AcceptsOrRefuses(() => CharacterTokenizer.FromFolder(folder.Path), mutant);
        }
    }

    [Fact]
    public void AnUnknownCharacterIsNamed()
    {
        folder.Write("meta.pkl", Protocol4);
        var tokenizer = Tokenizer.Open(folder.Path);
        Assert.Contains("the character 'c' (U+0063)", Assert.Throws<GptGenException>(() => tokenizer.Encode("abc")).Message);
        Assert.Contains("the byte 0xFF", Assert.Throws<GptGenException>(() => tokenizer.Encode([0xFF], [])).Message);
        Assert.Contains("Token 6 does not exist", Assert.Throws<GptGenException>(() => tokenizer.Bytes(6)).Message);
        var text = TextCorpus.Load(folder.Write("text.txt", "abc"));
        Assert.Contains($"'{folder.File("text.txt")}': The vocabulary", Assert.Throws<GptGenException>(() => text.Tokenize(tokenizer)).Message);
    }

    [Fact]
    public void ItsFileIsCopiedAndNeverReplaced()
    {
        folder.Write("data/meta.pkl", Protocol4);
        var tokenizer = Tokenizer.Open(folder.File("data"));
        Assert.True(tokenizer.CopyFiles(folder.File("run")));
        Assert.True(tokenizer.CopyFiles(folder.File("run")));
        Assert.Equal(Protocol4, File.ReadAllBytes(folder.File("run/meta.pkl")));
        Assert.True(Tokenizer.IsIn(folder.File("run")));
        folder.Write("run/meta.pkl", s_protocol2);
        Assert.Contains("another vocabulary", Assert.Throws<GptGenException>(() => tokenizer.CopyFiles(folder.File("run"))).Message);
    }

    [Fact]
    public void TokensOfCharactersAreNotTakenForBytes()
    {
        folder.Write("d/meta.pkl", Protocol4);
        TokenFile.Write(folder.File("d/train.bin"), [.. Enumerable.Repeat(2, 90)], TokenFileFormat.NanoGpt);
        TokenFile.Write(folder.File("d/val.bin"), [.. Enumerable.Repeat(3, 10)], TokenFileFormat.NanoGpt);
        foreach (var path in new[] { "d", "d/train.bin" })
        {
            Assert.Equal(folder.File("d"), CharacterTokenizer.Beside([folder.File(path)]));
            var message = Assert.Throws<GptGenException>(() => TokenizedData.Load([folder.File(path)], ByteTokenizer.Instance)).Message;
            Assert.Contains($"'{folder.File("d/meta.pkl")}' says that the tokens beside it are 6 characters", message);
            Assert.Contains("give the ", message);
        }

        // A copy with the same characters will do, as a run keeps it.
        folder.Write("run/meta.pkl", s_protocol2);
        using var data = TokenizedData.Load([folder.File("d")], Tokenizer.Open(folder.File("run")));
        Assert.Equal(10, data.ForEvaluation.Count);
        Assert.Equal(new(1, 10), TextSize.Of(data.ForEvaluation, Tokenizer.Open(folder.File("d")), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void AVocabularysSizeAloneIsHeldAgainstTheTokenizer()
    {
        folder.Write("meta.pkl", s_sizeOnly);
        TokenFile.Write(folder.File("train.bin"), [1, 2, 3], TokenFileFormat.NanoGpt);
        Assert.Null(CharacterTokenizer.Beside([folder.Path]));
        Assert.Contains(
            "a vocabulary of 50304", Assert.Throws<GptGenException>(() => TokenizedData.Load([folder.Path], BytePairTokenizer.Gpt2)).Message);
        Assert.Contains("does not list its characters", Assert.Throws<GptGenException>(() => Tokenizer.Open(folder.Path)).Message);
    }

    [Fact]
    public void NothingIsCalled()
    {
        folder.Write("meta.pkl", s_hostile);
        var message = Assert.Throws<GptGenException>(() => Tokenizer.Open(folder.Path)).Message;
        Assert.Contains("STACK_GLOBAL", message);
        Assert.Contains(folder.File("meta.pkl"), message);
        Assert.False(File.Exists("/tmp/owned"));
    }

    [Theory]
    [InlineData("4B06", "4B07", "announces 7 characters and lists 6")]
    [InlineData("4B05", "4B07", "with gaps or twice")]
    [InlineData("8C0161", "8C0162", "a character twice")]
    [InlineData("8C0161", "8C026161", "'aa' in 'itos', which is not one character")]
    [InlineData("8C0161", "8C00", "'' in 'itos', which is not one character")]
    public void AVocabularyThatIsNoneIsRefused(string hexadecimal, string replacement, string cause)
    {
        var file = Convert.ToHexString(Protocol4);
        var at = file.IndexOf(hexadecimal, StringComparison.Ordinal);
        // 'stoi' says the same as 'itos': leave it out, so that 'itos' is what is judged.
        var stoi = file.IndexOf(Convert.ToHexString("stoi"u8) + "947D94", StringComparison.Ordinal);
        file = file[..(stoi - 4)] + "752E";
        folder.Write("meta.pkl", Convert.FromHexString(file[..at] + replacement + file[(at + hexadecimal.Length)..]));
        Assert.Contains(cause, Assert.Throws<GptGenException>(() => Tokenizer.Open(folder.Path)).Message);
    }

    [Fact]
    public void DamagedFilesGiveMessages()
    {
        foreach (var mutant in Mutants.Of(Protocol4, count: 1500, seed: 1).Concat(Mutants.Of(s_protocol2, count: 500, seed: 2)))
        {
            var path = folder.Write("meta.pkl", mutant);
            Mutants.AcceptsOrRefuses(() => CharacterTokenizer.FromFolder(Path.GetDirectoryName(path)!).Encode("ab"), mutant);
        }
    }

    [Theory]
    [InlineData((byte)'}')]
    [InlineData((byte)']')]
    [InlineData((byte)'(')]
    [InlineData((byte)'N')]
    public void AFileOfOneInstructionCostsLittle(byte instruction)
    {
        var content = new byte[2_000_000];
        Array.Fill(content, instruction);
        folder.Write("meta.pkl", content);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<GptGenException>(() => Tokenizer.Open(folder.Path));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 40 * content.Length);
    }
}
