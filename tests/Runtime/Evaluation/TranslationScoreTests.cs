using GptGen.Evaluation;
using Xunit;

namespace GptGen.Runtime.Tests.Evaluation;

/// <summary>BLEU and chrF by hand, and values that sacreBLEU publishes in its README and tests or gives.</summary>
public sealed class TranslationScoreTests
{
    private static readonly string[] s_hypotheses = ["The dog bit the man.", "It wasn't surprising.", "The man had just bitten him."];
    private static readonly string[] s_references = ["The dog bit the man.", "It was not unexpected.", "The man bit him first."];
    private static readonly string[] s_others = ["The dog had bit the man.", "No one was surprised.", "The man had bitten the dog."];

    [Fact]
    public void BleuIsTheSmoothedGeometricMeanTimesTheBrevityPenalty()
    {
        // Found: am, I, a, sequence of 6 words; "I am", "am a" of 5 pairs; "I am a" of 4; none of 3, which counts as half a match.
        var bleu = TranslationScore.Of(["am I am a character sequence"], ["I am a symbol string sequence a a"]).Bleu;
        Assert.Equal([4, 2, 1, 0], bleu.Matches);
        Assert.Equal([6, 5, 4, 3], bleu.Totals);
        Assert.Equal((6, 8), (bleu.HypothesisLength, bleu.ReferenceLength));
        Assert.Equal(Math.Exp(1 - (8.0 / 6)), bleu.BrevityPenalty, 1e-15);
        Assert.Equal(100 * Math.Exp(-1.0 / 3) * Math.Pow(4.0 / 6 * 2 / 5 * 1 / 4 * 0.5 / 3, 0.25), bleu.Score, 1e-12);
        Assert.Equal(23.263472697663296, bleu.Score, 1e-11);
    }

    [Fact]
    public void EachFurtherOrderWithoutMatchesCountsHalfAsMuch()
    {
        // 4 of 5 words, 2 of 4 pairs, none of 3, none of 2: 1/2 and 1/4 of a match.
        var bleu = TranslationScore.Of(["a b x c d"], ["a b y c d"]).Bleu;
        Assert.Equal([80.0, 50.0, 100.0 / 2 / 3, 100.0 / 4 / 2], bleu.Precisions, new Within(1e-12));
    }

    [Fact]
    public void AWordCountsAsOftenAsTheReferenceHasIt()
    {
        var bleu = TranslationScore.Of(["the the the the the"], ["the cat the"]).Bleu;
        Assert.Equal([2, 0, 0, 0], bleu.Matches);
    }

    [Fact]
    public void FewerThanFourWordsInAllHaveNoBleu()
    {
        var score = TranslationScore.Of(["one two three"], ["one two three"]);
        Assert.Equal(0, score.Bleu.Score);
        Assert.Equal([100.0, 100.0, 100.0, 0.0], score.Bleu.Precisions);
        Assert.Equal(100, score.Chrf.Score, 1e-12);
    }

    [Fact]
    public void NothingScoresNothing()
    {
        var score = TranslationScore.Of(["", "", ""], s_references, s_others);
        Assert.Equal((0.0, 0.0, 0.0), (score.Bleu.Score, score.Bleu.BrevityPenalty, score.Chrf.Score));
        Assert.Equal(0, TranslationScore.Of(["this is a test"], ["other words"]).Bleu.Score);
    }

    [Fact]
    public void SeveralReferencesGiveSacreBleusPublishedLines()
    {
        var score = TranslationScore.Of(s_hypotheses, s_references, s_others);
        Assert.Equal(48.530827, score.Bleu.Score, 1e-6);
        Assert.Equal(
            "BLEU|nrefs:2|case:mixed|eff:no|tok:13a|smooth:exp = 48.53 82.4/50.0/45.5/37.5 (BP = 0.943 ratio = 0.944 hyp_len = 17 ref_len = 18)",
            score.Bleu.ToString());
        Assert.Equal("chrF2|nrefs:2|case:mixed|eff:yes|nc:6|nw:0|space:no = 59.73", score.Chrf.ToString());
    }

    /// <summary>sacreBLEU 2.6 gave these.</summary>
    [Fact]
    public void OneReferenceGivesSacreBleusValues()
    {
        var score = TranslationScore.Of(s_hypotheses, s_references);
        Assert.Equal((45.06750632106114, 50.043063606582294), (score.Bleu.Score, score.Chrf.Score), new Pair(1e-10));
        score = TranslationScore.Of(
            [
                "Co nás nejvíc trápí, protože lékaři si vybírají, kdo bude žít a kdo zemře.",
                "Nebo prostě nemají vybavení, které by jim pomohlo, uvedli lékaři.",
                "Lapali po dechu, jejich životy skončily dřív, než skutečně začaly.",
            ],
            [
                "Nejvíce smutní jsme z toho, že musíme rozhodovat o tom, kdo bude žít a kdo zemře.",
                "A někdy nemáme ani potřebný materiál, abychom jim pomohli, popsali lékaři.",
                "Lapali po dechu a pak jejich život skončil - dřív, než skutečně mohl začít, připomněli.",
            ]);
        Assert.Equal((24.66242872148067, 43.03622941164886), (score.Bleu.Score, score.Chrf.Score), new Pair(1e-10));
        score = TranslationScore.Of(
            ["It costs $1,234.50 (or 5-10%)...  \"ok\"&amp;lt;b&gt; a/b 😀. 日本語,x\u00a0y\u3000z 3.-4 don't.", ""],
            ["It costs $1,234.5 (5-10 %). 'ok'<b> a/b 😀. 日本,x y z 3. - 4 don't.", "b"]);
        Assert.Equal((51.11744072566821, 64.7981256479135), (score.Bleu.Score, score.Chrf.Score), new Pair(1e-10));
    }

    [Fact]
    public void ChrfIsTheFScoreOfTheMeanPrecisionAndRecall()
    {
        // Of "ab" all is found, of "abcd" half the characters and a third of the pairs; runs of three are not in both.
        var chrf = TranslationScore.Of(["ab"], ["abcd"]).Chrf;
        var recall = ((1.0 / 2) + (1.0 / 3)) / 2;
        Assert.Equal((1, recall), (chrf.Precision, chrf.Recall), new Pair(1e-15));
        Assert.Equal(100 * 5 * recall / (4 + recall), chrf.Score, 1e-12);
    }

    /// <summary>From sacreBLEU's tests of the effective order, where precision and recall are equal.</summary>
    [Theory]
    [InlineData("a", "a", 100)]
    [InlineData("", "reference", 0)]
    [InlineData("a b c", "abc", 100)]
    [InlineData("aa", "ab", 25)]
    [InlineData("a|b", "a|c", 50)]
    public void ChrfLeavesOutWhiteSpaceAndOrdersThatNoTextHas(string hypotheses, string references, double expected) =>
        Assert.Equal(expected, TranslationScore.Of(hypotheses.Split('|'), references.Split('|')).Chrf.Score, 1e-12);

    /// <summary>sacreBLEU's tokenisation 13a of the same texts.</summary>
    [Theory]
    [InlineData("a-\nb c\nd <skipped>e-\n  ", "ab c d e-")]
    [InlineData("..,, .5 5. 5.5 a.b a,5 5,a -5 5-5- x-5", ". . , , . 5 5 . 5.5 a . b a , 5 5 , a -5 5 - 5 - x-5")]
    [InlineData("`{~|}^_[\\]@?=:;<>!#$%&'()*+/", "` { ~ | } ^ _ [ \\ ] @ ? = : ; < > ! # $ % & ' ( ) * + /")]
    [InlineData(
        "It costs $1,234.50 (or 5-10%)...  \"ok\"&amp;lt;b&gt; a/b 😀. 日本語,x\u00a0y\u3000z 3.-4 don't.",
        "It costs $ 1,234.50 ( or 5 - 10 % ) . . . \" ok \" < b > a / b 😀 . 日本語 , x y z 3 . -4 don't .")]
    public void WordsAreThoseOf13A(string text, string words) => Assert.Equal(words.Split(' '), BleuWords.Split(text));

    [Fact]
    public void SentencesWithoutReferencesAreRefused()
    {
        Assert.Equal(
            "2 translations cannot be compared with 1 references: give one for each sentence.",
            Assert.Throws<GptGenException>(static () => TranslationScore.Of(["a", "b"], ["a"])).Message);
        Assert.Throws<GptGenException>(static () => TranslationScore.Of(["a"]));
        Assert.Throws<GptGenException>(static () => TranslationScore.Of([], [Array.Empty<string>()]));
    }

    private sealed class Within(double tolerance) : IEqualityComparer<double>
    {
        public bool Equals(double x, double y) => Math.Abs(x - y) <= tolerance;

        public int GetHashCode(double value) => 0;
    }

    private sealed class Pair(double tolerance) : IEqualityComparer<(double, double)>
    {
        public bool Equals((double, double) x, (double, double) y) =>
            Math.Abs(x.Item1 - y.Item1) <= tolerance && Math.Abs(x.Item2 - y.Item2) <= tolerance;

        public int GetHashCode((double, double) value) => 0;
    }
}
