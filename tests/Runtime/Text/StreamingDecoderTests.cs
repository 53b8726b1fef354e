using GptGen.Text;
using Xunit;

namespace GptGen.Runtime.Tests.Text;

public class StreamingDecoderTests
{
    [Fact]
    public void CharactersComeWholeWhenFedByteByByte()
    {
        const string Text = "aé中😀👩‍👩‍👧z";
        var decoder = new StreamingDecoder(ByteTokenizer.Instance);
        var parts = ByteTokenizer.Instance.Encode(Text).Select(decoder.Append).ToList();
        Assert.Equal(["a", "", "é", "", "", "中", "", "", "", "😀"], parts[..10]);
        Assert.Equal(Text, string.Concat(parts));
        Assert.All(parts, part => Assert.DoesNotContain('\uFFFD', part));
        Assert.Equal("", decoder.Finish());
    }

    [Theory]
    [InlineData("gpt2")]
    [InlineData("bytes")]
    public void PartsAddUpToTheWholeText(string name)
    {
        var tokenizer = Tokenizer.Open(name);
        var text = SampleTexts.Mixed(1, 500) + SampleTexts.AnyRunes(2, 500);
        var decoder = new StreamingDecoder(tokenizer, "certainly absent", "\n\nnor this");
        Assert.Equal(text, string.Concat(tokenizer.Encode(text).Select(decoder.Append)) + decoder.Finish());
    }

    [Theory]
    [InlineData(new byte[] { 0xF0, 0x9F, 0x98 }, "\uFFFD")]
    [InlineData(new byte[] { 0xF0, 0x9F, 0x61 }, "\uFFFDa")]
    [InlineData(new byte[] { 0x80, 0xC3, 0xC3, 0xA9 }, "\uFFFD\uFFFDé")]
    [InlineData(new byte[] { 0x61, 0xFF, 0x62 }, "a\uFFFDb")]
    public void InvalidBytesBecomeReplacementCharacters(byte[] bytes, string expected)
    {
        var decoder = new StreamingDecoder(ByteTokenizer.Instance);
        Assert.Equal(expected, string.Concat(bytes.Select(value => decoder.Append(value))) + decoder.Finish());
    }

    [Fact]
    public void StopStringsEndTheTextAndAreNotGivenOut()
    {
        var decoder = new StreamingDecoder(ByteTokenizer.Instance, "\nUser:", "END");
        var parts = ByteTokenizer.Instance.Encode("Hi\nUse\nUser: more").Select(decoder.Append).ToList();
        Assert.Equal("Hi\nUse", string.Concat(parts));
        Assert.Equal(["H", "i", "", "", "", "", "\nUse"], parts[..7]);
        Assert.True(decoder.Stopped);
        Assert.Equal("", decoder.Append('x'));
        Assert.Equal("", decoder.Finish());
    }

    [Fact]
    public void OverlappingBeginningsOfAStopAreFollowed()
    {
        var decoder = new StreamingDecoder(ByteTokenizer.Instance, "aab");
        Assert.Equal("xaaa", string.Concat(ByteTokenizer.Instance.Encode("xaaaaab").Select(decoder.Append)));
        Assert.True(decoder.Stopped);
    }

    [Fact]
    public void HeldBackTextComesAtTheEnd()
    {
        var decoder = new StreamingDecoder(ByteTokenizer.Instance, "STOP");
        Assert.Equal("x", string.Concat(ByteTokenizer.Instance.Encode("xSTO").Select(decoder.Append)));
        Assert.Equal("STO", decoder.Finish());
        Assert.False(decoder.Stopped);
    }

    [Fact]
    public void TheEarliestStopInOneTokenCounts()
    {
        var token = Assert.Single(BytePairTokenizer.Gpt2.Encode(" international"));
        var decoder = new StreamingDecoder(BytePairTokenizer.Gpt2, "nation", "ter");
        Assert.Equal(" in", decoder.Append(token));
        Assert.True(decoder.Stopped);
    }

    [Fact]
    public void EmptyStopsAreRefused() => Assert.Throws<GptGenException>(() => new StreamingDecoder(ByteTokenizer.Instance, ""));
}
