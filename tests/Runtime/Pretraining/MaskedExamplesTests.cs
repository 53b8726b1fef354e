using GptGen.Pretraining;
using GptGen.Text;
using Xunit;
using static GptGen.Runtime.Tests.Pretraining.SampleDocuments;

namespace GptGen.Runtime.Tests.Pretraining;

public sealed class MaskedExamplesTests
{
    private const int Length = 64;

    public static TheoryData<bool, bool> Kinds => new() { { true, false }, { true, true }, { false, false }, { false, true } };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void SequencesAreWellFormed(bool nextSentence, bool wholeWords)
    {
        foreach (var sequence in Sequences(new() { NextSentence = nextSentence, WholeWords = wholeWords }, 100))
        {
            Assert.InRange(sequence.Tokens.Length, nextSentence ? 5 : 3, Length);
            Assert.Equal((2, 3), (sequence.Original[0], sequence.Original[^1]));
            Assert.Equal(nextSentence ? 2 : 1, sequence.Original.Count(static token => token == 3));
            // No special token is predicted, and the marks stay.
            Assert.All(sequence.Positions, position => Assert.True(sequence.Original[position] > 4));
            Assert.Equal(sequence.Original[0], sequence.Tokens[0]);
            Assert.All(
                sequence.Tokens.Index(),
                entry => Assert.True(entry.Item == sequence.Original[entry.Index] || sequence.Positions.Contains(entry.Index)));
            // Nothing but the mask is put in the place of others; at least one is predicted, and never more than allowed.
            Assert.All(sequence.Tokens, static token => Assert.True(token > 1 && token < Size));
            Assert.InRange(sequence.Positions.Length, wholeWords ? 0 : 1, 10);
            Assert.Equal(sequence.Positions.Order(), sequence.Positions);
            var second = Array.IndexOf(sequence.Original, 3) + 1;
            Assert.Equal(Enumerable.Range(0, sequence.Tokens.Length).Select(position => position >= second ? 1 : 0), sequence.Types);
            AssertConsecutive(sequence.First);
            AssertConsecutive(sequence.Second);
        }
    }

    [Fact]
    public void TheSharesAreThePapers()
    {
        var (predicted, masked, kept, replaced, expected) = (0, 0, 0, 0, 0);
        var (whereLong, replacements) = (0, new HashSet<int>());
        foreach (var sequence in Sequences(new(), 400))
        {
            expected += Math.Min(10, Math.Max(1, (int)Math.Round(sequence.Tokens.Length * 0.15)));
            predicted += sequence.Positions.Length;
            foreach (var position in sequence.Positions)
            {
                var token = sequence.Tokens[position];
                masked += token == 4 ? 1 : 0;
                kept += token == sequence.Original[position] ? 1 : 0;
                if (token == 4 || token == sequence.Original[position])
                    continue;
                replaced++;
                replacements.Add(token);
            }

            whereLong += sequence.Tokens.Length == Length ? 1 : 0;
        }

        // Exactly the share of each sequence's length, and 80/10/10 within five standard deviations.
        Assert.Equal(expected, predicted);
        Assert.True(predicted > 10_000);
        AssertShare(masked, predicted, 0.8);
        AssertShare(kept, predicted, 0.1);
        AssertShare(replaced, predicted, 0.1);
        Assert.True(whereLong > 100);
        Assert.DoesNotContain(replacements, Special.Contains);
        Assert.True(replacements.Count > replaced * 0.8, "all tokens are drawn");
    }

    [Fact]
    public void HalfOfTheSecondTextsFollowTheFirst()
    {
        // Every document has several sentences, so that chance alone decides.
        var documents = PretrainingDocuments.FromTokens(Enumerable.Range(0, 40).Select(
            static document => Enumerable.Range(0, 20).Select(sentence => Enumerable.Range(5 + (document * 100) + (sentence * 5), 5).ToArray())));
        var (next, total) = (0, 0);
        foreach (var sequence in Sequences(new(), 300, documents))
        {
            total++;
            next += sequence.NextLabel == 0 ? 1 : 0;
            var sameDocument = (sequence.First[^1] - 5) / 100 == (sequence.Second[0] - 5) / 100;
            Assert.Equal(sequence.NextLabel == 0, sameDocument);
            if (sequence.NextLabel == 0 && sequence.Tokens.Length < Length)
                Assert.Equal(sequence.First[^1] + 1, sequence.Second[0]);
        }

        AssertShare(next, total, 0.5);
    }

    [Fact]
    public void ATenthOfTheSequencesIsShorter()
    {
        var documents = PretrainingDocuments.FromTokens([Enumerable.Range(0, 1000).Select(static sentence => new[] { 5 + sentence, 6 + sentence })]);
        int Short(PretrainingOptions options) =>
            Sequences(options with { NextSentence = false }, 300, documents).Count(static sequence => sequence.Tokens.Length < Length);
        Assert.Equal(0, Short(new() { ShortSequences = 0 }));
        // Of the 61 lengths from 2 to 62 the last two give full sequences of these sentences.
        AssertShare(Short(new()), 300 * 8, 0.1 * 59 / 61);
    }

    [Fact]
    public void EverySentenceIsReached()
    {
        var documents = Of(30);
        var seen = new HashSet<int>();
        foreach (var sequence in Sequences(new(), 300, documents))
            seen.UnionWith(sequence.Original);
        seen.ExceptWith([2, 3]);
        Assert.Equal(documents.TokenCount, seen.Count);
    }

    [Fact]
    public void WordsArePredictedWhollyOrNotAtAll()
    {
        var partly = 0;
        foreach (var whole in (bool[])[true, false])
        {
            foreach (var sequence in Sequences(new() { WholeWords = whole }, 100))
            {
                for (var position = 1; position < sequence.Original.Length; position++)
                {
                    var continues = sequence.Original[position] > 4 && sequence.Original[position] % 3 == 0 && sequence.Original[position - 1] > 4;
                    if (!continues || sequence.Positions.Contains(position) == sequence.Positions.Contains(position - 1))
                        continue;
                    Assert.False(whole);
                    partly++;
                }
            }
        }

        Assert.True(partly > 100);
    }

    [Fact]
    public void ABatchFollowsFromSeedStepAndMicroBatch()
    {
        var (examples, again) = (Create(new(), seed: 7), Create(new(), seed: 7));
        var (one, two) = (examples.NewBatch(4), again.NewBatch(4));
        again.Fill(99, 3, two);
        foreach (var (step, micro) in (ReadOnlySpan<(uint, int)>)[(5, 1), (0, 0), (5, 1), (6, 1), (5, 2)])
        {
            examples.Fill(step, micro, one);
            again.Fill(step, micro, two);
            AssertSame(one, two);
        }

        examples.Fill(5, 1, one);
        foreach (var (step, micro) in (ReadOnlySpan<(uint, int)>)[(6, 1), (5, 2), (1, 5)])
        {
            again.Fill(step, micro, two);
            Assert.NotEqual(one.Tokens, two.Tokens);
        }

        Create(new(), seed: 8).Fill(5, 1, two);
        Assert.NotEqual(one.Tokens, two.Tokens);
        // A sequence does not depend on those beside it.
        var small = examples.NewBatch(2);
        examples.Fill(5, 1, small);
        Assert.Equal(one.Tokens[..(2 * Length)], small.Tokens);
    }

    [Fact]
    public void TheBitsOfABatchStay()
    {
        var examples = Create(new() { WholeWords = true }, seed: 1337);
        var batch = examples.NewBatch(2);
        examples.Fill(12, 3, batch);
        Assert.Equal(
            "2 393 394 395 396 397 398 399 400 401 402 403 404 405 406 4 4 409 410 411 412 3 1903 1904"
            + " | 15 16 23 24 65 73 74 91 92 100 101 109 119 | 1 1",
            $"{string.Join(' ', batch.Tokens[..24])} | "
            + $"{string.Join(' ', batch.PredictedRows[..batch.Predictions])} | {string.Join(' ', batch.NextLabels)}");
    }

    [Fact]
    public void FillingAllocatesNothing()
    {
        var examples = Create(new() { WholeWords = true });
        var held = new HeldOutExamples(Of(50), Vocabulary, new(), Length);
        var (batch, other) = (examples.NewBatch(8), held.NewBatch(8));
        examples.Fill(0, 0, batch);
        held.Fill(0, other);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (uint step = 1; step < 50; step++)
        {
            examples.Fill(step, 0, batch);
            held.Fill(1, other);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void WhatIsLeftOfABatchIsPadding()
    {
        var examples = Create(new());
        var batch = examples.NewBatch(8);
        for (uint step = 0; step < 20; step++)
        {
            examples.Fill(step, 0, batch);
            Assert.Equal(8, batch.Sequences);
            Assert.All(batch.PredictedTokens[batch.Predictions..], static token => Assert.Equal(TokenWindow.Ignored, token));
            Assert.All(batch.PredictedRows[batch.Predictions..], static row => Assert.Equal(0, row));
            for (var row = 0; row < 8; row++)
            {
                Assert.All(batch.Tokens[((row * Length) + batch.Lengths[row])..((row + 1) * Length)], static token => Assert.Equal(0, token));
                Assert.All(batch.TokenTypes[((row * Length) + batch.Lengths[row])..((row + 1) * Length)], static type => Assert.Equal(0, type));
            }
        }
    }

    /// <summary>A sentence longer than a sequence loses tokens at both ends.</summary>
    [Fact]
    public void LongSentencesAreCutAtBothEnds()
    {
        var documents = PretrainingDocuments.FromTokens([[Enumerable.Range(5, 1000).ToArray()], [Enumerable.Range(2005, 1000).ToArray()]]);
        foreach (var nextSentence in (bool[])[true, false])
        {
            var beginnings = new HashSet<int>();
            foreach (var sequence in Sequences(new() { NextSentence = nextSentence }, 50, documents))
            {
                Assert.Equal(Length, sequence.Tokens.Length);
                AssertConsecutive(sequence.First);
                beginnings.Add(sequence.First[0] % 2000);
                // Nothing follows a document's only sentence.
                Assert.Equal(nextSentence ? 1 : 0, sequence.NextLabel);
                if (nextSentence)
                    Assert.Equal((31, 30), (sequence.First.Length, sequence.Second.Length));
            }

            // Half of some 950 are taken from the front.
            Assert.All(beginnings, static first => Assert.InRange(first, 400, 570));
            Assert.True(beginnings.Count > 20);
        }
    }

    [Fact]
    public void OneDocumentIsItsOwnOther()
    {
        var documents = PretrainingDocuments.FromTokens([[[5, 6], [7, 8], [9, 10]]]);
        Assert.All(Sequences(new(), 20, documents), static sequence => Assert.All(sequence.Second, static token => Assert.InRange(token, 5, 10)));
    }

    [Fact]
    public void UnknownWordsAreNotPredicted()
    {
        var documents = PretrainingDocuments.FromTokens([[[1, 1, 1], [1, 1]], [[1, 7, 1]]]);
        var examples = new MaskedExamples(documents, Vocabulary, new(), Length, 1);
        var batch = examples.NewBatch(8);
        for (uint step = 0; step < 20; step++)
        {
            examples.Fill(step, 0, batch);
            Assert.All(batch.PredictedTokens[..batch.Predictions], static token => Assert.Equal(7, token));
        }
    }

    [Fact]
    public void TheMostPredictionsBoundTheOthers()
    {
        Assert.Equal((20, 77), (new PretrainingOptions().PredictionsOf(128), new PretrainingOptions().PredictionsOf(512)));
        Assert.Equal(3, new PretrainingOptions { MaxPredictions = 3 }.PredictionsOf(128));
        Assert.All(Sequences(new() { MaxPredictions = 3, MaskingRate = 0.5 }, 50),
            static sequence => Assert.InRange(sequence.Positions.Length, 1, 3));
    }

    [Fact]
    public void WhatCannotBeDoneIsRefused()
    {
        Assert.Contains("between 0 and 1", Refused(new() { MaskingRate = 0 }));
        Assert.Contains("between 0 and 1", Refused(new() { MaskingRate = double.NaN }));
        Assert.Contains("from 0 to 1", Refused(new() { ShortSequences = 1.5 }));
        Assert.Contains("at least 1", Refused(new() { MaxPredictions = 0 }));
        Assert.Contains("TrainingOptions.Length of at least 5", Refused(new(), 4));
        Assert.Contains("TrainingOptions.Length of at least 3", Refused(new() { NextSentence = false }, 2));
        Assert.Contains("one sentence in the text, but a sequence needs two", Refused(new(), Length, PretrainingDocuments.FromTokens([[[5, 6, 7]]])));
        Assert.Contains("only special tokens", Assert.Throws<GptGenException>(() => new MaskingVocabulary(Special, new bool[5])).Message);
        Assert.Throws<ArgumentException>(() => Create(new()).Fill(0, 0, new MaskedBatch(1, Length, 1)));
    }

    [Fact]
    public void HeldOutSequencesAreTheWholeTextAlwaysInTheSameWay()
    {
        var documents = Of(50);
        var examples = new HeldOutExamples(documents, Vocabulary, new() { NextSentence = false }, Length);
        Assert.Equal(documents.TokenCount, Rows(examples, 8).Sum(static sequence => sequence.First.Length) + Cut(examples));
        // The batch's size changes no sequence.
        var again = new HeldOutExamples(documents, Vocabulary, new() { NextSentence = false }, Length);
        Assert.Equal(Rows(examples, 8).SelectMany(static sequence => sequence.Tokens), Rows(again, 3).SelectMany(static sequence => sequence.Tokens));
        var last = examples.NewBatch(8);
        examples.Fill(examples.BatchCount(8) - 1, last);
        Assert.Equal((examples.Count - 1) % 8 + 1, last.Sequences);
        Assert.All(last.Lengths[last.Sequences..], static length => Assert.Equal(0, length));
        Assert.Throws<ArgumentOutOfRangeException>(() => examples.Fill(examples.BatchCount(8), last));

        // Training never sees the same draws.
        var paired = new HeldOutExamples(documents, Vocabulary, new(), Length);
        Assert.InRange(Rows(paired, 8).Count(static sequence => sequence.NextLabel == 0), 1, paired.Count - 1);

        // What is beyond a sequence's length was in a sentence that did not fit.
        int Cut(HeldOutExamples held) => documents.TokenCount - Rows(held, 8).Sum(static sequence => sequence.First.Length);
    }

    private static IEnumerable<Sequence> Rows(HeldOutExamples examples, int size)
    {
        var batch = examples.NewBatch(size);
        for (var index = 0; index < examples.BatchCount(size); index++)
        {
            examples.Fill(index, batch);
            for (var row = 0; row < batch.Sequences; row++)
                yield return Row(batch, row);
        }
    }

    private static MaskedExamples Create(PretrainingOptions options, uint seed = 3, PretrainingDocuments? documents = null) =>
        new(documents ?? Of(50), Vocabulary, options, Length, seed);

    private static IEnumerable<Sequence> Sequences(PretrainingOptions options, uint steps, PretrainingDocuments? documents = null)
    {
        var examples = Create(options, documents: documents);
        var batch = examples.NewBatch(8);
        for (uint step = 0; step < steps; step++)
        {
            examples.Fill(step, 0, batch);
            for (var row = 0; row < 8; row++)
                yield return Row(batch, row);
        }
    }

    private static void AssertConsecutive(int[] tokens) =>
        Assert.All(tokens.Index().Skip(1), entry => Assert.Equal(tokens[entry.Index - 1] + 1, entry.Item));

    private static void AssertShare(int count, int total, double share)
    {
        var bound = 5 * Math.Sqrt(total * share * (1 - share));
        Assert.InRange(count, (total * share) - bound, (total * share) + bound);
    }

    private static void AssertSame(MaskedBatch one, MaskedBatch two)
    {
        Assert.Equal(one.Tokens, two.Tokens);
        Assert.Equal(one.TokenTypes, two.TokenTypes);
        Assert.Equal(one.Lengths, two.Lengths);
        Assert.Equal(one.NextLabels, two.NextLabels);
        Assert.Equal((one.Predictions, one.Sequences), (two.Predictions, two.Sequences));
        Assert.Equal(one.PredictedRows, two.PredictedRows);
        Assert.Equal(one.PredictedTokens, two.PredictedTokens);
    }

    private static string Refused(PretrainingOptions options, int length = Length, PretrainingDocuments? documents = null) =>
        Assert.Throws<GptGenException>(() => new MaskedExamples(documents ?? Of(5), Vocabulary, options, length, 1)).Message;
}
