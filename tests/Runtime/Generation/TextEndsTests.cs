using GptGen.Generation;
using Xunit;

namespace GptGen.Runtime.Tests.Generation;

public sealed class TextEndsTests
{
    /// <summary>The bar is where the sentences asked for end.</summary>
    [Theory]
    [InlineData(1, "One.| Two.")]
    [InlineData(2, "One. Two!| Three? Four.")]
    [InlineData(3, "One. Two! Three?| Four.")]
    [InlineData(1, "Pi is 3.14, e.g. for circles.| And so on.")]
    [InlineData(1, "He said \"No!\"| She left.")]
    [InlineData(1, "He said (really?!).| She left.")]
    [InlineData(1, "Wait ... what?| Yes.")]
    [InlineData(1, "Version 2.0.1 is out.|\n\nNext")]
    [InlineData(2, "これは文です。次の文です。|三つ目")]
    [InlineData(1, "Ende.| Über alles.")]
    [InlineData(1, "Done.| 𝐗 follows.")]
    public void SentencesEnd(int count, string text)
    {
        var whole = text.Replace("|", "");
        Assert.Equal(text.IndexOf('|'), TextEnds.Sentences(whole, count, isWhole: false));
        Assert.Equal(text.IndexOf('|'), TextEnds.Sentences(whole, count, isWhole: true));
    }

    [Theory]
    [InlineData("")]
    [InlineData("No end")]
    [InlineData("Perhaps.")]
    [InlineData("Perhaps. ")]
    [InlineData("Perhaps.\" ")]
    public void ATextThatMayGrowOnHasNoCertainEnd(string text) => Assert.Equal(-1, TextEnds.Sentences(text, 1, isWhole: false));

    [Fact]
    public void AWholeTextsLastSentenceEnds()
    {
        Assert.Equal(8, TextEnds.Sentences("Perhaps. ", 1, isWhole: true));
        Assert.Equal(-1, TextEnds.Sentences("One. Two", 2, isWhole: true));
        Assert.Equal(
            (3, -1, 7),
            (TextEnds.Line("One\ntwo", isWhole: false), TextEnds.Line("One two", isWhole: false), TextEnds.Line("One two", isWhole: true)));
    }
}
