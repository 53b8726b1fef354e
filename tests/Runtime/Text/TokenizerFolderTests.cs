using GptGen.Text;
using Xunit;

namespace GptGen.Runtime.Tests.Text;

/// <summary>What lies beside a vocabulary is read, changes nothing, or is named.</summary>
public sealed class TokenizerFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _notes = [];

    public void Dispose() => _folder.Dispose();

    /// <summary>As the recipes of Hugging Face's tokenizers number them: the marks first, and no <c>&lt;|endoftext|&gt;</c>.</summary>
    [Theory]
    [InlineData("special_tokens_map.json", """{"eos_token": "</s>", "bos_token": "<s>"}""")]
    [InlineData("tokenizer_config.json", """{"eos_token": "</s>", "bos_token": "<s>"}""")]
    [InlineData(
        "special_tokens_map.json",
        """{"eos_token": {"content": "</s>", "lstrip": false, "normalized": false, "rstrip": false, "single_word": false}, "bos_token": "<s>"}""")]
    [InlineData(
        "tokenizer_config.json",
        """{"eos_token": {"__type": "AddedToken", "content": "</s>", "special": true}, "bos_token": "<s>", "tokenizer_class": "GPT2Tokenizer"}""")]
    public void TheEndOfTextIsWhatTheFilesName(string name, string json)
    {
        WriteRecipe();
        _folder.Write(name, json);
        var tokenizer = Open();
        Assert.Equal((2, 0), (tokenizer.EndOfText, tokenizer.BeginOfText));
        Assert.Equal([2, 3, 4], tokenizer.EncodePrompt("</s>!\""));
        Assert.DoesNotContain(2, tokenizer.Encode("</s>"));
        Assert.Equal([2, 3, 2, 4], TextCorpus.Load(_folder.Write("data/a", "!"), _folder.Write("data/b", "\"")).Tokenize(tokenizer));
        Assert.Empty(_notes);

        // A copy says the same.
        tokenizer.CopyFiles(_folder.File("copy"));
        Assert.Equal((2, 0), (Tokenizer.Open(_folder.File("copy")).EndOfText, Tokenizer.Open(_folder.File("copy")).BeginOfText));
    }

    [Fact]
    public void AVocabularyWithoutAnEndOfTextSaysSo()
    {
        WriteRecipe();
        Assert.Null(Open().EndOfText);
        Assert.Contains("has no end-of-text token", Assert.Single(_notes));
        _folder.Write("tokenizer_config.json", """{"eos_token": null}""");
        _notes.Clear();
        Assert.Null(Open().EndOfText);
        Assert.Empty(_notes);
    }

    [Theory]
    [InlineData("config.json", """{"model_type": "gpt2", "eos_token_id": 2}""")]
    [InlineData("generation_config.json", """{"eos_token_id": [2], "_from_model_config": true}""")]
    public void TheModelsConfigurationNamesTheEndWhereNoOtherFileDoes(string name, string json)
    {
        WriteRecipe();
        _folder.Write(name, json);
        _folder.Write("special_tokens_map.json", """{"pad_token": "<pad>"}""");
        var tokenizer = Open();
        Assert.Equal((2, 2), (tokenizer.EndOfText, tokenizer.EncodePrompt("</s>")[0]));
        tokenizer.CopyFiles(_folder.File("copy"));
        Assert.False(File.Exists(_folder.File($"copy/{name}")));
        Assert.Equal([1, 2], Tokenizer.Open(_folder.File("copy")).EncodePrompt("<pad></s>"));
    }

    [Theory]
    [InlineData(
        "special_tokens_map.json", """{"eos_token": "<pad>"}""",
        "name different tokens as eos_token: '<pad>' of 'special_tokens_map.json' counts", 1)]
    [InlineData(
        "config.json", """{"eos_token_id": 50256}""", "ends texts with token 50256, but the tokenizer's end of text is 2 ('</s>'), which counts", 2)]
    [InlineData("config.json", """{"eos_token_id": [5, 2, 4, 3]}""", "ends texts with token 5 and 2 more, but", 2)]
    [InlineData("generation_config.json", """{"eos_token_id": 2, "temperature": 0.5}""", "also sets temperature", 2)]
    [InlineData("special_tokens_map.json", """{"additional_special_tokens": ["<tool>"]}""", "'<tool>', which the vocabulary does not have", 2)]
    public void WhatContradictsOrIsNotObeyedIsSaid(string name, string json, string said, int end)
    {
        WriteRecipe();
        _folder.Write("tokenizer_config.json", """{"eos_token": "</s>"}""");
        _folder.Write(name, json);
        Assert.Equal(end, Open().EndOfText);
        Assert.Contains(said, Assert.Single(_notes));
    }

    /// <summary>Programs save what they were called with.</summary>
    [Fact]
    public void ArgumentsOfThePythonProgramChangeNothing()
    {
        WriteRecipe();
        _folder.Write("tokenizer_config.json", """
            {"eos_token": "</s>", "trust_remote_code": false, "use_auth_token": true, "cache_dir": "/x",
             "use_fast": true, "stride": 0, "return_tensors": "pt",
             "truncation_strategy": "longest_first", "model_max_length": 1000000000000000019884624838656,
             "chat_template": null, "_commit_hash": "607a30d"}
            """);
        Assert.Equal(2, Open().EndOfText);
        Assert.Empty(_notes);
    }

    [Fact]
    public void AnEndThatTheVocabularyLacksIsSaid()
    {
        WriteRecipe();
        _folder.Write("special_tokens_map.json", """{"eos_token": "<end>"}""");
        Assert.Null(Open().EndOfText);
        Assert.Contains("'<end>', which the vocabulary does not have", Assert.Single(_notes));
    }

    [Fact]
    public void UnusedNumbersAreNothing()
    {
        SampleVocabulary.WritePair(_folder, static numbers => numbers.Add("<pad>", 700));
        var tokenizer = Open();
        Assert.Equal(
            (701, "", "<pad>", "hello"), (tokenizer.VocabularySize, tokenizer.Decode([300, 699]), tokenizer.Decode([700]), tokenizer.Decode(
                [500, 260, 600])));
        Assert.Contains("Token 701", Assert.Throws<GptGenException>(() => tokenizer.Decode([701])).Message);
    }

    [Fact]
    public void AddedTokensHaveTheirNumbers()
    {
        SampleVocabulary.WritePair(_folder);
        _folder.Write("added_tokens.json", """{"<tool>": 275, "hello w": 276}""");
        _folder.Write("special_tokens_map.json", """{"additional_special_tokens": ["<tool>"]}""");
        var tokenizer = Open();
        Assert.Equal([275, 276], tokenizer.EncodePrompt("<tool>hello w"));
        Assert.Equal([276], tokenizer.Encode("hello w"));
        Assert.DoesNotContain(275, tokenizer.Encode("<tool>"));
        _folder.Write("added_tokens.json", """{"hello": 275}""");
        AssertRefused("gives 'hello' the number 275, but the vocabulary says 260");
        _folder.Write("added_tokens.json", "{}");
        _folder.Write(
            "tokenizer_config.json",
            """{"added_tokens_decoder": {"270": {"content": "<x>", "lstrip": false, "normalized": false, "rstrip": false, "single_word": """
            + """false, "special": true}}}""");
        _folder.Write("special_tokens_map.json", "{}");
        Assert.Equal([270, 260], Open().EncodePrompt("<x>hello"));
    }

    [Fact]
    public void AConfigurationCanAskForASpaceBefore()
    {
        SampleVocabulary.WritePair(_folder);
        _folder.Write("tokenizer_config.json", """{"add_prefix_space": true}""");
        Assert.Equal([264], Open().Encode("hello"));
        Assert.Empty(_notes);
        SampleVocabulary.WriteJson(_folder);
        Assert.Equal([264], Open().Encode("hello"));
        Assert.Contains("differ in add_prefix_space", Assert.Single(_notes));
    }

    [Theory]
    [InlineData("""{"add_bos_token": true}""", "add_bos_token is true")]
    [InlineData("""{"auto_map": {"AutoTokenizer": ["a.B", null]}}""", "auto_map names a program")]
    [InlineData("""{"tokenizer_class": "Qwen2Tokenizer"}""", "tokenizer_class is Qwen2Tokenizer")]
    [InlineData("""{"tokenizer_class": "OpenAIGPTTokenizer"}""", "tokenizer_class is OpenAIGPTTokenizer")]
    [InlineData("""{"do_lower_case": true}""", "do_lower_case is true")]
    [InlineData("""{"surprise": true}""", "surprise is not known")]
    [InlineData("""{"eos_token": 3}""", "eos_token is neither a token's name")]
    [InlineData("""{"eos_token": "a", "eos_token": "b"}""", "eos_token")]
    [InlineData("""{"added_tokens_decoder": {"x": {"content": "<x>"}}}""", "the number x")]
    [InlineData("[1]", "JSON object")]
    [InlineData("{\"eos_token\": ", "JSON")]
    public void WhatAConfigurationAsksForAndIsNotDoneIsRefused(string json, string cause)
    {
        SampleVocabulary.WritePair(_folder);
        _folder.Write("tokenizer_config.json", json);
        Assert.Contains("tokenizer_config.json", AssertRefused(cause));
    }

    /// <summary>As a folder that transformers saved looks.</summary>
    [Fact]
    public void ASavedFolderIsReadWithoutAWord()
    {
        SampleVocabulary.WritePair(_folder);
        SampleVocabulary.WriteJson(_folder);
        _folder.Write("special_tokens_map.json", """{"bos_token": "<|endoftext|>", "eos_token": "<|endoftext|>", "unk_token": "<|endoftext|>"}""");
        _folder.Write("tokenizer_config.json", """
            {"add_bos_token": false, "add_prefix_space": false, "bos_token": "<|endoftext|>", "clean_up_tokenization_spaces": false, "eos_token": "<|endoftext|>", "errors": "replace",
             "added_tokens_decoder": {"0": {"content": "<|endoftext|>", "lstrip": false, "normalized": true, "rstrip": false, "single_word": false, "special": true}},
             "extra_special_tokens": {}, "model_max_length": 1024, "pad_token": null, "tokenizer_class": "GPT2TokenizerFast", "unk_token": "<|endoftext|>"}
            """);
        _folder.Write("config.json", """{"model_type": "gpt2", "bos_token_id": 0, "eos_token_id": 0}""");
        _folder.Write(
            "generation_config.json", """{"_from_model_config": true, "bos_token_id": 0, "eos_token_id": 0, "transformers_version": "4.50.0"}""");
        _folder.Write("chat_template.jinja", "{{ messages }}");
        var tokenizer = Open();
        Assert.Empty(_notes);
        Assert.Equal([0, 260], tokenizer.EncodePrompt("<|endoftext|>hello"));
        tokenizer.CopyFiles(_folder.File("copy"));
        Assert.Equal(
            ["chat_template.jinja", "merges.txt", "special_tokens_map.json", "tokenizer.json", "tokenizer_config.json", "vocab.json"],
            Directory.GetFiles(_folder.File("copy")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void AnotherVocabularyBesideTheFileThatCountsIsSaid()
    {
        SampleVocabulary.WriteJson(_folder);
        SampleVocabulary.WritePair(_folder, static numbers => (numbers["hell"], numbers["hello"]) = (numbers["hello"], numbers["hell"]));
        Assert.Equal([260], Open().Encode("hello"));
        Assert.Contains("numbers the token 'hell' otherwise: 'tokenizer.json' counts", Assert.Single(_notes));
        _notes.Clear();
        SampleVocabulary.WritePair(_folder, merges: string.Join('\n', SampleVocabulary.Merges.Reverse()));
        Assert.Equal([260], Open().Encode("hello"));
        Assert.Contains("other merges", Assert.Single(_notes));
    }

    /// <summary>
    /// Each file by whose name a tokenizer is known is put beside a good vocabulary, with content that means nothing: it is refused or named, or is
    /// one of those that change no token.
    /// </summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void NoFileOfATokenizerIsThereAndUnread(bool isJson)
    {
        string[] known =
        [
            TokenizerFileNames.Json, .. TokenizerFileNames.Companions, TokenizerFileNames.Generation, "config.json", .. TokenizerFileNames.Harmless,
            .. TokenizerFileNames.Pairs.SelectMany(static pair => new[] { pair.Vocabulary, pair.Merges }),
            .. TokenizerFileNames.Foreign.Select(static kind => kind.Pattern.Replace("*", "tokenizer")),
        ];
        Assert.Contains("tokenizer.model", known);
        foreach (var name in known)
        {
            using var folder = new TemporaryFolder();
            if (isJson)
                SampleVocabulary.WriteJson(folder);
            else
                SampleVocabulary.WritePair(folder);
            folder.Write(name, "\0\u0001 no such thing");
            var said = new List<string>();
            try
            {
                Assert.Equal([260], Tokenizer.Open(folder.Path, said.Add).Encode("hello"));
            }
            catch (GptGenException error)
            {
                said.Add(error.Message);
            }

            Assert.True(
                TokenizerFileNames.Harmless.Contains(name)
                ? said.Count == 0
                : said.Exists(line => line.Contains(name, StringComparison.Ordinal)), $"{name}: {string.Join(" | ", said)}");
        }
    }

    [Theory]
    [InlineData("spiece.model", "SentencePiece")]
    [InlineData("tokenizer.model", "SentencePiece")]
    [InlineData("vocab.txt", "has no token '[UNK]'")]
    [InlineData("qwen.tiktoken", "tiktoken")]
    [InlineData("vocab.json", "holds vocab.json without merges.txt")]
    [InlineData("merges.txt", "holds merges.txt without vocab.json")]
    [InlineData("vocab.bpe", "holds vocab.bpe without encoder.json")]
    [InlineData("tokenizer_config.json", "does not hold vocab.json and merges.txt")]
    public void ATokenizerThatCannotBeReadIsNotTakenForNone(string name, string cause)
    {
        Assert.Null(Tokenizer.OpenIn(_folder.Path));
        _folder.Write("model.safetensors", "");
        _folder.Write("config.json", "{}");
        Assert.Null(Tokenizer.OpenIn(_folder.Path));
        _folder.Write(name, "{}");
        Assert.Contains(cause, Assert.Throws<GptGenException>(() => Tokenizer.OpenIn(_folder.Path)).Message);
    }

    [Theory]
    [InlineData("bytes")]
    [InlineData("gpt2")]
    public void ATokenizerOfThePackageIsWrittenAsFiles(string name)
    {
        var tokenizer = Tokenizer.Open(name);
        tokenizer.Save(_folder.Path);
        var written = Open();
        Assert.Empty(_notes);
        Assert.Equal((tokenizer.VocabularySize, tokenizer.EndOfText), (written.VocabularySize, written.EndOfText));
        for (var seed = 0; seed < 10; seed++)
        {
            var text = SampleTexts.Mixed(seed, 300) + SampleVocabulary.End;
            Assert.Equal(tokenizer.EncodePrompt(text), written.EncodePrompt(text));
        }

        tokenizer.Save(_folder.Path);
        SampleVocabulary.WriteJson(_folder);
        Assert.Contains("belongs to another vocabulary", Assert.Throws<GptGenException>(() => tokenizer.Save(_folder.Path)).Message);
    }

    /// <summary>A folder's own files, and what Hugging Face's libraries would guess from the model's kind.</summary>
    [Fact]
    public void AWrittenVocabularySaysItsKind()
    {
        SampleVocabulary.WritePair(_folder);
        Open().Save(_folder.File("written"));
        Assert.Equal(
            """{"tokenizer_class":"GPT2Tokenizer","bos_token":"<|endoftext|>","eos_token":"<|endoftext|>","unk_token":"<|endoftext|>",""" + '"'
            + """clean_up_tokenization_spaces":false}""",
            File.ReadAllText(_folder.File("written/tokenizer_config.json")));
        Assert.Equal([0, 260], Tokenizer.Open(_folder.File("written"), static note => Assert.Fail(note)).EncodePrompt("<|endoftext|>hello"));
    }

    private Tokenizer Open() => Tokenizer.Open(_folder.Path, _notes.Add);

    private string AssertRefused(string cause)
    {
        var error = Assert.Throws<GptGenException>(Open);
        Assert.Contains(cause, error.Message);
        return error.Message;
    }

    private void WriteRecipe()
    {
        string[] names = ["<s>", "<pad>", "</s>", .. SampleVocabulary.Bytes];
        _folder.Write("vocab.json", SampleVocabulary.Json(names.Select(static (name, number) => KeyValuePair.Create(name, number)).ToDictionary()));
        _folder.Write("merges.txt", "#version: 0.2 - Trained by `huggingface/tokenizers`\n");
    }
}
