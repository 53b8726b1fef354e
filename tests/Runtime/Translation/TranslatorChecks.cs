using GptGen.Generation;
using GptGen.Translation;
using Xunit;

namespace GptGen.Runtime.Tests.Translation;

/// <summary>What a translator must do with a model that has learned its pairs by heart.</summary>
internal static class TranslatorChecks
{
    public static void Learned(Translator translator, PairData data)
    {
        string[] sources = [.. data.Texts.Select(static pair => pair.Source)], targets = [.. data.Texts.Select(static pair => pair.Target)];
        foreach (var beams in new[] { 1, 3 })
        {
            var options = new BeamOptions { Beams = beams, Best = beams, Tokens = 12 };
            var together = translator.Translate(sources, options);
            Assert.Equal(targets, together.Select(static found => found[0].Text));
            Assert.All(together, static found => Assert.True(found[0].IsEnded));
            Assert.All(together, static found => Assert.Equal(found.OrderByDescending(static text => text.Score), found));
            for (var index = 0; index < sources.Length; index++)
                Same(together[index], translator.Translate([sources[index]], options)[0]);
            var inThrees = translator.Translate(sources, options, batch: 3);
            for (var index = 0; index < sources.Length; index++)
                Same(together[index], inThrees[index]);
        }

        Assert.Empty(translator.Translate([], new()));
        Assert.Contains("Text 2 to translate is empty", Assert.Throws<GptGenException>(() => translator.Translate(["one", ""], new())).Message);
        Assert.Contains(
            $"Text 1 to translate has 200 tokens, but the model reads {translator.MostSourceTokens}",
            Assert.Throws<GptGenException>(() => translator.Translate([new('x', 200)], new())).Message);
    }

    /// <summary>The same texts; scores differ by what batches of other sizes round otherwise.</summary>
    private static void Same(IReadOnlyList<BeamText> one, IReadOnlyList<BeamText> other)
    {
        Assert.Equal(one[0].Text, other[0].Text);
        Assert.Equal(one.Count, other.Count);
        for (var rank = 0; rank < one.Count; rank++)
            Assert.Equal(one[rank].LogProbability, other[rank].LogProbability, 1e-3);
    }
}
