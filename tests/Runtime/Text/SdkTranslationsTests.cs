using GptGen.Text;
using Xunit;

namespace GptGen.Runtime.Tests.Text;

public class SdkTranslationsTests
{
    [Theory]
    [InlineData("de")]
    [InlineData("pt-BR")]
    public void TheInstalledSdkGivesTheSameThousandsOfPairsEachTime(string language)
    {
        Assert.SkipUnless(HasTranslations, "No .NET SDK with translated texts is installed.");
        var pairs = SdkTranslations.Load(language);
        Assert.InRange(pairs.Count, 5_000, 100_000);
        Assert.Equal(pairs, SdkTranslations.Load(language));
        Assert.Equal(pairs.Count, pairs.Select(static pair => pair.English).Distinct(StringComparer.Ordinal).Count());
        Assert.All(pairs, static pair =>
        {
            Assert.NotEqual(pair.English, pair.Translation);
            Assert.All([pair.English, pair.Translation], static text => Assert.True(text.Any(char.IsLetter) && !text.Any(char.IsControl), text));
        });
    }

    [Fact]
    public void AnUnknownLanguageIsAnsweredByThoseThatThereAre()
    {
        Assert.SkipUnless(HasTranslations, "No .NET SDK with translated texts is installed.");
        var message = Assert.Throws<GptGenException>(static () => SdkTranslations.Load("xx")).Message;
        Assert.Contains("no texts in 'xx': take one of ", message);
        Assert.Contains("de, ", message);
    }

    [Fact]
    public void WithoutAnSdkTheMessageSaysWhereItWasLookedFor()
    {
        using var folder = new TemporaryFolder();
        var message = Assert.Throws<GptGenException>(() => SdkTranslations.Load([folder.Path], "de")).Message;
        Assert.Contains(folder.Path, message);
        Assert.Contains("install an SDK", message);
    }

    internal static bool HasTranslations =>
        SdkLocator.Installations().Any(static root => Directory.Exists(Path.Combine(root, "sdk"))
            && Directory.EnumerateFiles(Path.Combine(root, "sdk"), "*.resources.dll", SearchOption.AllDirectories).Any());
}
