using System.Text.Json;
using GptGen.Checkpoints;
using GptGen.Runtime.Tests.Checkpoints;
using GptGen.Runtime.Tests.Models;
using GptGen.Text;
using Xunit;

namespace GptGen.Runtime.Tests.Text;

/// <summary>Folders that we write hold all that Hugging Face's libraries need, and their library makes the same tokens of any text.</summary>
public sealed class HuggingFaceFolderTests : IDisposable
{
    private static readonly string[] s_texts =
    [
        .. Enumerable.Range(0, 600).Select(static seed => SampleTexts.Mixed(seed, 2 + seed % 40)),
        .. Enumerable.Range(0, 390).Select(static seed => SampleTexts.AnyRunes(seed, 1 + seed % 60)),
        "", " ", "\n", "\t\t a", "a\u0000b", "\u200d", "naïve café ÆØÅ", "  two  spaces  ", "日本語 한국어 ไทย", "🏳️‍🌈🏳️‍🌈",
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("gpt2")]
    [InlineData("bytes")]
    [InlineData("trained")]
    [InlineData("words")]
    [InlineData("gpt1")]
    public void TheirLibraryMakesTheSameTokens(string kind)
    {
        HuggingFaceTokenizer.SkipWhereItDoesNotRun();
        Assert.Equal(1000, s_texts.Length);
        var tokenizer = Make(kind);
        var folder = _folder.File("hf");
        tokenizer.Save(folder);
        var theirs = new HuggingFaceTokenizer(Path.Combine(folder, "tokenizer.json"));
        var again = Tokenizer.Open(folder, static note => Assert.Fail(note));
        Directory.CreateDirectory(_folder.File("alone"));
        File.Copy(Path.Combine(folder, "tokenizer.json"), _folder.File("alone/tokenizer.json"));
        var alone = Tokenizer.Open(_folder.File("alone"));
        foreach (var text in s_texts)
        {
            var expected = theirs.Encode(text);
            foreach (var ours in (Tokenizer[])[tokenizer, again, alone])
            {
                var tokens = ours is WordPieceTokenizer pieces ? pieces.EncodePair(text).Tokens : ours.EncodePrompt(text);
                Assert.Equal(expected, tokens);
            }
        }
    }

    /// <summary>Marks of words' ends are spaces, and the unknown token's name in a prompt is the token, also before anything was written.</summary>
    [Fact]
    public void TheirLibraryReadsGpt1sWordEnds()
    {
        HuggingFaceTokenizer.SkipWhereItDoesNotRun();
        var tokenizer = Make("gpt1");
        tokenizer.Save(_folder.File("hf"));
        Assert.Equal(
            ["merges.txt", "tokenizer.json", "tokenizer_config.json", "vocab.json"],
            Directory.GetFiles(_folder.File("hf")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        var theirs = new HuggingFaceTokenizer(_folder.File("hf/tokenizer.json"));
        var unknown = tokenizer.EncodePrompt("<unk>");
        Assert.Equal([0], unknown);
        var known = 0;
        foreach (var text in s_texts)
        {
            var prompt = $"{text}<unk>{text}";
            Assert.Equal(theirs.Encode(prompt), tokenizer.EncodePrompt(prompt));
            if (tokenizer.Encode(text) is not { Length: > 0 } tokens || tokens.Contains(0))
                continue;
            Assert.Equal(theirs.Decode(tokens), tokenizer.Decode(tokens));
            known++;
        }

        Assert.InRange(known, 100, 900);
    }

    /// <summary>A vocabulary with rules of its own keeps them; older files, which have no place for them, are not written.</summary>
    [Theory]
    [InlineData("add_prefix_space", true)]
    [InlineData("use_regex", false)]
    [InlineData("ignore_merges", false)]
    public void ItsOwnRulesAreKept(string rule, bool hasPair)
    {
        SampleVocabulary.WriteJson(_folder, root =>
        {
            if (rule == "ignore_merges")
                root["model"]![rule] = true;
            else
                root["pre_tokenizer"]![rule] = rule == "add_prefix_space";
        });
        var tokenizer = Tokenizer.Open(_folder.File("tokenizer.json"));
        tokenizer.Save(_folder.File("hf"));
        Assert.Equal(hasPair, File.Exists(_folder.File("hf/vocab.json")));
        Assert.Equal(File.ReadAllBytes(_folder.File("tokenizer.json")), File.ReadAllBytes(_folder.File("hf/tokenizer.json")));
        var again = Tokenizer.Open(_folder.File("hf"));
        Assert.All(s_texts[..100], text => Assert.Equal(tokenizer.Encode(text), again.Encode(text)));
    }

    [Fact]
    public void AModelsFolderIsWhole()
    {
        using var device = new CpuDevice(1);
        using var model = BareUntied.Create(device);
        model.Initialize(seed: 1);
        var tokenizer = Make("trained");
        ModelCheckpoint.Save(model, _folder.File("hf"), tokenizer: tokenizer);
        Assert.Equal(
            [
                "config.json", "generation_config.json", "merges.txt", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "vocab.json",
            ],
            Directory.GetFiles(_folder.File("hf")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        using var generation = JsonDocument.Parse(File.ReadAllBytes(_folder.File("hf/generation_config.json")));
        Assert.Equal(tokenizer.EndOfText, generation.RootElement.GetProperty("eos_token_id").GetInt32());
        Assert.Equal(tokenizer.EndOfText, generation.RootElement.GetProperty("bos_token_id").GetInt32());

        // Hugging Face's class has biases, which are zero here.
        using (var weights = SafetensorsFile.Open(_folder.File("hf/model.safetensors")))
        {
            var biases = weights.Tensors.Where(static tensor => tensor.Name.EndsWith(".bias", StringComparison.Ordinal)).ToList();
            Assert.Equal(2 * 6 + 1, biases.Count);
            Assert.All(biases, bias => Assert.DoesNotContain(weights.ReadAll(bias.Name), static value => value != 0));
            Assert.Equal([3L * 64], weights["transformer.h.1.attn.c_attn.bias"].Shape);
            Assert.Equal([64L], weights["transformer.ln_f.bias"].Shape);
        }

        using var copy = BareUntied.Create(device);
        ModelCheckpoint.Load(copy, _folder.File("hf"));
        Assert.Equal(
            ParameterTensors.Read(model.Parameters, model.Description.FindParameter("lm_head.weight")),
            ParameterTensors.Read(copy.Parameters, copy.Description.FindParameter("lm_head.weight")));
        ModelCheckpoint.Save(model, _folder.File("one.safetensors"));
        using var one = SafetensorsFile.Open(_folder.File("one.safetensors"));
        Assert.DoesNotContain(one.Tensors, static tensor => tensor.Name.EndsWith(".bias", StringComparison.Ordinal));
    }

    private Tokenizer Make(string kind)
    {
        if (kind is "gpt2" or "bytes")
            return Tokenizer.Open(kind);
        if (kind == "gpt1")
        {
            SampleGpt1.Write(_folder, kind, string.Join(' ', s_texts[..60]), 80);
            return Tokenizer.Open(_folder.File(kind));
        }

        var text = TextCorpus.Load(_folder.Write("text.txt", string.Concat(s_texts[..200])));
        if (kind == "trained")
            BytePairTrainer.Train(text, 300).Save(_folder.File(kind));
        else
            WordPieceTrainer.Train(text, 500).Save(_folder.File(kind));
        return Tokenizer.Open(_folder.File(kind));
    }
}
