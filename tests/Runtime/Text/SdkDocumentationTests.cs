using System.Text;
using GptGen.Text;
using Xunit;

namespace GptGen.Runtime.Tests.Text;

public sealed class SdkDocumentationTests : IDisposable
{
    private const string Pack = "dotnet/packs/Microsoft.NETCore.App.Ref";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TheInstalledSdkGivesTheSameLargeCorpusEachTime()
    {
        Assert.SkipUnless(
            SdkLocator.Installations().Any(root => SdkDocumentation.FindFolder(Path.Combine(root, "packs")) is not null),
            "No .NET SDK is installed.");
        var corpus = SdkDocumentation.Load();
        Assert.Equal(corpus.Documents[0], SdkDocumentation.Load().Documents[0]);

        var sentences = Encoding.UTF8.GetString(corpus.Documents[0]).TrimEnd('\n').Split('\n');
        Assert.InRange(sentences.Length, 40_000, 100_000);
        Assert.Equal(sentences.Length, sentences.Distinct(StringComparer.Ordinal).Count());
        Assert.All(sentences, sentence => Assert.Equal(sentence.Trim(), sentence));
    }

    [Fact]
    public void SentencesAreTakenOutOfEveryKindOfElement()
    {
        _folder.Write("a.xml", """
            <?xml version="1.0"?>
            <doc><assembly><name>A</name></assembly><members>
              <member name="M:N.Type.Method(System.Int32)">
                <summary>Copies the <see cref="T:N.Sequence`1" /> to
                  the <see cref="M:N.Type.#ctor(System.Int32)" /> given.  Throws if <paramref name="count" /> is negative, e.g. for <c>-1</c> &amp; below.</summary>
                <param name="count">The largest <typeparamref name="T" /> number of <see langword="null" /> values.</param>
                <returns>Too short.</returns>
                <remarks><para>One paragraph that ends without a stop</para><para>Another paragraph, with <see href="x">a link</see> inside it.</para>
                <code>This is a program of six words.</code></remarks>
                <exception cref="T:N.E">The exception is not taken at all.</exception>
              </member>
              <member name="P:N.Type.Empty" />
              <member name="P:N.Type.Other"><summary>Copies once more, and this is distinct.</summary><value>The largest T number of null values.</value></member>
            </members></doc>
            """);
        Assert.Equal(
            [
                "Copies the Sequence to the Type given.",
                "Throws if count is negative, e.g. for -1 & below.",
                "The largest T number of null values.",
                "Another paragraph, with a link inside it.",
                "Copies once more, and this is distinct.",
            ],
            SdkDocumentation.Types(_folder.Path).SelectMany(static type => type));
    }

    [Fact]
    public void TheNewestVersionOfTheClassLibraryIsTaken()
    {
        WriteDocumentation("dotnet/packs/Z.App.Ref/99.0.0/ref/net99.0");
        Assert.Equal("net99.0", FoundFramework());
        WriteDocumentation($"{Pack}/9.0.10/ref/net9.0");
        WriteDocumentation($"{Pack}/10.0.2/ref/net10.0");
        WriteDocumentation($"{Pack}/11.0.0-preview.1/ref/net11.0");
        Assert.Equal("net11.0", FoundFramework());
        WriteDocumentation($"{Pack}/11.0.0/ref/net11.0-release");
        Assert.Equal("net11.0-release", FoundFramework());
        Directory.CreateDirectory(_folder.File($"{Pack}/12.0.0/ref/net12.0"));
        Assert.Equal("net11.0-release", FoundFramework());
    }

    [Fact]
    public void ItsAbsenceIsOneClearLine()
    {
        var error = Assert.Throws<GptGenException>(() => SdkDocumentation.Load([_folder.Path]));
        Assert.Contains(_folder.Path, error.Message, StringComparison.Ordinal);
        Assert.Contains("ive your own text.", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.Contains("no installation found", Assert.Throws<GptGenException>(() => SdkDocumentation.Load([])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void DamagedDocumentationIsNamed()
    {
        var path = _folder.Write($"{Pack}/1.0.0/ref/net1.0/bad.xml", "<doc><members>");
        Assert.Contains(
            path, Assert.Throws<GptGenException>(() => SdkDocumentation.Load([_folder.File("dotnet")])).Message, StringComparison.Ordinal);
    }

    private string? FoundFramework() => Path.GetFileName(SdkDocumentation.FindFolder(_folder.File("dotnet/packs")));

    private void WriteDocumentation(string folder) => _folder.Write($"{folder}/a.xml", "<doc />");
}
