using System.Globalization;
using System.Text;
using GptGen.Text;
using Xunit;

namespace GptGen.Runtime.Tests.Text;

/// <summary>Expected numbers are those of Hugging Face's tokenizers 0.22.2 for the same vocabulary.</summary>
public sealed class WordPieceTokenizerTests : IDisposable
{
    private const string Uncased = """{"do_lower_case": true}""";
    private const string Cased = """{"do_lower_case": false}""";
    private const string LowerWithAccents = """{"do_lower_case": true, "strip_accents": false}""";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("", "", "", "")]
    [InlineData(" \t\n", "", "", "")]
    [InlineData("hello", "17", "17", "17")]
    [InlineData("Hello, World!", "17 39 37 38", "32 39 1 38", "17 39 37 38")]
    [InlineData("The walking unaffable", "16 27 26 29 20 30 31", "1 27 26 29 20 30 31", "16 27 26 29 20 30 31")]
    [InlineData("Café CAFÉ cafe\u0301", "34 34 34", "1 1 1", "35 35 1")]
    [InlineData("É é", "7 7", "33 1", "1 1")]
    [InlineData("中文a中", "51 52 5 51", "51 52 5 51", "51 52 5 51")]
    [InlineData("don't [MASK] [mask] [SEP]", "44 41 15 4 48 50 49 3", "44 41 15 4 48 50 49 3", "44 41 15 4 48 50 49 3")]
    [InlineData("$<=> a≠b", "45 46 47 1 5 47 6", "45 46 47 1 1", "45 46 47 1 1")]
    [InlineData("a\0b\u200Bt \uFFFDhe\u00ADllo", "1 17", "1 17", "1 17")]
    [InlineData("한 하", "55 56 57 55 56", "1 1", "1 1")]
    [InlineData("İ", "9", "1", "58")]
    [InlineData("ΣΣ σσ", "59 60 59 60", "1 59 60", "59 60 59 60")]
    [InlineData("😀 😀😀", "61 1", "61 1", "61 1")]
    [InlineData("he\u00A0llo\u2003the\u3000", "18 11 22 23 16", "18 11 22 23 16", "18 11 22 23 16")]
    [InlineData("walk-ed", "27 43 1", "27 43 1", "27 43 1")]
    [InlineData("unknownword hello", "1 17", "1 17", "1 17")]
    [InlineData("ﬀ a\u0378 🤣", "1 1 1", "1 1 1", "1 1 1")]
    public void NumbersAreHuggingFaces(string text, string uncased, string cased, string lower)
    {
        Assert.Equal(uncased, Encode(Uncased, text));
        Assert.Equal(cased, Encode(Cased, text));
        Assert.Equal(lower, Encode(LowerWithAccents, text));
    }

    [Fact]
    public void AWordOfMoreThanAHundredCharactersIsUnknown()
    {
        var tokenizer = SampleWordPieces.Open(_folder, Uncased);
        Assert.Equal([5, .. Enumerable.Repeat(20, 99)], tokenizer.Encode(new string('a', 100)));
        Assert.Equal([1], tokenizer.Encode(new string('a', 101)));
        // Characters count, not the units of UTF-16.
        var (names, text) = (SampleWordPieces.Lines + "##😀\n", string.Concat(Enumerable.Repeat("😀", 100)));
        tokenizer = SampleWordPieces.Open(_folder, Uncased, names);
        Assert.Equal(100, tokenizer.Encode(text).Length);
        Assert.Equal([1], tokenizer.Encode(text + "😀"));
    }

    [Theory]
    [InlineData("hello world", "7592 2088")]
    [InlineData("The quick brown fox jumps over the lazy dog.", "1996 4248 2829 4419 14523 2058 1996 13971 3899 1012")]
    [InlineData("unaffable", "14477 20961 3468")]
    [InlineData("Replace me by any text you'd like.", "5672 2033 2011 2151 3793 2017 1005 1040 2066 1012")]
    [InlineData("Café naïve ÀÉÎ", "7668 15743 29347 2072")]
    [InlineData("don't stop... it's", "2123 1005 1056 2644 1012 1012 1012 2009 1005 1055")]
    [InlineData("中国很好 hello世界", "1746 1799 100 100 7592 1745 100")]
    [InlineData("한국어 조선", "1469 30006 30021 29991 30014 30020 29999 30008 1464 30011 29997 30008 30021")]
    [InlineData("日本語 が ガ", "1864 1876 1950 1651 1700")]
    [InlineData("😀 🤣 ok🎉", "100 100 100")]
    [InlineData("3.14$ +1 <tag> a^b `c` ~", "1017 1012 2403 1002 1009 1015 1026 6415 1028 1037 1034 1038 1036 1039 1036 1066")]
    [InlineData("tokenization of antidisestablishmentarianism", "19204 3989 1997 3424 10521 4355 7875 13602 3672 12199 2964")]
    [InlineData("हिन्दी", "1339 29877 29863 29861 29878")]
    [InlineData("the [MASK] sat", "1996 103 2938")]
    public void NumbersOfBertsOwnVocabularyAreHuggingFaces(string text, string numbers)
    {
        var tokenizer = OpenBerts();
        Assert.Equal(30522, tokenizer.VocabularySize);
        Assert.Equal(new MaskedTokens(0, 100, 101, 102, 103), tokenizer.Masked);
        Assert.Equal(numbers, string.Join(' ', tokenizer.EncodePrompt(text)));
    }

    [Fact]
    public void AnyTextHasHuggingFacesTokensAndText()
    {
        HuggingFaceTokenizer.SkipWhereItDoesNotRun();
        foreach (var (lowercase, strips) in (ReadOnlySpan<(bool, bool?)>)[(true, null), (false, null), (true, false), (false, true)])
        {
            var names = MiniLM.Names.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
            var path = _folder.Write("tokenizer.json", SampleVocabulary.Text(SampleWordPieces.Root(lowercase, strips, names)));
            _folder.Write("tokenizer_config.json", """{"clean_up_tokenization_spaces": false}""");
            var (ours, theirs) = (WordPieceTokenizer.FromFolder(_folder.Path), new HuggingFaceTokenizer(path));
            for (var seed = 0; seed < 2500; seed++)
            {
                var text = seed % 2 == 0 ? SampleTexts.Mixed(seed, 40) : SampleTexts.AnyRunes(seed, 40);
                var sequence = ours.EncodePair(text).Tokens;
                Assert.Equal(theirs.Encode(text), sequence);
                if (seed % 5 == 0)
                    Assert.Equal(theirs.Decode(sequence), ours.Decode(sequence, skipsSpecial: true));
            }
        }
    }

    /// <summary>Each character within a word: what becomes of it, and whether the word is cut there.</summary>
    [Fact]
    public void EveryCharacterIsWhatItIsForHuggingFace()
    {
        HuggingFaceTokenizer.SkipWhereItDoesNotRun();
        List<string> names = ["[UNK]", "[PAD]", "x", "##x"];
        // Planes 0 to 2 have all that is no plain letter, but for private use and tags.
        List<Rune> characters = [.. Enumerable.Range(1, 0x1FFFF).Concat(Enumerable.Range(0x2B700, 0x1800)).Concat(Enumerable.Range(0x2F800, 0x220))
            .Concat(Enumerable.Range(0xE0000, 0x200)).Where(Rune.IsValid).Select(static value => new Rune(value))];
        names.AddRange(
            characters.Where(static character => character.Value != 'x')
                .SelectMany(static character => (string[])[character.ToString(), "##" + character]));
        // Decompositions of compatibility ideographs beyond those planes.
        names.AddRange(Enumerable.Range(0x20000, 0xA6E0).SelectMany(static value => (string[])[new Rune(value).ToString(), "##" + new Rune(value)]));
        var path = _folder.Write("tokenizer.json", SampleVocabulary.Text(Bare(names)));
        var (ours, theirs) = (WordPieceTokenizer.FromFolder(_folder.Path), new HuggingFaceTokenizer(path));
        var (wrong, compared) = (new List<string>(), 0);
        foreach (var character in characters)
        {
            // Lower case of what was assigned later than this .NET's Unicode.
            if (Rune.GetUnicodeCategory(character) == UnicodeCategory.OtherNotAssigned)
                continue;
            compared++;
            var text = $"x{character}x";
            if (!ours.Encode(text).AsSpan().SequenceEqual(theirs.Encode(text)))
                wrong.Add($"U+{character.Value:X4}");
        }

        Assert.Equal("", string.Join(' ', wrong.Take(20)));
        Assert.True(compared > 80_000);
    }

    /// <summary>The published algorithm once more, on strings: the longest piece that is a token, from the left.</summary>
    [Fact]
    public void AnyTextHasTheTokensOfTheAlgorithmWordByWord()
    {
        var tokenizer = SampleWordPieces.Open(_folder, Uncased);
        var random = new Random(5);
        for (var index = 0; index < 10_000; index++)
        {
            var text = index % 2 == 0
                ? SampleTexts.AnyRunes(index, 20)
                : string.Concat(Enumerable.Range(0, 12).Select(_ => Piece() + (random.Next(3) == 0 ? " " : "")));
            var expected = BasicWords.Of(text, WordRules.Uncased).SelectMany(Naive).ToArray();
            Assert.Equal(expected, tokenizer.Encode(text));
        }

        string Piece() => SampleWordPieces.Names[random.Next(5, SampleWordPieces.Names.Length)].Replace("##", "");

        static List<int> Naive(string word)
        {
            List<int> tokens = [];
            for (var start = 0; start < word.Length;)
            {
                var end = word.Length;
                while (end > start && SampleWordPieces.Number((start > 0 ? "##" : "") + word[start..end]) < 0)
                    end--;
                if (end == start || word.Length > 200)
                    return [1];
                tokens.Add(SampleWordPieces.Number((start > 0 ? "##" : "") + word[start..end]));
                start = end;
            }

            return tokens;
        }
    }

    [Theory]
    [InlineData("hello, world! don't the - walking?", "hello, world! don't the - walking?")]
    [InlineData("[CLS] hello [SEP]", "[CLS] hello [SEP]")]
    [InlineData("the hello's 'a'", "the hello's'a '")]
    public void TextIsJoinedAsHuggingFaceDoes(string text, string decoded)
    {
        var tokenizer = SampleWordPieces.Open(_folder, Uncased);
        Assert.Equal(decoded, tokenizer.Decode(tokenizer.EncodePrompt(text)));
    }

    [Fact]
    public void PiecesAndSpecialTokensAreDecodedAsTheyStand()
    {
        var tokenizer = SampleWordPieces.Open(_folder, Uncased);
        Assert.Equal("hello = [UNK] < 文", tokenizer.Decode([17, 47, 1, 46, 52]));
        Assert.Equal("##llo hello", tokenizer.Decode([19, 17]));
        Assert.Equal("helloa h", tokenizer.Decode([2, 17, 20, 8, 4, 3], skipsSpecial: true));
        Assert.Equal("", tokenizer.Decode([]));
        Assert.Contains("Token 62 does not exist", Assert.Throws<GptGenException>(() => tokenizer.Decode([62])).Message);
        Assert.Contains("Token -1 does not exist", Assert.Throws<GptGenException>(() => tokenizer.Decode([-1])).Message);
        // A marked contraction loses its spaces only where the configuration does not forbid it.
        Assert.Equal("don't", tokenizer.Decode(tokenizer.Encode("don't")));
        tokenizer = SampleWordPieces.Open(_folder, """{"do_lower_case": true, "clean_up_tokenization_spaces": false}""");
        Assert.Equal("don ' t.", tokenizer.Decode(tokenizer.Encode("don't.")));
    }

    [Fact]
    public void TokensArriveAsTextOneByOne()
    {
        var tokenizer = SampleWordPieces.Open(_folder, Uncased);
        var decoder = new StreamingDecoder(tokenizer);
        Assert.Equal(" hello, walking", string.Concat(tokenizer.Encode("Hello, walking").Select(decoder.Append)) + decoder.Finish());
    }

    /// <summary>What decodes to itself comes back as the same tokens, whatever it was.</summary>
    [Fact]
    public void TextOfKnownWordsRoundTrips()
    {
        var tokenizer = OpenBerts();
        foreach (var text in (string[])["the cat sat on the mat.", "who are you?", "numbers like 1 and 22, and words", "中 国 hello"])
        {
            Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text)));
            Assert.Equal(text, tokenizer.Decode(tokenizer.EncodePair(text).Tokens, skipsSpecial: true));
        }

        var random = new Random(3);
        for (var index = 0; index < 2000; index++)
        {
            // Words that begin with a letter and their continuations: no punctuation that clean-up would move.
            var tokens = new List<int>();
            while (tokens.Count < 10)
            {
                var token = random.Next(1996, tokenizer.VocabularySize);
                if (!tokenizer.IsContinuation(token) && tokenizer.Decode([token]) is var word && word.All(char.IsAsciiLetter))
                    tokens.AddRange(tokenizer.Encode(word));
            }

            Assert.Equal(tokens, tokenizer.Encode(tokenizer.Decode([.. tokens])));
        }
    }

    [Fact]
    public void NamesOfSpecialTokensAreTextButInPrompts()
    {
        var tokenizer = SampleWordPieces.Open(_folder, Uncased);
        Assert.Equal([48, 50, 49], tokenizer.Encode("[MASK]"));
        Assert.Equal([16, 4, 18], tokenizer.EncodePrompt("the[MASK]he"));
        Assert.Null(tokenizer.EndOfText);
    }

    [Fact]
    public void ContinuationsAreTold()
    {
        var tokenizer = SampleWordPieces.Open(_folder, Uncased);
        for (var token = 0; token < SampleWordPieces.Names.Length; token++)
            Assert.Equal(SampleWordPieces.Names[token].StartsWith("##", StringComparison.Ordinal), tokenizer.IsContinuation(token));
        Assert.False(tokenizer.IsContinuation(-1) || tokenizer.IsContinuation(62));
    }

    /// <summary>The lengths to which Hugging Face's library cuts pairs (<c>longest_first</c>) for at most 7.</summary>
    [Theory]
    [InlineData(0, 0, 0, 0)]
    [InlineData(0, 8, 0, 7)]
    [InlineData(2, 4, 2, 4)]
    [InlineData(2, 8, 2, 5)]
    [InlineData(4, 4, 3, 4)]
    [InlineData(4, 8, 3, 4)]
    [InlineData(8, 0, 7, 0)]
    [InlineData(8, 2, 5, 2)]
    [InlineData(8, 4, 4, 3)]
    [InlineData(8, 8, 3, 4)]
    public void TheLongerOfTwoTextsIsCutFirst(int first, int second, int keptFirst, int keptSecond)
    {
        var tokenizer = SampleWordPieces.Open(_folder, Uncased);
        var pair = tokenizer.Join([.. Enumerable.Repeat(5, first)], [.. Enumerable.Repeat(6, second)], 10);
        Assert.Equal([2, .. Enumerable.Repeat(5, keptFirst), 3, .. Enumerable.Repeat(6, keptSecond), 3], pair.Tokens);
        Assert.Equal([.. Enumerable.Repeat(0, keptFirst + 2), .. Enumerable.Repeat(1, keptSecond + 1)], pair.TokenTypes);
    }

    [Fact]
    public void OneTextHasTwoMarks()
    {
        var tokenizer = SampleWordPieces.Open(_folder, Uncased);
        var pair = tokenizer.EncodePair("hello the [MASK]", length: 4);
        Assert.Equal([2, 17, 16, 3], pair.Tokens);
        Assert.Equal([0, 0, 0, 0], pair.TokenTypes);
        Assert.Equal([2, 3], tokenizer.EncodePair("").Tokens);
        Assert.Contains("nothing but its 2 marks", Assert.Throws<GptGenException>(() => tokenizer.EncodePair("a", length: 2)).Message);
        Assert.Contains("nothing but its 3 marks", Assert.Throws<GptGenException>(() => tokenizer.EncodePair("a", "b", 3)).Message);
    }

    [Fact]
    public void AnotherKindOfTokenizerIsRefusedWhereItIsNeeded() =>
        Assert.Contains("no WordPiece vocabulary", Assert.Throws<GptGenException>(() => WordPieceTokenizer.Require(Tokenizer.Open("gpt2"))).Message);

    private WordPieceTokenizer OpenBerts()
    {
        _folder.Write("vocab.txt", MiniLM.Vocabulary);
        return WordPieceTokenizer.FromFolder(_folder.Path);
    }

    private string Encode(string config, string text) => string.Join(' ', SampleWordPieces.Open(_folder, config).EncodePrompt(text));

    private static System.Text.Json.Nodes.JsonObject Bare(IEnumerable<string> names)
    {
        var root = SampleWordPieces.Root(names: names.Distinct());
        root["post_processor"] = null;
        root["added_tokens"] = new System.Text.Json.Nodes.JsonArray();
        return root;
    }
}
