using GptGen.Text;
using Xunit;

namespace GptGen.Runtime.Tests.Text;

public class WordListTests
{
    private static readonly WordList Words = new(TextCorpus.FromText("a text", "The cat's naïve tail: 2nd-best 𝒳𝒴!"));

    [Fact]
    public void WordsAreLongestRunsOfLetters() => Assert.Equal(8, Words.Count); // The, cat, s, naïve, tail, nd, best, 𝒳𝒴

    [Theory]
    [InlineData("The tail.", 2, 2)]
    [InlineData("the tail.", 2, 1)]
    [InlineData("The The dog ", 3, 2)]
    [InlineData("The ta", 1, 1)]
    [InlineData("naïve 𝒳𝒴 𝒳.", 3, 2)]
    [InlineData("\uD835 best\uD835", 1, 1)]
    [InlineData("12 + 3", 0, 0)]
    [InlineData("", 0, 0)]
    [InlineData("cat", 0, 0)]
    public void AWordThatTouchesTheEndDoesNotCount(string text, int words, int known) => Assert.Equal((words, known), Words.Check(text));
}
