using Xunit;

namespace GptGen.Runtime.Tests.Models;

/// <summary>How examples are framed, and what is refused.</summary>
public sealed class TaskInputTests : IDisposable
{
    private readonly CpuDevice device = new(1);

    [Fact]
    public void TextsAreFramed()
    {
        var classifier = OddClassifier.Specification.Head!;
        Assert.Equal(new SpecialTokens(37), classifier.Tokens);
        Assert.Equal(40, OddClassifier.Specification.Vocabulary);
        Assert.Equal([[37, 1, 2, 39]], classifier.Encode([1, 2]));
        Assert.Equal([[29, 1, 30, 2, 3, 31]], Gpt1Entailment.Specification.Head!.Encode([1], [2, 3]));
        Assert.Equal([[29, 1, 30, 2, 31], [29, 2, 30, 1, 31]], UntiedSimilarity.Specification.Head!.Encode([1], [2]));
        Assert.Equal(
            [[29, 9, 30, 1, 31], [29, 9, 30, 2, 31], [29, 9, 30, 3, 4, 31]], ChooserWithoutBiases.Specification.Head!.Encode([9], [1], [2], [3, 4]));
    }

    [Fact]
    public void TooFewTextsAreRefused()
    {
        Assert.Contains(
            "4 texts, not 3", Assert.Throws<GptGenException>(() => ChooserWithoutBiases.Specification.Head!.Encode([9], [1], [2])).Message);
        Assert.Throws<GptGenException>(() => OddClassifier.Specification.Head!.Encode([9], [1]));
    }

    /// <summary>Its tokenizer's marks frame the texts, and two texts of equal standing are one sequence.</summary>
    [Fact]
    public void AnEncodersTextsAreFramedByItsTokenizer()
    {
        using var folder = new TemporaryFolder();
        var tokenizer = Text.SampleWordPieces.Open(folder, "{}");
        var special = tokenizer.Masked;
        var grader = EncoderGraded.Specification.Head!;
        Assert.Null(grader.Tokens);
        Assert.Equal(29, EncoderGraded.Specification.Vocabulary);
        var pair = Assert.Single(grader.Encode(tokenizer, [7], [8, 9]));
        Assert.Equal([special.Classify, 7, special.Separator, 8, 9, special.Separator], pair.Tokens);
        Assert.Equal([0, 0, 0, 1, 1, 1], pair.TokenTypes);
        Assert.Equal([special.Classify, 7, special.Separator], Assert.Single(EncoderClassifier.Specification.Head!.Encode(tokenizer, [7])).Tokens);
        Assert.Equal(3, EncoderChooser.Specification.Head!.Encode(tokenizer, [7], [8], [9], [10]).Length);
        Assert.Contains("give Encode the tokenizer", Assert.Throws<GptGenException>(() => grader.Encode([7], [8])).Message);
    }

    [Fact]
    public void TheLambdaIsTheSpecificationsUnlessSet()
    {
        using var model = TaskModels.CreateLanguage(nameof(Gpt1Entailment), device);
        using var training = model.CreateTraining(3, TaskModels.Length);
        Assert.Equal(0.75f, training.LanguageModelWeight);
        var batch = new TaskBatch(model);
        var (whole, task) = Losses();
        Assert.True(whole > task);
        training.LanguageModelWeight = 0;
        (whole, task) = Losses();
        Assert.Equal(task, whole);

        (double Whole, double Task) Losses()
        {
            batch.Set(training);
            training.Forward();
            training.Loss();
            return (training.ReadLoss(), training.ReadTaskLoss());
        }
    }

    [Theory]
    [InlineData("label 3", 3, 2, 31)]
    [InlineData("label -1", -1, 2, 31)]
    [InlineData("no classify token (id 31)", 0, 2, 5)]
    [InlineData("vocabulary", 0, 99, 31)]
    public void AWrongExampleIsRefusedAndTheBatchBeforeStays(string message, int label, int token, int last)
    {
        using var model = TaskModels.CreateLanguage(nameof(Gpt1Entailment), device);
        using var training = model.CreateTraining(2, 8);
        training.SetExamples(4, [29, 1, 2, 31], [4], [2]);
        training.Forward();
        training.Loss();
        var loss = training.ReadLoss();
        Assert.Contains(message, Assert.Throws<GptGenException>(() => training.SetExamples(4, [29, 1, token, last], [4], [label])).Message);
        training.Forward();
        training.Loss();
        Assert.Equal(loss, training.ReadLoss());
    }

    [Fact]
    public void WhatDoesNotFitIsRefused()
    {
        using var model = TaskModels.CreateLanguage(nameof(ChooserWithoutBiases), device);
        using var training = model.CreateTraining(3, 4);
        int[] one = [29, 1, 30, 31];
        Assert.Contains("3 for each", Refused(4, [.. one, .. one], [4, 4], [0]));
        Assert.Contains("does not fit", Refused(4, [.. Enumerable.Repeat(one, 6).SelectMany(tokens => tokens)], [4, 4, 4, 4, 4, 4], [0, 0]));
        Assert.Contains("1 examples need as many labels, not 2", Refused(4, [.. one, .. one, .. one], [4, 4, 4], [0, 0]));
        Assert.Contains("5 tokens, but rows hold 4", Refused(4, [.. one, .. one, .. one], [4, 5, 4], [0]));
        Assert.Contains("needs 12 tokens, not 11", Refused(4, [.. one, .. one, .. one[1..]], [4, 4, 4], [0]));

        string Refused(int length, int[] tokens, int[] lengths, int[] labels) =>
            Assert.Throws<GptGenException>(() => training.SetExamples(length, tokens, lengths, labels)).Message;
    }

    [Fact]
    public void RowsAndSpansThatDoNotLieInTheirSequencesAreRefused()
    {
        using var tagger = EncoderTagger.Create(device);
        using var tags = tagger.CreateTraining(2, 5);
        int[] tokens = [1, 5, 6, 2, 0, 1, 7, 2, 0, 0];
        tags.SetLabelledRows(5, tokens, [], [4, 3], [1, 2, 6], [0, 4, 1]);
        Assert.Equal((2, 3), (tags.Examples, tags.LabelledCount));
        Assert.Contains("no token stands there", Refused(() => tags.SetLabelledRows(5, tokens, [], [4, 3], [4], [0])));
        Assert.Contains("no token stands there", Refused(() => tags.SetLabelledRows(5, tokens, [], [4, 3], [10], [0])));
        Assert.Contains("Labelled row 0 has label 5", Refused(() => tags.SetLabelledRows(5, tokens, [], [4, 3], [1], [5])));
        Assert.Contains("1 labelled rows need as many labels", Refused(() => tags.SetLabelledRows(5, tokens, [], [4, 3], [1], [])));
        Assert.Contains("learns labels of tokens", Refused(() => tags.SetExamples(5, tokens, [], [4, 3], [0, 1])));
        Assert.Contains("takes no answers", Refused(() => tags.SetSpans(5, tokens, [], [4, 3], [0, 0], [1, 1])));
        Assert.Contains("Token type 2", Refused(() => tags.SetLabelledRows(5, tokens, [2, 0, 0, 0, 0, 0, 0, 0, 0, 0], [4, 3], [1], [0])));
        Assert.Equal(3, tags.LabelledCount);

        using var reader = EncoderReader.Create(device);
        using var spans = reader.CreateTraining(2, 5);
        spans.SetSpans(5, tokens, [], [4, 3], [0, 1], [0, 2]);
        foreach (var (start, end) in ((int, int)[])[(-1, 0), (2, 1), (0, 4), (0, 3)])
            Assert.Contains("does not lie in it", Refused(() => spans.SetSpans(5, tokens, [], [4, 3], [0, start], [0, end])));
        Assert.Contains("takes no labels", Refused(() => spans.SetExamples(5, tokens, [], [4, 3], [0, 1])));
        Assert.Contains("takes no rows of tokens", Refused(() => spans.SetLabelledRows(5, tokens, [], [4, 3], [1], [0])));
        using var scoring = reader.CreateScoring(2, 5);
        Assert.Contains("takes no rows of tokens", Refused(() => scoring.Score(5, tokens, [], [4, 3], [1])));

        static string Refused(Action call) => Assert.Throws<GptGenException>(call).Message;
    }

    public void Dispose() => device.Dispose();
}
