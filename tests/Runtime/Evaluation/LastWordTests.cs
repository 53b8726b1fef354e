using GptGen.Evaluation;
using GptGen.Runtime.Tests.Models;
using GptGen.Text;
using Xunit;

namespace GptGen.Runtime.Tests.Evaluation;

public sealed class LastWordTests
{
    private static readonly Tokenizer s_gpt2 = BytePairTokenizer.Gpt2;

    [Theory]
    [InlineData("He saw the dog", "He saw the", " dog")]
    [InlineData("Two  words\n", "Two", " words")]
    [InlineData("\"Yes,\" said Ümit.", "\"Yes,\" said", " Ümit.")]
    public void APassageIsCutBeforeItsLastWord(string passage, string context, string word) =>
        Assert.Equal(new(context, word), LastWordExample.Of(passage));

    [Theory]
    [InlineData("")]
    [InlineData(" word ")]
    public void APassageNeedsTwoWords(string passage) => Assert.Null(LastWordExample.Of(passage));

    /// <summary>After any context: " the" is most probable, then " dog", then " otter" in two tokens of which neither is.</summary>
    [Fact]
    public void WordsByHand()
    {
        var (the, dog) = (s_gpt2.Encode(" the").Single(), s_gpt2.Encode(" dog").Single());
        var rare = s_gpt2.Encode(" gearwheel");
        Assert.True(rare.Length > 1);
        using var device = new CpuDevice(2);
        using var model = WordTiny.Create(device).WithLogits((the, 12), (dog, 11));
        var logSum = Math.Log(Math.Exp(12) + Math.Exp(11) + 50255);
        LastWordExample[] examples = [
            .. new[] { "A dog", "See the", "One two three gearwheel", "It was a dog" }.Select(static text => LastWordExample.Of(text)!)];
        var results = LastWordEvaluator.Evaluate(model, s_gpt2, examples, batch: 3, cancellation: TestContext.Current.CancellationToken).ToArray();
        Assert.Equal([false, true, false, false], results.Select(static result => result.IsCorrect));
        Assert.Equal([true, false, false, true], results.Select(static result => result.IsCorrectWithoutStopWords));
        double[] expected = [11 - logSum, 12 - logSum, -rare.Length * logSum, 11 - logSum];
        Assert.All(expected.Zip(results), static pair => Assert.Equal(pair.First, pair.Second.LogLikelihood, 1e-3));

        var unfiltered = LastWordEvaluator.Evaluate(model, s_gpt2, examples, 3, new HashSet<string>(), TestContext.Current.CancellationToken);
        Assert.All(unfiltered, static result => Assert.Equal(result.IsCorrect, result.IsCorrectWithoutStopWords));
    }

    /// <summary>Words of several tokens after contexts of several lengths, against single passes in float64. Bytes know no stop words.</summary>
    [Fact]
    public void WordsOfSeveralTokensAreReadOneByOne()
    {
        using var device = new CpuDevice(2);
        using var model = Variants.Create(nameof(OddUntied), device);
        using var reference = new Likelihood(nameof(OddUntied));
        var tokenizer = new Letters();
        LastWordExample[] examples = [new("ab", " c"), new("a", " bcd"), new("hijk", " lm"), new("abcdefghij", " klmno"), new("q", " r")];
        // A word that is right: greedily what the model itself writes after "a".
        int[] text = [.. tokenizer.Encode("a")];
        for (var i = 0; i < 2; i++)
            text = [.. text, reference.Best(text)];
        examples = [.. examples, new("a", tokenizer.Decode(text.AsSpan(1)))];
        var results = LastWordEvaluator.Evaluate(model, tokenizer, examples, batch: 2, cancellation: TestContext.Current.CancellationToken).ToArray();
        for (var example = 0; example < examples.Length; example++)
        {
            var expected = Continuation.Of(tokenizer, examples[example].Context, examples[example].Word, model.Description.Context);
            Assert.Equal(reference.Of(expected).Sum(), results[example].LogLikelihood, 1e-4);
            var first = expected.Tokens.Length - expected.Predicted;
            Assert.Equal(
                Enumerable.Range(first, expected.Predicted).All(at => reference.Best(expected.Tokens[..at]) == expected.Tokens[at]),
                results[example].IsCorrect);
        }

        Assert.True(results[^1].IsCorrect);
    }

    /// <summary>37 tokens, as the model has: space and letters, then others that stand for nothing readable.</summary>
    private sealed class Letters : Tokenizer
    {
        private static readonly byte[] s_bytes = [
            (byte)' ', .. Enumerable.Range('a', 26).Select(static value => (byte)value),
            .. Enumerable.Range(128, 10).Select(static value => (byte)value)];

        public override string Name => "letters";

        public override int VocabularySize => s_bytes.Length;

        public override void Encode(ReadOnlySpan<byte> utf8, List<int> tokens)
        {
            foreach (var value in utf8)
                tokens.Add(Math.Max(0, Array.IndexOf(s_bytes, value)));
        }

        public override ReadOnlySpan<byte> Bytes(int token) => s_bytes.AsSpan(token, 1);
    }
}
