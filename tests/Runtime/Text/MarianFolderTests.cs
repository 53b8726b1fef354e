using System.Text.Json.Nodes;
using GptGen.Text;
using GptGen.Translation;
using Xunit;

namespace GptGen.Runtime.Tests.Text;

/// <summary>Folders with Marian's tokenizers: what is obeyed, refused and written.</summary>
public sealed class MarianFolderTests : IDisposable
{
    private const string Sentence = ">>deu<< The file could not be found. \u00fc";

    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _notes = [];

    public MarianFolderTests() => SampleMarian.Copy(_folder);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void APublishedFolderIsReadWithOneNoteALanguage()
    {
        Assert.True(Tokenizer.IsIn(_folder.Path));
        var tokenizer = Assert.IsType<MarianTokenizer>(Open());
        Assert.Equal(2, _notes.Count);
        Assert.Contains("3 of 297 pieces of '", _notes[0]);
        Assert.Contains("source.spm' are no tokens of '", _notes[0]);
        Assert.Equal(_folder.Path, tokenizer.Name);
        foreach (var name in (string[])["source.spm", "target.spm", "vocab.json"])
            Assert.Equal(tokenizer.Encode(Sentence), Tokenizer.Open(_folder.File(name)).Encode(Sentence));
    }

    [Theory]
    [InlineData(
        """
        {"source_lang": "eng", "target_lang": "deu", "unk_token": "<unk>", "eos_token": "</s>", "pad_token": "<pad>", "model_max_length": 512,
        "sp_model_kwargs": {}, "separate_vocabs": false, "special_tokens_map_file": null, "name_or_path": "x", "tokenizer_class": "MarianTokenizer"}
        """)]
    [InlineData(
        """
        {"added_tokens_decoder": {"0": {"content": "</s>", "lstrip": false, "normalized": false, "rstrip": false, "single_word": false,
        "special": true}, "1": {"content": "<unk>", "special": true}, "495": {"content": "<pad>", "special": true}}, "additional_special_tokens": [],
        "clean_up_tokenization_spaces": false, "extra_special_tokens": {}, "eos_token": "</s>", "target_vocab_file": null}
        """)]
    public void WhatNewerProgramsWriteChangesNothing(string config)
    {
        var tokens = Open().Encode(Sentence);
        _notes.Clear();
        _folder.Write("tokenizer_config.json", config);
        _folder.Write("special_tokens_map.json", """{"eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"}""");
        _folder.Write("added_tokens.json", """{"<pad>": 495}""");
        _folder.Write("config.json", """{"model_type": "marian", "eos_token_id": 0, "pad_token_id": 495}""");
        var tokenizer = Open();
        Assert.Equal(2, _notes.Count);
        Assert.Equal(tokens, tokenizer.Encode(Sentence));
        Assert.Equal("The file", tokenizer.Decode([495, 41, 68, 0, 495]));
    }

    [Fact]
    public void OtherTokensMayHaveTheRoles()
    {
        Vocabulary(static root =>
        {
            Rename(root, "</s>", "[end]");
            Rename(root, "<unk>", "[what]");
            Rename(root, "<pad>", "[fill]");
        });
        Assert.Contains("has no token '<unk>', so not every text could be encoded", Refusal());
        _folder.Write("tokenizer_config.json", """{"unk_token": "[what]", "eos_token": "[end]", "pad_token": "[fill]"}""");
        var tokenizer = Open();
        Assert.Equal(0, tokenizer.EndOfText);
        Assert.True(tokenizer.IsMark(495));
        Assert.Equal([41, 1, 68], tokenizer.EncodePrompt("The [what] file"));
        Assert.Equal("The file", tokenizer.Decode([495, 41, 1, 68, 0]));
    }

    [Fact]
    public void SpacesBeforeMarksAreTakenOutWhereTheFolderSaysSo()
    {
        int[] tokens = [41, 68, .. Open().Encode(" .")];
        Assert.Equal("The file .", Open().Decode(tokens));
        _folder.Write("tokenizer_config.json", """{"clean_up_tokenization_spaces": true}""");
        Assert.Equal("The file.", Open().Decode(tokens));
    }

    [Theory]
    [InlineData("""{"separate_vocabs": true}""", "separate_vocabs is true, which is not done here")]
    [InlineData("""{"sp_model_kwargs": {"enable_sampling": true}}""", "sp_model_kwargs is an object with settings")]
    [InlineData("""{"tokenizer_class": "T5Tokenizer"}""", "tokenizer_class is T5Tokenizer")]
    [InlineData("""{"add_prefix_space": true}""", "add_prefix_space is true")]
    [InlineData("""{"do_lower_case": true}""", "do_lower_case is true")]
    [InlineData("""{"surprise": 1}""", "surprise is not known here")]
    public void WhatWouldChangeTheTokensIsRefusedByItsKey(string config, string cause)
    {
        _folder.Write("tokenizer_config.json", config);
        Assert.Contains(cause, Refusal());
    }

    [Theory]
    [InlineData("source.spm", "holds target.spm without source.spm")]
    [InlineData("target.spm", "holds source.spm without target.spm")]
    [InlineData("vocab.json", "holds source.spm without vocab.json")]
    public void AMissingFileIsNamed(string name, string cause)
    {
        File.Delete(_folder.File(name));
        Assert.Contains(cause, Refusal());
        Assert.False(Tokenizer.IsIn(_folder.Path));
    }

    [Fact]
    public void VocabulariesThatDoNotBelongToTheModelsAreRefused()
    {
        Vocabulary(static root => root.Remove("</s>"));
        Assert.Contains("has no token '</s>', which ends texts", Refusal());
        Vocabulary(static root =>
        {
            foreach (var name in root.Select(static token => token.Key).Where(static name => name.Length > 1 && name[0] != '<').ToArray())
                Rename(root, name, name + "#");
        });
        Assert.Contains("so they belong to different models", Refusal());
        Vocabulary(static root => root["<unk>"] = 0);
        Assert.Contains("both have the number 0", Refusal());
        SampleMarian.Copy(_folder);
        _folder.Write("added_tokens.json", """{"word": 496}""");
        Assert.Contains("the added token 'word' is not special", Refusal());
        _folder.Write("added_tokens.json", "{}");
        _folder.Write("target_vocab.json", "{}");
        Open();
        Assert.Contains("target_vocab.json' is not read: 'source.spm' and 'target.spm' count", _notes[^3]);
        File.Delete(_folder.File("target.spm"));
        Assert.Contains("target.spm", Refusal());
    }

    [Fact]
    public void OtherKindsBesideAreNoted()
    {
        SampleVocabulary.WriteJson(_folder);
        var tokens = Open().Encode(Sentence);
        Assert.Equal(MarianTokenizer.FromFolder(SampleMarian.Folder).Encode(Sentence), tokens);
        Assert.Contains("tokenizer.json' is not read: 'source.spm' and 'target.spm' count", _notes[0]);
        File.Delete(_folder.File("target.spm"));
        File.Delete(_folder.File("tokenizer_config.json"));
        _notes.Clear();
        Assert.Equal([260], Open().Encode("hello"));
        Assert.Contains(_notes, static note => note.Contains("source.spm' is not read without the other", StringComparison.Ordinal));
        Assert.Contains("is not Marian's", Assert.Throws<GptGenException>(() => MarianTokenizer.FromFolder(_folder.Path)).Message);
    }

    [Fact]
    public void TheFilesAreCopiedAndNothingIsReplaced()
    {
        var tokenizer = Open();
        Assert.True(tokenizer.CopyFiles(_folder.File("run")));
        tokenizer.Save(_folder.File("saved"));
        foreach (var name in (string[])["run", "saved"])
        {
            Assert.Equal(
                ["source.spm", "target.spm", "tokenizer_config.json", "vocab.json"],
                Directory.EnumerateFiles(_folder.File(name)).Select(static file => Path.GetFileName(file)).Order(StringComparer.Ordinal));
            var copy = Tokenizer.Open(_folder.File(name));
            Assert.Equal(tokenizer.Encode(Sentence), copy.Encode(Sentence));
            Assert.Equal(tokenizer.Targets.Encode(Sentence), copy.Targets.Encode(Sentence));
        }

        File.Copy(_folder.File("source.spm"), _folder.File("run/target.spm"), overwrite: true);
        var message = Assert.Throws<GptGenException>(() => tokenizer.CopyFiles(_folder.File("run"))).Message;
        Assert.Contains("target.spm' is there already and belongs to another", message);
    }

    [Fact]
    public void PairsAreCutByEachLanguagesModel()
    {
        var tokenizer = Open();
        const string Text = "Die Datei, the file";
        Assert.NotEqual(tokenizer.Encode(Text), tokenizer.Targets.Encode(Text));
        var pair = Assert.Single(PairData.Encode([new(Text, Text)], tokenizer).Pairs);
        Assert.Equal(tokenizer.Encode(Text), pair.Source);
        Assert.Equal(tokenizer.Targets.Encode(Text), pair.Target);
    }

    /// <summary>Any number of threads with one tokenizer.</summary>
    [Fact]
    public void OneTokenizerServesThreads()
    {
        var tokenizer = Open();
        var lines = SampleMarian.Expected();
        var alone = lines.Select(line => tokenizer.Encode(line.Text)).ToArray();
        var together = new int[lines.Length][];
        Parallel.For(0, lines.Length, index => together[index] = tokenizer.Encode(lines[index].Text));
        Assert.Equal(alone, together);
    }

    private Tokenizer Open() => Tokenizer.Open(_folder.Path, _notes.Add);

    private string Refusal()
    {
        var message = Assert.Throws<GptGenException>(() => Tokenizer.Open(_folder.Path)).Message;
        Assert.DoesNotContain('\n', message);
        Assert.Contains(_folder.Path, message);
        return message;
    }

    private void Vocabulary(Action<JsonObject> change)
    {
        var root = JsonNode.Parse(File.ReadAllText(Path.Combine(SampleMarian.Folder, "vocab.json")))!.AsObject();
        change(root);
        _folder.Write("vocab.json", root.ToJsonString());
    }

    private static void Rename(JsonObject root, string from, string to)
    {
        var number = root[from]!.GetValue<int>();
        root.Remove(from);
        root[to] = number;
    }
}
