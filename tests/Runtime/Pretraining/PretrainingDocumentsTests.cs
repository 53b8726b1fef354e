using System.Text;
using GptGen.Pretraining;
using GptGen.Runtime.Tests.Text;
using GptGen.Text;
using Xunit;

namespace GptGen.Runtime.Tests.Pretraining;

public sealed class PretrainingDocumentsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("One. Two! Three?", "One. |Two! |Three?")]
    [InlineData("He said e.g. this. \"Then that.\" And (so.) More", "He said e.g. this. \"Then that.\" |And (so.) |More")]
    [InlineData("no capital. here 3.14 U.S", "no capital. here 3.14 U.S")]
    [InlineData("中文。日本語！」そう", "中文。|日本語！」そう")]
    [InlineData("A", "A")]
    [InlineData(". A", ". A")]
    public void ALineIsCutIntoSentences(string line, string sentences) =>
        Assert.Equal(sentences, string.Join('|', SentenceCutter.Cut(line).Select(Encoding.UTF8.GetString)));

    [Fact]
    public void DocumentsEndAtEmptyLinesAndWithFiles()
    {
        _folder.Write("a.txt", "\n\r\nOne two. Three.\r\nFour\n  \t\nFive\n\n\n");
        _folder.Write("b.txt", "Six");
        _folder.Write("c.txt", "\n \n");
        var documents = PretrainingDocuments.FromText(TextCorpus.Load(_folder.Path), Tokenizer.Open("bytes"));
        Assert.Equal((3, 5), (documents.Count, documents.SentenceCount));
        Assert.Equal(["One two. |Three.\r|Four", "Five", "Six"], Enumerable.Range(0, 3).Select(document => Text(documents, document)));
        Assert.Equal([0, 0, 0, 1, 2], Enumerable.Range(0, 5).Select(documents.DocumentOf));
    }

    [Fact]
    public void EmptySentencesAndDocumentsArePassedOver()
    {
        var documents = PretrainingDocuments.FromTokens([[], [[], [5]], [[]], [[6, 7], [], [8]], []]);
        Assert.Equal((2, 3, 4), (documents.Count, documents.SentenceCount, documents.TokenCount));
        Assert.Contains("no token in the text", Assert.Throws<GptGenException>(() => PretrainingDocuments.FromTokens([[], [[]]])).Message);
        var tokenizer = SampleWordPieces.Open(_folder, """{"do_lower_case": true}""");
        documents = PretrainingDocuments.FromText(TextCorpus.FromText("it", "hello\n\u200B\n\n\u200B\n\nthe"), tokenizer);
        Assert.Equal((2, 2, 2), (documents.Count, documents.SentenceCount, documents.TokenCount));
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(0.999)]
    [InlineData(0.001)]
    public void TheEndIsForValidation(double fraction)
    {
        var documents = SampleDocuments.Of(40);
        var (training, validation) = documents.Split(fraction);
        Assert.Equal(documents.TokenCount, training.TokenCount + validation.TokenCount);
        Assert.InRange(validation.TokenCount, 1, (documents.TokenCount * fraction) + 16);
        Assert.InRange(training.TokenCount, 1, (documents.TokenCount * (1 - fraction)) + 16);
        // Together they are the same text; a document that is cut belongs to both.
        Assert.Equal(All(documents), All(training).Concat(All(validation)));
        Assert.InRange(training.Count + validation.Count, documents.Count, documents.Count + 1);
        // Parts are documents like others.
        if (training.SentenceCount < 2)
            return;
        var (first, second) = training.Split(0.5);
        Assert.Equal(All(training), All(first).Concat(All(second)));
        Assert.Equal("the part of the text to train on", training.Name);
    }

    [Fact]
    public void OneSentenceCannotBeSplit()
    {
        Assert.Contains(
            "one sentence in the text", Assert.Throws<GptGenException>(() => PretrainingDocuments.FromTokens([[[5, 6]]]).Split()).Message);
        var (training, validation) = PretrainingDocuments.FromTokens([[[5, 6], [7]]]).Split();
        Assert.Equal((2, 1), (training.TokenCount, validation.TokenCount));
        Assert.Contains("between 0 and 1", Assert.Throws<GptGenException>(() => SampleDocuments.Of(3).Split(1)).Message);
    }

    [Fact]
    public void EachTypeOfTheSdksDocumentationIsADocument()
    {
        _folder.Write("packs/Microsoft.NETCore.App.Ref/10.0.0/ref/net10.0/it.xml", """
            <doc><members>
              <member name="M:N.One.A"><summary>This is the first sentence of one.</summary></member>
              <member name="M:N.Two.A"><summary>This is the first sentence of two. And this is the second of two.</summary></member>
              <member name="M:N.Three.A"><summary>This is the first sentence of one.</summary></member>
            </members></doc>
            """);
        var corpus = SdkDocumentation.Load([_folder.Path], "\n\n");
        var documents = PretrainingDocuments.FromText(corpus, Tokenizer.Open("bytes"));
        Assert.Equal((2, 3), (documents.Count, documents.SentenceCount));
        var plain = Encoding.UTF8.GetString(SdkDocumentation.Load([_folder.Path]).Documents[0]);
        Assert.Equal(plain, Encoding.UTF8.GetString(corpus.Documents[0]).Replace("\n\n", "\n"));
        Assert.Equal(3, plain.Count(static letter => letter == '\n'));
    }

    private static string Text(PretrainingDocuments documents, int document)
    {
        var (first, end) = documents.SentencesOf(document);
        var bytes = Tokenizer.Open("bytes");
        return string.Join('|', Enumerable.Range(first, end - first).Select(sentence => bytes.Decode(documents.Tokens(sentence, sentence + 1))));
    }

    private static int[] All(PretrainingDocuments documents) =>
        [.. Enumerable.Range(0, documents.SentenceCount).SelectMany(sentence => documents.Tokens(sentence, sentence + 1).ToArray())];
}
