using System.Text;
using GptGen.Text;
using Xunit;

namespace GptGen.Runtime.Tests.Text;

/// <summary>Damaged files of a tokenizer's folder: each is read or refused in one line, and nothing else happens.</summary>
public sealed class TokenizerMutantTests
{
    private const int Mutants = 500;

    /// <summary>What stands in such files, by which a mutant stays near to a right one.</summary>
    private static readonly string[] s_pieces =
    [
        "null", "true", "[]", "{}", "{", "}", "[", "]", ",", ":", "\"", "\\", "\\ud800", "-1", "1e9", "1e999", "NaN", "2147483648", "999999",
        "\"</s>\"", "\"type\"", "\"content\"", "\"id\"", "\"ByteLevel\"", "\"Sequence\"", "\"vocab\"", "\"merges\"", "\n", "\r", "\0", " ", "h e",
        "#version", "\u001b[2J",
    ];

    [Theory]
    [InlineData("vocab.json")]
    [InlineData("merges.txt")]
    [InlineData("tokenizer.json")]
    [InlineData("tokenizer_config.json")]
    [InlineData("special_tokens_map.json")]
    [InlineData("added_tokens.json")]
    [InlineData("generation_config.json")]
    public void AMutantIsReadOrRefusedInOneLine(string name)
    {
        using var folder = new TemporaryFolder();
        SampleVocabulary.WritePair(folder);
        if (name == "tokenizer.json")
            SampleVocabulary.WriteJson(folder, static root => root["added_tokens"]!.AsArray().Add(SampleVocabulary.Added(270, "<a>", before: true)));
        folder.Write(
            "tokenizer_config.json",
            """{"add_prefix_space": false, "added_tokens_decoder": {"271": {"content": "<b>", "special": true}}, "eos_token": """
            + """{"content": "<|endoftext|>"}, "model_max_length": 1024}""");
        folder.Write(
            "special_tokens_map.json",
            """{"eos_token": "<|endoftext|>", "bos_token": {"content": "<|endoftext|>", "lstrip": false}, "additional_special_tokens": ["<b>"]}""");
        folder.Write("added_tokens.json", """{"<b>": 271, "word": 272}""");
        folder.Write("generation_config.json", """{"_from_model_config": true, "eos_token_id": [0, 1], "top_k": 50}""");
        if (name == "tokenizer.json")
        {
            File.Delete(folder.File("added_tokens.json"));
            folder.Write("tokenizer_config.json", "{}");
        }

        Assert.Equal([260], Tokenizer.Open(folder.Path).Encode("hello"));
        ReadMutants(folder, name, "hello <a> <b> word\u00e9", refusals: 100);
    }

    /// <summary>Most changes of a model of SentencePiece are another score or piece.</summary>
    [Theory]
    [InlineData("source.spm", 50)]
    [InlineData("target.spm", 50)]
    [InlineData("vocab.json", 100)]
    [InlineData("tokenizer_config.json", 100)]
    public void AMutantOfMariansIsReadOrRefusedInOneLine(string name, int refusals)
    {
        using var folder = new TemporaryFolder();
        SampleMarian.Copy(folder);
        if (name == "tokenizer_config.json")
        {
            folder.Write(
                name,
                """{"source_lang": "eng", "separate_vocabs": false, "sp_model_kwargs": {}, "unk_token": "<unk>", "model_max_length": 512}""");
        }

        ReadMutants(folder, name, ">>deu<< The file \u0301\u3000\u00bd \u00fcber", refusals);
    }

    /// <summary>Changes a file of a folder again and again, and opens it.</summary>
    private static void ReadMutants(TemporaryFolder folder, string name, string text, int refusals)
    {
        var original = File.ReadAllBytes(folder.File(name));
        var random = new Random(7);
        var (read, refused) = (0, 0);
        for (var index = 0; index < Mutants; index++)
        {
            folder.Write(name, Mutate(original, random));
            try
            {
                var tokenizer = Tokenizer.Open(folder.Path, static note => Assert.DoesNotContain("\u001b", MessageText.OneLine(note)));
                var tokens = tokenizer.Targets.EncodePrompt(text);
                Assert.NotEmpty(tokens);
                Assert.NotNull(tokenizer.Decode(tokens));
                read++;
            }
            catch (GptGenException error)
            {
                Assert.DoesNotContain('\n', error.Message);
                Assert.Contains(folder.Path, error.Message);
                refused++;
            }
        }

        // Both happen, or the mutants would test nothing.
        Assert.True(read > 5 && refused > refusals, $"{read} read, {refused} refused");
    }

    private static byte[] Mutate(byte[] original, Random random)
    {
        List<byte> bytes = [.. original];
        for (var change = random.Next(1, 4); change > 0; change--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes(s_pieces[random.Next(s_pieces.Length)]));
                    break;
                case 2:
                    bytes.RemoveRange(at, Math.Min(bytes.Count - at - 1, random.Next(1, 20)));
                    break;
                case 3:
                    bytes.RemoveRange(at + 1, random.Next(4) == 0 ? bytes.Count - at - 1 : 0);
                    break;
                default:
                    bytes.InsertRange(at, original.AsSpan(random.Next(original.Length)).ToArray().Take(random.Next(1, 30)));
                    break;
            }
        }

        return [.. bytes];
    }
}
