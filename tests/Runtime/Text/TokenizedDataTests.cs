using GptGen.Text;
using Xunit;

namespace GptGen.Runtime.Tests.Text;

public sealed class TokenizedDataTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void WithoutAValidationFileTheLastTenthValidates()
    {
        Write("a.bin", 0, 60);
        Write("evaluation.bin", 60, 40); // "val" is only a part of a word.
        using var data = Load(folder.Path);
        var sets = data.Split();
        Assert.Equal((90, 10), (sets.Training.Count, sets.Validation.Count));
        Assert.Equal(100, data.ForEvaluation.Count);
        Assert.Null(data.Text);
    }

    [Theory]
    [InlineData("val.bin")]
    [InlineData("fineweb_val_000000.bin")]
    [InlineData("shard-validation.bin")]
    [InlineData("VAL.bin")]
    public void AFileNamedForValidationValidates(string name)
    {
        Write("train_1.bin", 0, 30);
        Write("train_2.bin", 30, 30);
        Write(name, 60, 5);
        using var data = Load(folder.File("train_1.bin"), folder.File("train_2.bin"), folder.File(name));
        var sets = data.Split();
        Assert.Equal(60, sets.Training.Count);
        Assert.Equal([60, 61, 62, 63, 64], Read(sets.Validation));
        Assert.Equal(5, data.ForEvaluation.Count);
    }

    [Fact]
    public void AValidationFileAloneIsAll()
    {
        Write("val.bin", 0, 20);
        using var data = Load(folder.File("val.bin"));
        Assert.Equal(20, data.ForEvaluation.Count);
    }

    [Fact]
    public void WordsAndBytesAreThoseOfTheText()
    {
        TokenFile.Write(folder.File("a.bin"), [50256, .. BytePairTokenizer.Gpt2.Encode("Übung macht den Meister")], TokenFileFormat.LlmC);
        using var data = TokenizedData.Load([folder.Path], BytePairTokenizer.Gpt2);
        Assert.Equal(new(Words: 4, Bytes: 24), TextSize.Of(data.ForEvaluation, BytePairTokenizer.Gpt2));
        using var text = TokenizedData.FromText(TextCorpus.FromText("a text", "Übung"), BytePairTokenizer.Gpt2);
        Assert.Equal(new(Words: 1, Bytes: 6), TextSize.Of(text.ForEvaluation, BytePairTokenizer.Gpt2));
        Assert.Equal(
            new(Words: 3, Bytes: 11), TextSize.Of(TokenSource.FromMemory(ByteTokenizer.Instance.Encode(" a\t\nb  cd\r\n")), ByteTokenizer.Instance));
    }

    [Fact]
    public void TextAndTokensDoNotMix()
    {
        Write("a.bin", 0, 20);
        var text = folder.Write("text.txt", "text");
        Assert.Contains("not both", Assert.Throws<GptGenException>(() => Load(folder.File("a.bin"), text)).Message);
    }

    [Fact]
    public void ATokenOutsideTheVocabularyIsFoundOnOpening()
    {
        TokenFile.Write(folder.File("train.bin"), [1, 2, 3], TokenFileFormat.NanoGpt);
        TokenFile.Write(folder.File("val.bin"), [.. Enumerable.Repeat(5, 100_000), 256], TokenFileFormat.NanoGpt);
        var message = Assert.Throws<GptGenException>(() => Load(folder.Path)).Message;
        Assert.Contains("token 256 at position 100000", message);
        Assert.Contains("val.bin", message);
    }

    private void Write(string name, int first, int count) =>
        TokenFile.Write(folder.File(name), [.. Enumerable.Range(first, count)], TokenFileFormat.NanoGpt);

    private static TokenizedData Load(params string[] paths) => TokenizedData.Load(paths, ByteTokenizer.Instance);

    private static int[] Read(TokenSource source)
    {
        var tokens = new int[source.Count];
        source.Read(0, tokens);
        return tokens;
    }
}
