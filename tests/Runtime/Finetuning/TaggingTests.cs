using GptGen.Finetuning;
using GptGen.Text;
using Xunit;

namespace GptGen.Runtime.Tests.Finetuning;

[Bert(Layers = 2, Heads = 2, Width = 32, Context = 24, Vocabulary = 83, InitialDeviation = 0.1f)]
[TokenClassificationHead(Labels = 4)]
public sealed partial class TinyTagger;

/// <summary>Words with tags: files, tokens, learning.</summary>
public sealed class TaggingTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void LinesOfWordsAndTagsAreRead()
    {
        var path = folder.Write(
            "data.conll", "-DOCSTART- -X- -X- O\n\nEU NNP B-NP B-ORG\nrejects VBZ B-VP O\n\r\n\n  \nPeter\tB-PER\r\nBlackburn Jr\tI-PER");
        var texts = TaskFile.Read(path, TaskKind.TokenClassification, new(["words"], "tags"));
        Assert.Equal(["EU rejects", "Peter Blackburn Jr"], texts.Select(static text => string.Join(' ', text.Texts)));
        Assert.Equal(["B-ORG", "O"], texts[0].Tags);
        Assert.Equal(["B-PER", "I-PER"], texts[1].Tags);
        Assert.EndsWith("line 3", texts[0].Source);
        var json = folder.Write("data.jsonl", "{\"words\": [\"EU\", \"rejects\"], \"tags\": [\"B-ORG\", \"O\"]}\n{\"words\": [\"a\"]}\n");
        var objects = TaskFile.Read(json, TaskKind.TokenClassification, new(["words"], "tags"), needsLabels: false);
        Assert.Equal(texts[0].Tags, objects[0].Tags);
        Assert.Null(objects[1].Tags);
    }

    [Theory]
    [InlineData("a.tsv", "a\tO\nb\n", "a.tsv, line 2: the word 'b' has no tag")]
    [InlineData("a.tsv", "\n\n", "has no words")]
    [InlineData("a.jsonl", "{\"words\": [\"a\", \"b\"], \"tags\": [\"O\"]}", "has 2 words but 1 tags")]
    [InlineData("a.jsonl", "{\"words\": [\"a\"]}", "has no list 'tags'")]
    [InlineData("a.jsonl", "{\"tags\": [\"a\"]}", "has no list 'words'")]
    public void WhatIsWrongIsNamed(string name, string content, string message)
    {
        var path = folder.Write(name, content);
        Assert.Contains(
            message, Assert.Throws<GptGenException>(() => TaskFile.Read(path, TaskKind.TokenClassification, new(["words"], "tags"))).Message);
    }

    /// <summary>The first token of each word has its tag, and a long text becomes several sequences between words.</summary>
    [Fact]
    public void WordsBecomeTokens()
    {
        var tokenizer = OpenLetters();
        var tags = new TagSet(["B-N", "O"]);
        var example = new TaskExample(["ab", "\u0001", "Cde", "f"], null) { Tags = ["O", "O", "B-N", "O"] };
        var encoder = new ExampleEncoder(TinyTagger.Specification.Head!, tokenizer, tags, 24, truncate: false);
        var whole = Assert.Single(encoder.Encode([example]));
        Assert.Equal("[CLS] ab [UNK] Cde f [SEP]", tokenizer.Decode(whole.Sequences[0]));
        Assert.Equal([1, 3, 4, 7], whole.Positions);
        Assert.Equal([1, 1, 0, 1], whole.TokenLabels);
        var parts = new ExampleEncoder(TinyTagger.Specification.Head!, tokenizer, tags, 6, truncate: false).Encode([example]);
        Assert.Equal(["[CLS] ab [UNK] [SEP]", "[CLS] Cde f [SEP]"], parts.Select(part => tokenizer.Decode(part.Sequences[0])));
        Assert.Equal([1, 4], parts[1].Positions);
        Assert.Equal(["O", "B-N", "O", "B-N"], tags.TagsOf(parts, [[0, 1, 1, 0], [0, 1, 1, 0]]));
        Assert.Contains(
            "the tag 'X' is not one of those",
            Assert.Throws<GptGenException>(() => encoder.Encode([example with { Tags = ["X", "O", "O", "O"] }])).Message);
    }

    /// <summary>Capitalised words are names, and the second of two goes on: a tag that takes a look at the word before.</summary>
    [Fact]
    public void NamesAreLearned()
    {
        using var device = new CpuDevice(1);
        using var model = TinyTagger.Create(device);
        model.Initialize(1);
        var tokenizer = OpenLetters();
        var texts = Enumerable.Range(0, 576).Select(MakeText).ToList();
        var tags = TagSet.Of(texts);
        var encoded = new ExampleEncoder(model.Head, tokenizer, tags, 24, truncate: false).Encode(texts);
        var best = new float[model.Description.ParameterElements];
        using var finetuner = new Finetuner(
            model, [.. encoded.Take(512)], [.. encoded.Skip(512)], tags,
            new() { Length = 24, Epochs = 30, Batch = 16, LearningRate = 3e-3, Warmup = 0.05, Dropout = 0 }, _ => model.Parameters.Read(0, best));
        Assert.NotEmpty(finetuner.Run().ToList());
        Assert.True(finetuner.Best!.F1 > 0.93, $"F1 {finetuner.Best.F1}");
        Assert.True(finetuner.Best.Accuracy > 0.95, $"accuracy {finetuner.Best.Accuracy}");

        // Several at once or one by one: nothing of the others is seen.
        model.Parameters.Write(0, best);
        using var many = new TaskPredictor(model, 8, 24, tags.Outputs);
        using var single = new TaskPredictor(model, 1, 24, tags.Outputs);
        IReadOnlyList<EncodedExample> held = [.. encoded.Skip(556)];
        foreach (var (one, other) in many.Predict(held).Zip(single.Predict(held)))
            Assert.All(one.Zip(other), static pair => Assert.Equal(pair.First, pair.Second, 1e-5));
        Assert.Equal(finetuner.Best.F1, many.Evaluate([.. encoded.Skip(512)], tags).F1);
    }

    private static TaskExample MakeText(int seed)
    {
        var random = new Random(seed);
        var (words, tags) = (new List<string>(), new List<string>());
        for (var word = 0; word < 5; word++)
        {
            var letters = string.Concat(Enumerable.Range(0, 1 + random.Next(3)).Select(_ => (char)('a' + random.Next(26))));
            var isName = random.Next(2) == 0;
            words.Add(isName ? char.ToUpperInvariant(letters[0]) + letters[1..] : letters);
            tags.Add(!isName ? "O" : word > 0 && tags[^1] != "O" ? "I-N" : "B-N");
        }

        return new(words, null) { Tags = tags };
    }

    /// <summary>A cased vocabulary of single letters.</summary>
    private WordPieceTokenizer OpenLetters()
    {
        var letters = Enumerable.Range('a', 26).Select(static letter => (char)letter).ToArray();
        string[] names = [
            "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. letters.Select(static letter => $"{letter}"),
            .. letters.Select(static letter => $"##{letter}"), .. letters.Select(static letter => $"{char.ToUpperInvariant(letter)}")];
        folder.Write("vocab.txt", string.Join('\n', names) + "\n");
        folder.Write("tokenizer_config.json", """{"do_lower_case": false}""");
        return WordPieceTokenizer.FromFolder(folder.Path);
    }
}
