using GptGen.Checkpoints;
using Xunit;

namespace GptGen.Runtime.Tests.Checkpoints;

/// <summary>What a <c>config.json</c> says is compared, required, known to be harmless, or named: nothing in it is passed over.</summary>
public sealed class ConfigTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>Of the compared keys, those that describe nothing of a language model without a task head.</summary>
    private static string[] OfHeadsAndOrigin { get; } =
    [
        "architectures", "num_labels", "id2label", "label2id", "num_choices", "n_special", "start_token_id", "delimiter_token_id",
        "classify_token_id", "summary_type", "summary_activation", "summary_use_proj", "summary_proj_to_labels",
    ];

    [Fact]
    public void EveryComparedKeyIsHeldToTheClass()
    {
        foreach (var key in ConfigKeys.Compared.Keys.Except(OfHeadsAndOrigin))
        {
            var value = key switch
            {
                "model_type" => "\"bert\"",
                "activation_function" or "afn" or "hidden_act" => "\"silu\"",
                "tie_word_embeddings" or "do_layer_norm_before" or "normalize_before" or "pre_norm" => "false",
                "bias" => "true",
                "auto_map" => """{"AutoModelForCausalLM": "modeling.Own"}""",
                "layer_types" => """["sliding_attention"]""",
                _ => "777",
            };
            var description = key == "bias" ? TestModel.Create().Description with { Biases = false } : TestModel.Create().Description;
            var message = Refusal($$"""{"{{key}}": {{value}}}""", description);
            Assert.Contains(key, message);
            Assert.Contains(value.Trim('"')[0] is '{' or '[' ? "GptGen computes" : value.Trim('"'), message);
        }
    }

    [Fact]
    public void EveryComparedKeyMustHaveItsType()
    {
        foreach (var key in ConfigKeys.Compared.Keys.Except(OfHeadsAndOrigin).Except(["auto_map", "layer_types"]))
            Assert.Contains($"'{key}'", Refusal($$"""{"{{key}}": [{"a": 1}]}"""));
        Assert.Contains("'n_head' that is not a number but null", Refusal("""{"n_head": null}"""));
        Assert.Contains("'n_head' that is not a number but null", Refusal("""{"n_head": NaN}"""));
        Assert.Contains("'n_layer' that is not a number but a text", Refusal("""{"n_layer": "2"}"""));
        Assert.Contains("'tie_word_embeddings'", Refusal("""{"tie_word_embeddings": "true"}"""));
        Assert.Contains("'architectures'", Refusal("""{"architectures": "GPT2LMHeadModel"}"""));
    }

    [Fact]
    public void EveryKeyWithOneValueIsRefusedWithAnother()
    {
        foreach (var (key, (values, _)) in ConfigKeys.Fixed)
        {
            var other = values.Contains("true") ? "false" : "17";
            var message = Refusal($$"""{"{{key}}": {{other}}}""");
            Assert.Contains($"sets '{key}' to {other}", message);
            foreach (var value in values)
                Assert.Empty(Notes($$"""{"{{key}}": {{value}}}"""));
            // Python takes null for false, so that "scale_attn_weights": null turns the scaling off.
            if (values.Contains("true"))
                Assert.Contains($"sets '{key}' to null", Refusal($$"""{"{{key}}": null}"""));
            else
                Assert.Empty(Notes($$"""{"{{key}}": null}"""));
        }
    }

    [Fact]
    public void EveryHarmlessKeyIsReadWithoutAWord()
    {
        foreach (var key in ConfigKeys.Harmless)
        {
            foreach (var value in (string[])["null", "NaN", "-Infinity", "true", "0.5", "\"x\"", "[1, [2]]", """{"a": {"b": 1}}"""])
                Assert.Empty(Notes($$"""{"{{key}}": {{(key == "n_ctx" && value is ("0.5" or "-Infinity") ? "6" : value)}}}"""));
        }
    }

    [Fact]
    public void TheThreeListsShareNoKey()
    {
        Assert.Empty(ConfigKeys.Compared.Keys.Intersect(ConfigKeys.Fixed.Keys));
        Assert.Empty(ConfigKeys.Harmless.Intersect(ConfigKeys.Fixed.Keys.Concat(ConfigKeys.Compared.Keys)));
    }

    [Fact]
    public void AnUnknownKeyIsNamed()
    {
        Assert.Equal(
            ["'afn_note', 'wandb_run'"],
            Notes("""{"afn_note": "x", "wandb_run": 3}""").Select(static note => note.Split(" has ")[1].Split(", which")[0]));
        Assert.Contains(
            "6 more", Assert.Single(Notes($$"""{{{string.Join(", ", Enumerable.Range(0, 10).Select(static at => $"\"own{at}\": {at}"))}}}""")));
    }

    [Theory]
    [InlineData("use_rms_norm", "true")]
    [InlineData("rope_base", "10000")]
    [InlineData("attn_scale", "0.5")]
    [InlineData("residual_scale", "2")]
    [InlineData("quantization", "{\"bits\": 8}")]
    [InlineData("n_kv_heads", "2")]
    [InlineData("qk_layernorm", "true")]
    [InlineData("layernorm_type", "\"rms\"")]
    [InlineData("mup_output_alpha", "2.2")]
    [InlineData("clip_qkv", "5")]
    public void AnUnknownKeyThatSpeaksOfTheComputationIsRefused(string key, string value)
    {
        Assert.Contains($"'{key}'", Refusal($$"""{"{{key}}": {{value}}}"""));
        Assert.Single(Notes($$"""{"{{key}}": false}"""));
    }

    /// <summary>What Hugging Face's library writes for a GPT-2, every key of it.</summary>
    [Fact]
    public void AFullConfigurationOfHuggingFaceNeedsNoNote()
    {
        const string Full = """
            {"vocab_size": 11, "n_positions": 6, "n_embd": 4, "n_layer": 2, "n_head": 2, "n_inner": null, "activation_function": "gelu_new", "resid_pdrop": 0.1,
             "embd_pdrop": 0.1, "attn_pdrop": 0.1, "layer_norm_epsilon": 1e-05, "initializer_range": 0.02, "summary_type": "cls_index", "summary_use_proj": true,
             "summary_activation": null, "summary_first_dropout": 0.1, "summary_proj_to_labels": true, "scale_attn_weights": true, "use_cache": true,
             "scale_attn_by_inverse_layer_idx": false, "reorder_and_upcast_attn": false, "bos_token_id": 50256, "eos_token_id": 50256, "return_dict": true,
             "output_hidden_states": false, "output_attentions": false, "torchscript": false, "torch_dtype": null, "use_bfloat16": false, "tf_legacy_loss": false,
             "pruned_heads": {}, "tie_word_embeddings": true, "chunk_size_feed_forward": 0, "is_encoder_decoder": false, "is_decoder": false,
             "cross_attention_hidden_size": null, "add_cross_attention": false, "tie_encoder_decoder": false, "max_length": 20, "min_length": 0,
             "do_sample": false, "early_stopping": false, "num_beams": 1, "num_beam_groups": 1, "diversity_penalty": 0.0, "temperature": 1.0, "top_k": 50,
             "top_p": 1.0, "typical_p": 1.0, "repetition_penalty": 1.0, "length_penalty": 1.0, "no_repeat_ngram_size": 0, "encoder_no_repeat_ngram_size": 0,
             "bad_words_ids": null, "num_return_sequences": 1, "output_scores": false, "return_dict_in_generate": false, "forced_bos_token_id": null,
             "forced_eos_token_id": null, "remove_invalid_values": false, "exponential_decay_length_penalty": null, "suppress_tokens": null,
             "begin_suppress_tokens": null, "architectures": ["GPT2LMHeadModel"], "finetuning_task": null, "id2label": {"0": "LABEL_0", "1": "LABEL_1"},
             "label2id": {"LABEL_0": 0, "LABEL_1": 1}, "tokenizer_class": null, "prefix": null, "pad_token_id": null, "sep_token_id": null,
             "decoder_start_token_id": null, "task_specific_params": {"text-generation": {"do_sample": true, "max_length": 50}}, "problem_type": null,
             "_name_or_path": "gpt2", "transformers_version": "4.40.0", "model_type": "gpt2", "n_ctx": 6, "_attn_implementation_autoset": true}
            """;
        Assert.Empty(Notes(Full));
    }

    [Fact]
    public void WhatIsNotSaidMeansWhatHuggingFaceTakesForIt()
    {
        const string Least = """{"model_type": "gpt2", "n_head": 2}""";
        Assert.Empty(Notes(Least));
        Assert.Contains("n_head is not said, which means 12, but TestModel has 2", Refusal("""{"model_type": "gpt2"}"""));
        Assert.Contains(
            "activation_function is not said, which means gelu_new", Refusal(Least, TestModel.Create(activation: Activation.Relu).Description));
        Assert.Contains("tie_word_embeddings is not said", Refusal(Least, TestModel.Create(tied: false).Description));
        Assert.Contains("layer_norm_epsilon is not said", Refusal(Least, TestModel.Create().Description with { Epsilon = 1e-6f }));
        Assert.Contains(
            "n_inner is null (4 x width), but TestModel has 24",
            Refusal("""{"n_inner": null}""", TestModel.Create().Description with { HiddenWidth = 24 }));
    }

    /// <summary>What no family shares is compared with the value that the class writes, and comes before what others mean by the key.</summary>
    [Theory]
    [InlineData("type_vocab_size", "2", "3", "type_vocab_size is 3, but TestModel has 2")]
    [InlineData("num_hidden_layers", "6", "2", "num_hidden_layers is 2, but TestModel has 6")]
    [InlineData("d_model", "4.0", "5", "d_model is 5, but TestModel has 4")]
    [InlineData("scale", "0.12500001", "0.13", "scale is 0.13, but TestModel has 0.125")]
    [InlineData("static_positions", "true", "false", "static_positions is false, but TestModel has true")]
    [InlineData("position_kind", "\"sin\"", "\"cos\"", "position_kind is cos, but TestModel has sin")]
    [InlineData("forced", "null", "7", "forced is 7, but TestModel has null")]
    [InlineData("type_vocab_size", "2", "\"two\"", "'type_vocab_size' that is not a number but a text")]
    [InlineData("other_type_vocab_size", "2", "3", "other_type_vocab_size is 3")]
    public void AFamilysOwnKeyIsHeldToItsValue(string key, string right, string wrong, string fault)
    {
        var description = TestModel.Create().Description;
        description = description with
        {
            Config =
            [
                .. description.Config,
                new("type_vocab_size", 2) { IsHeld = true, OtherNames = ["other_type_vocab_size"] },
                new("num_hidden_layers", 6) { IsHeld = true },
                new("d_model", 4) { IsHeld = true },
                new("scale", 0.125f) { IsHeld = true },
                new("static_positions", true) { IsHeld = true },
                new("position_kind", "sin") { IsHeld = true },
                new("forced", null) { IsHeld = true },
            ],
        };
        Assert.Empty(Notes($$"""{"{{key}}": {{right}}}""", description));
        Assert.Contains(fault, Refusal($$"""{"{{key}}": {{wrong}}}""", description));
    }

    [Fact]
    public void AFamilysDefaultsAndWhatItOnlyWritesAreItsOwn()
    {
        var description = TestModel.Create().Description;
        description = description with
        {
            Family = "bert", Heads = 12, Epsilon = 1e-12f,
            Config = [
                new("model_type", "bert"), new("layer_norm_eps", 1e-12f) { Absent = 1e-12f }, new("hidden_dropout_prob", 0.1f),
                new("rope_note", "none")],
        };
        Assert.Empty(Notes("""{"model_type": "bert", "hidden_dropout_prob": 0.2, "rope_note": "any"}""", description));
        Assert.Contains("layer_norm_eps is not said, which means", Refusal("""{"model_type": "bert"}""", description with { Epsilon = 1e-5f }));
        Assert.Contains(
            "model_type is gpt2, but TestModel has bert", Refusal("""{"alibi": true, "n_layer": 3, "model_type": "gpt2"}""", description));
    }

    [Theory]
    [InlineData("gelu_new", Activation.GeluTanh)]
    [InlineData("gelu_pytorch_tanh", Activation.GeluTanh)]
    [InlineData("gelu_fast", Activation.GeluTanh)]
    [InlineData("gelu_accurate", Activation.GeluTanh)]
    [InlineData("gelu_python_tanh", Activation.GeluTanh)]
    [InlineData("gelu", Activation.GeluErf)]
    [InlineData("gelu_python", Activation.GeluErf)]
    [InlineData("relu", Activation.Relu)]
    [InlineData("tanh", Activation.Tanh)]
    [InlineData("silu", Activation.Silu)]
    [InlineData("swish", Activation.Silu)]
    [InlineData("mish", null)]
    [InlineData("quick_gelu", null)]
    [InlineData("gelu_10", null)]
    [InlineData("relu2", null)]
    public void ActivationsAreKnownByEveryNameOfHuggingFace(string name, Activation? activation)
    {
        foreach (var candidate in Enum.GetValues<Activation>())
        {
            var config = $$"""{"activation_function": "{{name}}"}""";
            var description = TestModel.Create(activation: candidate).Description;
            if (candidate == activation)
                Assert.Empty(Notes(config, description));
            else
                Assert.Contains($"activation_function is {name}, but", Refusal(config, description));
        }
    }

    [Theory]
    [InlineData("", "it is empty")]
    [InlineData("{\"n_layer\":\n 2,}", "trailing comma at the end which is not supported in this mode, line 2, byte 4)")]
    [InlineData("{\"n_layer\": ", "line 1, byte")]
    [InlineData("[]", "not a JSON object but a list")]
    [InlineData("\uFEFF{}", "byte order mark")]
    [InlineData("{\"a\": NaNN}", "not valid JSON")]
    [InlineData("{\"n_layer\": 2, \"n_layer\": 3}", "'n_layer' twice, as 2 and as 3")]
    [InlineData("{\"n_layer\": Infinity}", "n_layer is inf")]
    [InlineData("{\"a\": \"\\ud800\"}", "surrogate")]
    public void ADamagedFileIsReportedAsItself(string text, string fault)
    {
        var message = Refusal(text);
        Assert.Contains(fault, message);
        Assert.Contains("config.json", message);
    }

    [Fact]
    public void BytesThatAreNoTextAreReportedWithTheirPlace()
    {
        folder.Write("config.json", [(byte)'{', (byte)'"', 0xC3, 0xA4, 0xFF, (byte)'"']);
        Assert.Contains("not UTF-8: byte 0xFF at position 4", Refusal());
        folder.Write("config.json", [0xFF, 0xFE, (byte)'{', 0]);
        Assert.Contains("UTF-16", Refusal());
        folder.Write("config.json", new string('[', 100));
        Assert.Contains("depth", Refusal());
    }

    /// <summary>A configuration that is there but cannot be read is not passed over.</summary>
    [Fact]
    public void AConfigurationThatIsNoFileIsNotPassedOver()
    {
        ModelCheckpoint.Save(TestModel.Create().Fill(), folder.Path);
        File.Delete(folder.File("config.json"));
        Directory.CreateDirectory(folder.File("config.json"));
        Assert.Contains(
            "config.json' is a folder", Assert.Throws<GptGenException>(() => ModelCheckpoint.Load(TestModel.Create(), folder.Path)).Message);
        Directory.Delete(folder.File("config.json"));
        File.CreateSymbolicLink(folder.File("config.json"), folder.File("gone"));
        Assert.Contains(
            "gone', which does not exist", Assert.Throws<GptGenException>(() => ModelCheckpoint.Load(TestModel.Create(), folder.Path)).Message);
        File.Delete(folder.File("config.json"));
        if (OperatingSystem.IsLinux())
        {
            using var mkfifo = System.Diagnostics.Process.Start("mkfifo", [folder.File("config.json")]);
            mkfifo.WaitForExit();
            Assert.Contains(
                "config.json' is no ordinary file",
                Assert.Throws<GptGenException>(() => ModelCheckpoint.Load(TestModel.Create(), folder.Path)).Message);
            File.Delete(folder.File("config.json"));
        }

        ModelCheckpoint.Load(TestModel.Create(), folder.Path);
    }

    [Fact]
    public void NumbersOfPythonAreOnlyNumbersOutsideTexts()
    {
        using var document = JsonFile.Parse("""{"a": "NaN \" Infinity", "NaN\\": [NaN, Infinity, -Infinity], "b": "x"}"""u8.ToArray(), "x");
        Assert.Equal("NaN \" Infinity", document.RootElement.GetProperty("a").GetString());
        var numbers = document.RootElement.GetProperty("NaN\\");
        Assert.Equal(System.Text.Json.JsonValueKind.Null, numbers[0].ValueKind);
        Assert.Equal([double.PositiveInfinity, double.NegativeInfinity], [numbers[1].GetDouble(), numbers[2].GetDouble()]);
        Assert.Equal("x", document.RootElement.GetProperty("b").GetString());
    }

    private IReadOnlyList<string> Notes(string config, ModelDescription? description = null)
    {
        var notes = new List<string>();
        ModelConfig.Check(folder.Write("config.json", config), description ?? TestModel.Create().Description, notes.Add);
        return notes;
    }

    private string Refusal(string config, ModelDescription? description = null)
    {
        folder.Write("config.json", config);
        return Refusal(description);
    }

    private string Refusal(ModelDescription? description = null) =>
        Assert.Throws<GptGenException>(() => ModelConfig.Check(folder.File("config.json"), description ?? TestModel.Create().Description)).Message;
}
