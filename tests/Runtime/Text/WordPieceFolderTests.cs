using System.Text;
using System.Text.Json.Nodes;
using GptGen.Text;
using Xunit;

namespace GptGen.Runtime.Tests.Text;

/// <summary>Folders with a WordPiece vocabulary: what is obeyed, refused and written.</summary>
public sealed class WordPieceFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _notes = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void BothFilesGiveTheSameTokenizer()
    {
        _folder.Write("vocab.txt", SampleWordPieces.Lines);
        _folder.Write(
            "tokenizer_config.json",
            """{"do_lower_case": true, "tokenizer_class": "BertTokenizer", "model_max_length": 512, "unk_token": "[UNK]", "never_split": null}""");
        var plain = Open();
        _folder.Write("tokenizer.json", SampleVocabulary.Text(SampleWordPieces.Root()));
        var whole = Open();
        Assert.Empty(_notes);
        Assert.Equal((plain.VocabularySize, plain.Masked), (whole.VocabularySize, whole.Masked));
        for (var seed = 0; seed < 20; seed++)
            Assert.Equal(plain.EncodePrompt(SampleTexts.Mixed(seed, 200)), whole.EncodePrompt(SampleTexts.Mixed(seed, 200)));
        _folder.Write("vocab.txt", SampleWordPieces.Lines.Replace("hello\n", "hallo\n"));
        Open();
        Assert.Contains("vocab.txt' numbers the token 'hallo' otherwise: 'tokenizer.json' counts", Assert.Single(_notes));
    }

    [Theory]
    [InlineData("\uFEFF", "\n")]
    [InlineData("", "\r\n")]
    public void MarksAndLineEndsOfOtherSystemsArePassedOver(string start, string lineEnd)
    {
        _folder.Write("vocab.txt", start + string.Join(lineEnd, SampleWordPieces.Names));
        Assert.Equal([17, 61], Open().Encode("hello 😀"));
        Assert.Equal(0, Open().Masked.Padding);
    }

    [Fact]
    public void AnEmptyLineIsANumberThatStandsForNothing()
    {
        _folder.Write("vocab.txt", "[PAD]\n\n[UNK]\n[CLS]\n\n[SEP]\n[MASK]\na\n\n");
        var tokenizer = Open();
        Assert.Equal((8, new MaskedTokens(0, 2, 3, 5, 6)), (tokenizer.VocabularySize, tokenizer.Masked));
        Assert.Equal("a a", tokenizer.Decode([7, 1, 7]));
    }

    [Theory]
    [InlineData("", "holds no token: download it again")]
    [InlineData("\n\n", "holds no token")]
    [InlineData("\uFEFF", "holds no token")]
    [InlineData("[PAD]\n[CLS]\n[SEP]\n[MASK]\na\n", "has no token '[UNK]', so not every text could be encoded: add it to the vocabulary, or name")]
    [InlineData("[UNK]\na\nb\na\n", "line 4: the token 'a' is there already, in line 2")]
    [InlineData("<!DOCTYPE html><html>", "is a web page")]
    [InlineData("version https://git-lfs.github.com/spec/v1\n", "git lfs pull")]
    public void AVocabularyThatCannotBeRightIsRefused(string lines, string cause)
    {
        _folder.Write("vocab.txt", lines);
        var message = Assert.Throws<GptGenException>(() => Tokenizer.Open(_folder.Path)).Message;
        Assert.Contains(cause, message);
        Assert.Contains("vocab.txt", message);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void OtherEncodingsAreRefusedByTheirLine()
    {
        _folder.Write("vocab.txt", [.. "[UNK]\na\n"u8, 0xE9, (byte)'\n']);
        Assert.Contains("vocab.txt', line 3, is not UTF-8", Assert.Throws<GptGenException>(Open).Message);
    }

    [Theory]
    [InlineData(
        "[MASK]",
        "has no token '[MASK]', which masked models need: add it to the vocabulary, or name in special_tokens_map.json "
        + "the token that is its mask_token")]
    [InlineData("[CLS]", "has no token '[CLS]'")]
    [InlineData("[SEP]", "has no token '[SEP]'")]
    [InlineData("[PAD]", "has no token '[PAD]'")]
    public void AMissingRoleIsNamedWhereItIsNeeded(string name, string cause)
    {
        _folder.Write("vocab.txt", SampleWordPieces.Lines.Replace(name + "\n", "[unused]\n"));
        var tokenizer = Open();
        Assert.Equal([17], tokenizer.Encode("hello"));
        Assert.Contains(cause, Assert.Throws<GptGenException>(() => tokenizer.Masked).Message);
        if (name is "[CLS]" or "[SEP]")
            Assert.Contains(cause, Assert.Throws<GptGenException>(() => tokenizer.EncodePair("hello")).Message);
        else
            Assert.Equal([2, 17, 3], tokenizer.EncodePair("hello").Tokens);
    }

    [Fact]
    public void FilesMayNameTheRolesOtherwise()
    {
        _folder.Write("vocab.txt", SampleWordPieces.Lines.Replace("[MASK]\n", "<mask>\n").Replace("[UNK]\n", "<unk>\n"));
        _folder.Write("special_tokens_map.json", """{"mask_token": {"content": "<mask>", "lstrip": false}, "unk_token": "<unk>"}""");
        var tokenizer = Open();
        Assert.Equal(new MaskedTokens(0, 1, 2, 3, 4), tokenizer.Masked);
        Assert.Equal([16, 4, 1], tokenizer.EncodePrompt("the <mask> zzz"));
    }

    [Fact]
    public void ARoleThatFilesTakeAwayIsMissing()
    {
        var tokenizer = SampleWordPieces.Open(_folder, """{"do_lower_case": true, "mask_token": null}""");
        Assert.Contains("has no token '[MASK]'", Assert.Throws<GptGenException>(() => tokenizer.Masked).Message);
    }

    [Fact]
    public void WhereNoFileSaysItTheVocabularysCapitalsDecide()
    {
        _folder.Write("vocab.txt", SampleWordPieces.Lines);
        Assert.Equal([32], Open().Encode("Hello"));
        Assert.Contains("has tokens with capitals ('Hello'), so text keeps its case", Assert.Single(_notes));
        _notes.Clear();
        _folder.Write("vocab.txt", SampleWordPieces.Lines.Replace("Hello\n", "hallo\n").Replace("É\n", "ē\n"));
        Assert.Equal([17], Open().Encode("HELLO"));
        Assert.True(Open().IsUncased);
        Assert.Empty(_notes);
    }

    [Theory]
    [InlineData("""{"do_lower_case": false, "strip_accents": true}""", "Hello hÉ", "32 1")]
    [InlineData("""{"do_lower_case": false, "strip_accents": true}""", "café", "34")]
    [InlineData("""{"do_lower_case": true, "strip_accents": false}""", "CAFÉ", "35")]
    [InlineData("""{"do_lower_case": true, "tokenize_chinese_chars": false}""", "中文", "1")]
    [InlineData("""{"do_lower_case": true, "tokenize_chinese_chars": false}""", "中 文", "51 52")]
    public void TheConfigurationSaysHowTextIsCut(string config, string text, string tokens) =>
        Assert.Equal(tokens, string.Join(' ', SampleWordPieces.Open(_folder, config).Encode(text)));

    [Fact]
    public void TheConfigurationCountsBeforeTheNormalizer()
    {
        _folder.Write("tokenizer.json", SampleVocabulary.Text(SampleWordPieces.Root()));
        _folder.Write("tokenizer_config.json", """{"do_lower_case": false}""");
        Assert.Equal([32], Open().Encode("Hello"));
        Assert.Contains("differ in how text is cut into words: the former counts", Assert.Single(_notes));
    }

    [Theory]
    [InlineData("""{"do_basic_tokenize": false}""", "do_basic_tokenize is false")]
    [InlineData("""{"never_split": ["a"]}""", "never_split")]
    [InlineData("""{"wordpieces_prefix": "@@"}""", "wordpieces_prefix is @@")]
    [InlineData("""{"tokenizer_class": "BertJapaneseTokenizer"}""", "BertJapaneseTokenizer")]
    [InlineData("""{"tokenizer_class": "GPT2Tokenizer"}""", "GPT2Tokenizer")]
    [InlineData("""{"add_prefix_space": true}""", "add_prefix_space")]
    [InlineData("""{"word_tokenizer_type": "mecab"}""", "word_tokenizer_type is not known")]
    [InlineData("""{"do_lower_case": "yes"}""", "do_lower_case is neither true nor false")]
    [InlineData("""{"added_tokens_decoder": {"70": {"content": "new", "special": false}}}""",
        "not special, which WordPiece vocabularies do not have here")]
    public void AConfigurationThatIsNotObeyedIsRefused(string config, string cause)
    {
        _folder.Write("vocab.txt", SampleWordPieces.Lines);
        _folder.Write("tokenizer_config.json", config);
        Assert.Contains(cause, Assert.Throws<GptGenException>(Open).Message);
    }

    [Theory]
    [InlineData("normalizer", "null", "normalizer is null")]
    [InlineData("normalizer", """{"type": "NFC"}""", "normalizer.type is NFC")]
    [InlineData("normalizer", """{"type": "BertNormalizer", "clean_text": false}""", "normalizer.clean_text is false")]
    [InlineData("normalizer", """{"type": "BertNormalizer", "more": 1}""", "normalizer.more is not known")]
    [InlineData("pre_tokenizer", """{"type": "Whitespace"}""", "pre_tokenizer.type is Whitespace")]
    [InlineData("decoder", """{"type": "WordPiece", "prefix": "@@"}""", "decoder.prefix is @@")]
    [InlineData("decoder", """{"type": "ByteLevel"}""", "decoder.type is ByteLevel")]
    [InlineData("post_processor", """{"type": "RobertaProcessing"}""", "post_processor.type is RobertaProcessing")]
    [InlineData("post_processor", """{"type": "BertProcessing", "sep": ["[SEP]", 9], "cls": ["[CLS]", 2]}""", "gives '[SEP]' the number 9")]
    [InlineData(
        "post_processor",
        """{"type": "TemplateProcessing", "single": [{"Sequence": {"id": "A", "type_id": 0}}], "pair": [], "special_tokens": {}}""",
        "post_processor.single is $A 0")]
    [InlineData(
        "model", """{"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "@@", "vocab": {"[UNK]": 0}}""",
        "continuing_subword_prefix is @@")]
    [InlineData(
        "model", """{"type": "WordPiece", "unk_token": "[UNK]", "max_input_chars_per_word": 10, "vocab": {"[UNK]": 0}}""",
        "max_input_chars_per_word is 10")]
    [InlineData("model", """{"type": "WordPiece", "unk_token": "[UNK]", "vocab": {}}""", "holds no token")]
    [InlineData("model", """{"type": "Unigram", "vocab": {}}""", "only byte-pair encoding (BPE) and WordPiece are read")]
    public void AnotherTokenizerThanBertsIsRefused(string key, string value, string cause)
    {
        var root = SampleWordPieces.Root();
        root[key] = JsonNode.Parse(value);
        _folder.Write("tokenizer.json", SampleVocabulary.Text(root));
        Assert.Contains(cause, Assert.Throws<GptGenException>(Open).Message);
    }

    [Fact]
    public void TwoVocabulariesInOneFolderAreRefused()
    {
        SampleVocabulary.WritePair(_folder);
        _folder.Write("vocab.txt", SampleWordPieces.Lines);
        Assert.Contains("holds two vocabularies, vocab.txt (WordPiece) and vocab.json", Assert.Throws<GptGenException>(Open).Message);
        _folder.Write("tokenizer.json", SampleVocabulary.Text(SampleVocabulary.Root()));
        Assert.IsType<BytePairTokenizer>(Tokenizer.Open(_folder.Path, _notes.Add));
        Assert.Contains(_notes, static note => note.Contains("vocab.txt") && note.Contains("'tokenizer.json' counts"));
    }

    [Theory]
    [InlineData("""{"do_lower_case": true}""")]
    [InlineData("""{"do_lower_case": false, "strip_accents": true, "clean_up_tokenization_spaces": false}""")]
    public void ASavedTokenizerIsTheSameHereAndForHuggingFace(string config)
    {
        var tokenizer = SampleWordPieces.Open(_folder, config);
        var target = _folder.File("saved");
        tokenizer.Save(target);
        Assert.Equal(
            ["tokenizer.json", "tokenizer_config.json", "vocab.txt"],
            Directory.GetFiles(target).Select(static path => Path.GetFileName(path)).Order());
        var saved = Assert.IsType<WordPieceTokenizer>(Tokenizer.Open(target, _notes.Add));
        Assert.Empty(_notes);
        Assert.Equal(tokenizer.Masked, saved.Masked);
        tokenizer.Save(target);
        for (var seed = 0; seed < 50; seed++)
            Assert.Equal(tokenizer.EncodePrompt(SampleTexts.Mixed(seed, 50)), saved.EncodePrompt(SampleTexts.Mixed(seed, 50)));

        HuggingFaceTokenizer.SkipWhereItDoesNotRun();
        var theirs = new HuggingFaceTokenizer(Path.Combine(target, "tokenizer.json"));
        for (var seed = 0; seed < 200; seed++)
            Assert.Equal(theirs.Encode(SampleTexts.Mixed(seed, 50)), saved.EncodePair(SampleTexts.Mixed(seed, 50)).Tokens);
    }

    [Fact]
    public void ACopyHoldsTheFilesAsTheyWere()
    {
        _folder.Write("vocab.txt", "\uFEFF" + SampleWordPieces.Lines.Replace("\n", "\r\n"));
        _folder.Write("tokenizer_config.json", """{"do_lower_case": true}""");
        Assert.True(Open().CopyFiles(_folder.File("copy")));
        Assert.Equal(File.ReadAllBytes(_folder.File("vocab.txt")), File.ReadAllBytes(_folder.File("copy/vocab.txt")));
        Assert.Equal([17], Tokenizer.Open(_folder.File("copy")).Encode("HELLO"));
        Assert.True(Tokenizer.IsIn(_folder.File("copy")));
        var other = Tokenizer.Open("gpt2");
        Assert.Contains("belongs to another vocabulary", Assert.Throws<GptGenException>(() => other.Save(_folder.File("copy"))).Message);
    }

    [Theory]
    [InlineData("vocab.txt", 5, 20)]
    [InlineData("tokenizer.json", 2, 100)]
    [InlineData("tokenizer_config.json", 5, 100)]
    public void AMutantIsReadOrRefusedInOneLine(string name, int leastRead, int leastRefused)
    {
        _folder.Write("vocab.txt", SampleWordPieces.Lines);
        _folder.Write(
            "tokenizer_config.json",
            """{"do_lower_case": true, "strip_accents": null, "mask_token": {"content": "[MASK]"}, "model_max_length": 512}""");
        if (name == "tokenizer.json")
            _folder.Write(name, SampleVocabulary.Text(SampleWordPieces.Root()));
        var (read, refused) = (0, 0);
        foreach (var mutant in Mutants.Of(File.ReadAllBytes(_folder.File(name)), 300, seed: 3))
        {
            _folder.Write(name, mutant);
            try
            {
                var tokenizer = Open();
                _ = tokenizer.Decode(tokenizer.EncodePair("Hello [MASK] 中文 É", "un\u0301walked").Tokens);
                _ = tokenizer.Masked;
                read++;
            }
            catch (GptGenException error)
            {
                Assert.DoesNotContain('\n', error.Message);
                Assert.Contains(_folder.Path, error.Message);
                refused++;
            }
        }

        Assert.True(read >= leastRead && refused >= leastRefused, $"{read} read, {refused} refused");
    }

    private WordPieceTokenizer Open() => Assert.IsType<WordPieceTokenizer>(Tokenizer.Open(_folder.Path, _notes.Add));
}
