using System.Text;
using GptGen.Finetuning;
using GptGen.Text;
using Xunit;

namespace GptGen.Runtime.Tests.Finetuning;

[Bert(Layers = 2, Heads = 2, Width = 32, Context = 24, Vocabulary = 40, InitialDeviation = 0.1f)]
[QuestionAnsweringHead]
public sealed partial class TinyReader;

/// <summary>Questions whose answers stand in a text: files, windows, scores, learning.</summary>
public sealed class AnsweringTests : IDisposable
{
    private const int Words = 32;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void SquadsFilesAndObjectsALineAreRead()
    {
        var squad = folder.Write(
            "squad.json",
            """
            {"version": "v2.0", "data": [{"title": "T", "paragraphs": [{"context": "The cat sat.", "qas": [
              {"id": "q1", "question": "Who?", "answers": [{"text": "The cat", "answer_start": 0}, {"text": "cat", "answer_start": 4}]},
              {"id": "q2", "question": "Where?", "is_impossible": true, "answers": []}]}]}]}
            """);
        var questions = Read(squad);
        Assert.Equal(["Who? The cat sat.", "Where? The cat sat."], questions.Select(static question => string.Join(' ', question.Texts)));
        Assert.Equal([("The cat", 0), ("cat", 4)], questions[0].Answers);
        Assert.Empty(questions[1].Answers!);
        Assert.Equal("q2", questions[1].Id);
        Assert.True(AnswerSpans.Of(questions).MayBeMissing);
        Assert.False(AnswerSpans.Of(questions.Take(1)).MayBeMissing);
        var lines = folder.Write(
            "lines.jsonl",
            "{\"context\": \"The cat sat.\", \"question\": \"Who?\", \"answers\": {\"text\": [\"cat\"], \"answer_start\": [4]}}\n"
            + "{\"context\": \"The cat sat.\", \"question\": \"Who?\"}\n");
        Assert.Contains("line 2: there are no 'answers'", Assert.Throws<GptGenException>(() => Read(lines)).Message);
        var objects = Read(lines, needsLabels: false);
        Assert.Equal([("cat", 4)], objects[0].Answers);
        Assert.Null(objects[1].Answers);
    }

    /// <summary>SQuAD's files count code points, of which an emoji is one and two UTF-16 units.</summary>
    [Theory]
    [InlineData("\uD83D\uDE00 The cat sat.", "cat", 6, 7)]
    [InlineData("\uD83D\uDE00\uD835\uDC00 cat \uD83D\uDE00", "cat \uD83D\uDE00", 3, 5)]
    [InlineData("cat \uD83D\uDE00", "\uD83D\uDE00", 4, 4)]
    public void AnAnswersBeginningCountsCodePoints(string context, string text, int character, int start)
    {
        var path = folder.Write(
            "a.jsonl",
            $"{{\"context\": \"{context}\", \"question\": \"Who?\", \"answers\": [{{\"text\": \"{text}\", \"answer_start\": {character}}}]}}");
        Assert.Equal([(text, start)], Read(path)[0].Answers);
        Assert.Equal(text, context[start..(start + text.Length)]);
    }

    [Theory]
    [InlineData("[{\"text\": \"dog\", \"answer_start\": 4}]", "the answer 'dog' does not stand at character 4")]
    [InlineData("[{\"text\": \"cat\", \"answer_start\": 99}]", "does not stand at character 99")]
    [InlineData("[{\"text\": \"cat\", \"answer_start\": 12}]", "does not stand at character 12")]
    [InlineData("[{\"text\": \"cat\", \"answer_start\": -4}]", "does not stand at character -4")]
    [InlineData("[{\"text\": \"cat\", \"answer_start\": 2147483647}]", "does not stand at character 2147483647")]
    [InlineData("[{\"text\": \"cat\"}]", "an answer is not")]
    [InlineData("\"cat\"", "an answer is not")]
    public void AWrongAnswerIsNamed(string answers, string message)
    {
        var path = folder.Write("a.jsonl", $"{{\"context\": \"The cat sat.\", \"question\": \"Who?\", \"answers\": {answers}}}");
        Assert.Contains(message, Assert.Throws<GptGenException>(() => Read(path)).Message);
    }

    /// <summary>Values of SQuAD's own evaluation script.</summary>
    [Theory]
    [InlineData("the Cat!", "cat", true, 1.0)]
    [InlineData("a black cat", "cat", false, 2.0 / 3)]
    [InlineData("cat cat", "cat", false, 2.0 / 3)]
    [InlineData("dog", "cat", false, 0.0)]
    [InlineData("", "cat", false, 0.0)]
    [InlineData("the", "", true, 1.0)]
    [InlineData("U.S.", "us", true, 1.0)]
    [InlineData("state-of-the-art", "state of the art", false, 0.0)]
    [InlineData("Zürich – now", "zürich", false, 0.5)]
    [InlineData("the–end", "–end", true, 1.0)]
    [InlineData("“The Cat”", "“ cat”", true, 1.0)]
    [InlineData("an’a", "’", true, 1.0)]
    [InlineData("the\u0301 cat", "\u0301 cat", true, 1.0)]
    [InlineData("the_cat", "cat", false, 0.0)]
    [InlineData("a² theé \uD835\uDC00the", "² é \uD835\uDC00", false, 0.0)]
    [InlineData("\uD83D\uDE00the cat", "\uD83D\uDE00 cat", true, 1.0)]
    public void AnswersAreMatchedAsSquadsScriptDoes(string answer, string right, bool isExact, double f1)
    {
        var match = AnswerMatch.Of(answer, [right]);
        Assert.Equal(isExact, match.IsExact);
        Assert.Equal(f1, match.F1, 1e-12);
        Assert.Equal((true, 1.0), AnswerMatch.Of(answer, ["something else", answer]));
    }

    /// <summary>Cut into words, a context has the tokens that it has as a whole.</summary>
    [Theory]
    [InlineData("Hello, World! don't walking-unaffable (a)  b\tc")]
    [InlineData("Café 中文a中 a\u00ADb \uD83D\uDE00x ≠ a\0b")]
    public void WordsHaveTheTokensOfTheText(string text)
    {
        var tokenizer = Text.SampleWordPieces.Open(folder, """{"do_lower_case": true}""");
        Assert.Equal(
            tokenizer.Encode(text), ContextWords.Of(text).SelectMany(word => tokenizer.Encode(text[word.Start..word.End])));
    }

    /// <summary>Each word stands in some window, windows overlap, and an answer is marked where it stands as a whole.</summary>
    [Fact]
    public void ALongContextBecomesWindows()
    {
        var tokenizer = OpenWords();
        var context = string.Join(' ', Enumerable.Range(0, 20).Select(static i => $"w{i}"));
        var start = context.IndexOf("w9 ", StringComparison.Ordinal);
        var example = new TaskExample(["w30 w31", context], null) { Answers = [("w9 w10", start)] };
        var parts = new ExampleEncoder(TinyReader.Specification.Head!, tokenizer, new AnswerSpans(false), 13, truncate: false).Encode([example]);
        Assert.Equal(
            ["w0 w1 w2 w3 w4 w5 w6 w7", "w4 w5 w6 w7 w8 w9 w10 w11", "w8 w9 w10 w11 w12 w13 w14 w15", "w12 w13 w14 w15 w16 w17 w18 w19"],
            parts.Select(part => tokenizer.Decode(part.Sequences[0][4..^1])));
        Assert.Equal([(0, 0), (9, 10), (5, 6), (0, 0)], parts.Select(static part => (part.Start, part.End)));
        Assert.All(parts, static part => Assert.Equal([0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1], part.TokenTypes[0]));

        // The best span of all windows, no longer than it may be, and none where nothing is better.
        var scores = parts.Select(static part => new float[2 * part.Length]).ToArray();
        (scores[1][2 * 9], scores[1][(2 * 10) + 1]) = (5, 5);
        (scores[3][2 * 12], scores[3][(2 * 5) + 1]) = (9, 9);
        (scores[2][0], scores[2][1]) = (8, 8);
        Assert.Equal("w9 w10", new AnswerSpans(false).AnswerOf(parts.Take(2), scores.Take(2)));
        (scores[0][0], scores[0][1], scores[1][0], scores[1][1]) = (8, 8, 7, 7);
        Assert.Equal("", new AnswerSpans(true).AnswerOf(parts.Take(2), scores.Take(2)));
        Assert.Equal("w9 w10", new AnswerSpans(false).AnswerOf(parts.Take(2), scores.Take(2)));
    }

    /// <summary>A window shares what fits before a long word, and that word with the next: an answer across either border is whole in one.</summary>
    [Theory]
    [InlineData("w5 w6aaaaa", 1)]
    [InlineData("w6aaaaa w7", 2)]
    [InlineData("w8 w9 w10", 3)]
    public void AnAnswerBesideALongWordStandsWholeInAWindow(string answer, int window)
    {
        var tokenizer = OpenWords();
        const string Context = "w0 w1 w2 w3 w4 w5 w6aaaaa w7 w8 w9 w10 w11 w12 w13aaaaaaaaaa w14";
        var example = new TaskExample(["w30 w31", Context], null) { Answers = [(answer, Context.IndexOf(answer, StringComparison.Ordinal))] };
        var parts = new ExampleEncoder(TinyReader.Specification.Head!, tokenizer, new AnswerSpans(false), 13, truncate: false).Encode([example]);
        Assert.Equal(
            ["w0 w1 w2 w3 w4 w5", "w4 w5 w6aaaaa", "w6aaaaa w7 w8", "w7 w8 w9 w10 w11 w12", "w13aaaaaaa", "w14"],
            parts.Select(part => tokenizer.Decode(part.Sequences[0][4..^1])));
        Assert.Equal([window], Enumerable.Range(0, parts.Count).Where(part => parts[part].Start > 0));
    }

    /// <summary>The answer is the word behind a marker.</summary>
    [Fact]
    public void TheWordBehindAMarkerIsFound()
    {
        using var device = new CpuDevice(1);
        using var model = TinyReader.Create(device);
        model.Initialize(1);
        var examples = Enumerable.Range(0, 640).Select(MakeQuestion).ToList();
        var spans = AnswerSpans.Of(examples);
        var encoded = new ExampleEncoder(model.Head, OpenWords(), spans, 24, truncate: false).Encode(examples);
        using var finetuner = new Finetuner(
            model, [.. encoded.Take(576)], [.. encoded.Skip(576)], spans,
            new() { Length = 24, Epochs = 20, Batch = 16, LearningRate = 3e-3, Warmup = 0.05, Dropout = 0 }, static _ => { });
        Assert.NotEmpty(finetuner.Run().ToList());
        Assert.True(finetuner.Best!.Accuracy > 0.9, $"exact {finetuner.Best.Accuracy}");
        Assert.True(finetuner.Best.F1 >= finetuner.Best.Accuracy);
        Assert.Equal(64, finetuner.Best.Examples);
    }

    private static TaskExample MakeQuestion(int seed)
    {
        var random = new Random(seed);
        var words = Enumerable.Range(0, 6).Select(_ => $"w{1 + random.Next(Words - 1)}").ToList();
        var place = random.Next(5);
        words[place] = "w0";
        var start = words.Take(place + 1).Sum(static word => word.Length + 1);
        return new(["w0", string.Join(' ', words)], null) { Answers = [(words[place + 1], start)] };
    }

    private IReadOnlyList<TaskExample> Read(string path, bool needsLabels = true) =>
        TaskFile.Read(path, TaskKind.QuestionAnswering, TaskColumns.Default(TaskKind.QuestionAnswering, 0), needsLabels);

    /// <summary>A vocabulary of words, which an "a" each lengthens by a token.</summary>
    private WordPieceTokenizer OpenWords()
    {
        var lines = new StringBuilder("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n");
        for (var word = 0; word < Words; word++)
            lines.Append($"w{word}\n");
        lines.Append("##a\n");
        folder.Write("vocab.txt", lines.ToString());
        return WordPieceTokenizer.FromFolder(folder.Path);
    }
}
