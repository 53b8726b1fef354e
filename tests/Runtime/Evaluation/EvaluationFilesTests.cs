using GptGen.Evaluation;
using Xunit;

namespace GptGen.Runtime.Tests.Evaluation;

public sealed class EvaluationFilesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void LastWords() => Assert.Equal(
        [new("He saw the", " dog"), new("Ein Satz mit", " Übung.")],
        EvaluationFiles.LastWords(folder.Write("a.jsonl", "\uFEFF{\"text\": \"He saw the dog\"}\r\n\n{\"text\": \"Ein Satz mit Übung.\"}")).Select(
            static example => example with { Place = null }));

    /// <summary>Lines end with LF, CR LF, or CR alone; each is numbered as an editor does.</summary>
    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\r")]
    public void LinesEndAsTheyDo(string end)
    {
        var lambada = folder.Write("a.jsonl", $"{{\"text\": \"a b\"}}{end}{end}{{\"text\": \"c d\"}}{end}");
        Assert.Equal([$"'{lambada}', line 1", $"'{lambada}', line 3"], EvaluationFiles.LastWords(lambada).Select(static example => example.Place));
        var cbt = folder.Write("a.txt", string.Join(end, "1 The fox ran .", "21 The XXXXX ran .\ta\t\ta|b", "", "1 c", "21 XXXXX\ta\t\ta|b", ""));
        Assert.Equal([$"'{cbt}', line 2", $"'{cbt}', line 5"], EvaluationFiles.ChildrensBooks(cbt).Select(static example => example.Place));
    }

    [Theory]
    [InlineData("lambada", "{\"ctx\": \"a\", \"endings\": [\"b\", \"c\"], \"label\": 0}", "in the form of HellaSwag", "EvaluationFiles.HellaSwag")]
    [InlineData("lambada", "\n1 a\n21 c XXXXX\td\t\td|f", "line 2 is in the form of the Children's Book Test", "EvaluationFiles.ChildrensBooks")]
    [InlineData("lambada", "It was a plain text.", "LAMBADA is read as JSON lines", "{\"text\": …}")]
    [InlineData("hellaswag", "{\"text\": \"a b\"}", "in the form of LAMBADA", "EvaluationFiles.LastWords")]
    [InlineData(
        "hellaswag", "{\"sentences\": [\"a\"], \"question\": \"XXXXX\", \"answer\": \"c\", \"options\": [\"c\", \"d\"]}", "form of the Children's",
        "EvaluationFiles.ChildrensBooks")]
    [InlineData("cbt", "{\"ctx\": \"a\", \"endings\": [\"b\", \"c\"], \"label\": 0}", "in the form of HellaSwag", "EvaluationFiles.HellaSwag")]
    [InlineData("hellaswag", "{\"ctx\": \"a\", \"endings\": [\"b\", \"c\"], \"label\": \"\"}", "test split", "validation split")]
    public void AFileOfAnotherBenchmarkIsSaidToBe(string kind, string content, params string[] causes)
    {
        var path = folder.Write("a", content);
        var message = Assert.Throws<GptGenException>(() => Read(kind, path)).Message;
        Assert.Contains($"'{path}', line ", message);
        Assert.All(causes, cause => Assert.Contains(cause, message));
    }

    /// <summary>Labels are numbers in the authors' file and texts in copies of it.</summary>
    [Theory]
    [InlineData("2")]
    [InlineData("\"2\"")]
    [InlineData("2.0")]
    [InlineData("\"2.0\"")]
    public void HellaSwag(string label)
    {
        var path = folder.Write(
            "a.jsonl", """{"ind": 24, "activity_label": "Roof", "ctx": "A man sits.", "endings": ["is up.", "holds on.", "falls "], """
            + $$""" "label": {{label}}, "split": "val"}""");
        var example = Assert.Single(EvaluationFiles.HellaSwag(path));
        Assert.Equal(("A man sits.", 2), (example.Context, example.Answer));
        Assert.Equal([" is up.", " holds on.", " falls"], example.Continuations);
    }

    [Fact]
    public void ChildrensBooksAsJsonLinesAndAsTheAuthorsText()
    {
        var lines = folder.Write(
            "a.jsonl",
            """{"sentences": ["The fox ran .", "It saw a hen ."], "question": "Then the XXXXX flew off .", "answer": "hen", "options": """
            + """["fox", "hen"]}""");
        var text = folder.Write(
            "a.txt", "1 The fox ran .\n2 It saw a hen .\n21 Then the XXXXX flew off .\then\t\tfox|hen\n\n1 A .\n21 XXXXX is B .\tb\t\ta|b\n");
        foreach (var example in new[] { EvaluationFiles.ChildrensBooks(lines).Single(), EvaluationFiles.ChildrensBooks(text).First() })
        {
            Assert.Equal(("The fox ran . It saw a hen . Then the", 1), (example.Context, example.Answer));
            Assert.Equal([" fox flew off .", " hen flew off ."], example.Continuations);
        }

        var second = EvaluationFiles.ChildrensBooks(text).Last();
        Assert.Equal("A .", second.Context);
        Assert.Equal([" a is B .", " b is B ."], second.Continuations);
    }

    [Theory]
    [InlineData("lambada", "{\"text\": \"a b\"}\n{\"txt\": \"a b\"}", "line 2", "no text 'text'")]
    [InlineData("lambada", "{\"text\": \"word\"}", "line 1", "fewer than two words")]
    [InlineData("lambada", "{\"text\": \"a b\"}\n\nnonsense", "line 3", "not valid JSON")]
    [InlineData("lambada", "17", "line 1", "no JSON object")]
    [InlineData("hellaswag", "{\"ctx\": \"a\", \"endings\": [\"b\"], \"label\": 0}", "line 1", "1 texts in 'endings'")]
    [InlineData("hellaswag", "{\"ctx\": \"a\", \"endings\": [\"b\", 7], \"label\": 0}", "line 1", "something else than text")]
    [InlineData("hellaswag", "{\"ctx\": \"a\", \"endings\": [\"b\", \"c\"], \"label\": 2}", "line 1", "the label 2")]
    [InlineData("hellaswag", "{\"ctx\": \"a\", \"endings\": [\"b\", \"c\"], \"label\": \"x\"}", "line 1", "no whole number 'label'")]
    [InlineData("hellaswag", "{\"ctx\": \"a\", \"endings\": [\"b\", \"c\"], \"label\": 0.5}", "line 1", "no whole number 'label'")]
    [InlineData("hellaswag", "{\"ctx\": \"a\", \"endings\": [\"b\", \"c\"], \"label\": 1e20}", "line 1", "no whole number 'label'")]
    [InlineData("hellaswag", "{\"ctx\": \"a\", \"endings\": [\"b\", \"c\"], \"label\": 1e400}", "line 1", "no whole number 'label'")]
    [InlineData("cbt", "{\"sentences\": [\"a\"], \"question\": \"b\", \"answer\": \"c\", \"options\": [\"c\", \"d\"]}", "line 1", "XXXXX")]
    [InlineData("cbt", "1 a\n2 b\n21 c XXXXX\td\t\te|f", "line 3", "none of its options")]
    [InlineData("cbt", "1 a\nb", "line 2", "no number")]
    [InlineData("cbt", "1 a\n2 b", "line 2", "without a question")]
    public void AWrongLineIsNamed(string kind, string content, string line, string cause)
    {
        var path = folder.Write("a", content);
        var message = Assert.Throws<GptGenException>(() => Read(kind, path)).Message;
        Assert.Contains(path, message);
        Assert.Contains(line, message);
        Assert.Contains(cause, message);
    }

    [Fact]
    public void AMissingFileIsNamed() =>
        Assert.Contains(
            folder.File("none"), Assert.Throws<GptGenException>(() => EvaluationFiles.ChildrensBooks(folder.File("none")).Count()).Message);

    /// <summary>Bytes of good files changed, left out and doubled at random: each result is examples or a message.</summary>
    [Theory]
    [InlineData("lambada", "{\"text\": \"He saw the dog\"}\r\n\n{\"text\": \"Ein Satz mit Übung.\"}")]
    [InlineData(
        "hellaswag", "{\"ctx\": \"a\", \"endings\": [\"b\", \"cé\"], \"label\": \"1\"}\n{\"ctx\": \"a\", \"endings\": [\"b\", \"c\"], \"label\": 0}")]
    [InlineData("cbt", "{\"sentences\": [\"a\"], \"question\": \"b XXXXX\", \"answer\": \"c\", \"options\": [\"c\", \"d\"]}")]
    [InlineData("cbt", "1 The fox ran .\n2 It saw a hen .\n21 Then the XXXXX flew off .\then\t\tfox|hen\n\n1 A .\n21 XXXXX is B .\tb\t\ta|b\n")]
    public void DamagedFilesGiveMessages(string kind, string content)
    {
        foreach (var mutant in Mutants.Of(System.Text.Encoding.UTF8.GetBytes(content), count: 400, seed: 3))
            Mutants.AcceptsOrRefuses(() => Read(kind, folder.Write("mutant", mutant)), mutant);
    }

    private static int Read(string kind, string path) => kind switch
    {
        "lambada" => EvaluationFiles.LastWords(path).Count(),
        "hellaswag" => EvaluationFiles.HellaSwag(path).Count(),
        _ => EvaluationFiles.ChildrensBooks(path).Count(),
    };
}
