using GptGen.Generation;
using GptGen.Runtime.Tests.Models;
using GptGen.Sampling;
using GptGen.Text;
using Xunit;

namespace GptGen.Runtime.Tests.Generation;

public sealed class ZeroShotTests : IDisposable
{
    private readonly CpuDevice device = new(2);
    private readonly Gpt2Tiny model;
    private readonly TextGenerator generator;

    public ZeroShotTests()
    {
        model = Gpt2Tiny.Create(device);
        model.Initialize(seed: 3);
        var weights = new float[model.Parameters.Elements];
        model.Parameters.Read(0, weights);
        model.Parameters.Write(0, Array.ConvertAll(weights, static weight => 5 * weight));
        generator = new(model, ByteTokenizer.Instance);
    }

    public void Dispose()
    {
        model.Dispose();
        device.Dispose();
    }

    [Fact]
    public void PromptsToTheLetter()
    {
        Assert.Equal("It was.", ZeroShotPrompts.Article("It was. \n\n"));
        Assert.Equal("\nTL;DR:", ZeroShotPrompts.SummaryEnding);
        Assert.Equal(
            ["sea otter = loutre de mer\n", "a b = c d\n"],
            ZeroShotPrompts.TranslationLines([new("sea otter", " loutre de mer\n"), new("a\nb", "c d")]));
        Assert.Equal("cheese =", ZeroShotPrompts.TranslationEnding(" cheese\n"));
        Assert.Equal("\nQ: Who?\nA:", ZeroShotPrompts.QuestionEnding([], "Who?"));
        Assert.Equal("\nQ: When?\nA: Now.\nQ: Who?\nA:", ZeroShotPrompts.QuestionEnding([new("When?", "Now.")], " Who?\n"));
    }

    /// <summary>Each task writes what the model writes after the prompt spelled out.</summary>
    [Fact]
    public void TasksContinueTheirPrompts()
    {
        var zeroShot = new ZeroShot(generator);
        Assert.Equal(Expected("It was.\nTL;DR:", new() { TopK = 2, Seed = 9 }), zeroShot.Summarize("It was.\n", 40, seed: 9).Text);
        Assert.Equal(FirstLine(Expected("a = b\nc =", SamplingOptions.Greedy)), zeroShot.Translate([new("a", "b")], "c", 40).Text);
        Assert.Equal(
            FirstLine(Expected("Text.\nQ: a\nA: b\nQ: c\nA:", SamplingOptions.Greedy)), zeroShot.Answer("Text.", [new("a", "b")], "c", 40).Text);
    }

    /// <summary>A model that writes one character without end: white space alone is no answer.</summary>
    [Theory]
    [InlineData('.', "....................")]
    [InlineData('\n', "")]
    public void WhiteSpaceIsNoAnswer(char character, string expected)
    {
        model.WithLogits((character, 30));
        Assert.Equal(expected, new ZeroShot(generator).Answer("Text.", [], "Who?", 20).Text);
        Assert.Equal(expected, new ZeroShot(generator).Summarize("Text.", 20).Text);
    }

    [Fact]
    public void AnArticleThatIsTooLongLosesItsBeginning()
    {
        // 64 positions, 40 to write: half of the context remains for the prompt, 25 of it for the article.
        var written = new ZeroShot(generator).Summarize(string.Concat(Enumerable.Range(10, 50)), 40, seed: 1);
        Assert.Equal(75, written.CutTokens);
        Assert.Equal(Expected("7484950515253545556575859"[^25..] + "\nTL;DR:", new() { TopK = 2, Seed = 1 }), written.Text);
    }

    [Fact]
    public void CharactersAreNotCutInTwo()
    {
        var prompt = FittedPrompt.Cut(ByteTokenizer.Instance, "aé漢字", "!", room: 5);
        Assert.Equal("字!", ByteTokenizer.Instance.Decode(prompt.Tokens));
        Assert.Equal(6, prompt.CutTokens);
        Assert.Equal("!", ByteTokenizer.Instance.Decode(FittedPrompt.Cut(ByteTokenizer.Instance, "字", "!", room: 2).Tokens));
        Assert.Equal("aé漢字!", ByteTokenizer.Instance.Decode(FittedPrompt.Cut(ByteTokenizer.Instance, "aé漢字", "!", room: 10).Tokens));
    }

    [Fact]
    public void ExamplesAreLeftOutWhole()
    {
        var prompt = FittedPrompt.LeaveOut(ByteTokenizer.Instance, ["a = b\n", "c = d\n", "e = f\n"], "g =", room: 16);
        Assert.Equal("c = d\ne = f\ng =", ByteTokenizer.Instance.Decode(prompt.Tokens));
        Assert.Equal(6, prompt.CutTokens);
        Assert.Contains(
            "must stay whole has 3 tokens",
            Assert.Throws<GptGenException>(() => FittedPrompt.LeaveOut(ByteTokenizer.Instance, [], "g =", room: 2)).Message);
    }

    [Fact]
    public void NothingToWorkOnIsRefused()
    {
        var zeroShot = new ZeroShot(generator);
        Assert.Contains("article is empty", Assert.Throws<GptGenException>(() => zeroShot.Summarize(" \n")).Message);
        Assert.Contains("text to translate is empty", Assert.Throws<GptGenException>(() => zeroShot.Translate([], "")).Message);
        Assert.Contains("question is empty", Assert.Throws<GptGenException>(() => zeroShot.Answer("Text.", [], " ")).Message);
        Assert.Contains("document is empty", Assert.Throws<GptGenException>(() => zeroShot.Answer("", [], "Who?")).Message);
    }

    private string Expected(string prompt, SamplingOptions sampling) =>
        string.Concat(
            generator.Generate(prompt, new() { Tokens = 40, Sampling = sampling }, TestContext.Current.CancellationToken)
                .Select(static piece => piece.Text)).Trim();

    private static string FirstLine(string text) => text.Split('\n')[0].TrimEnd();
}
