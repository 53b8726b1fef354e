using GptGen.Checkpoints;
using GptGen.Runtime.Tests.Golden;
using Xunit;

namespace GptGen.Runtime.Tests.Checkpoints;

/// <summary>Hugging Face's folders of Marian models, in and out.</summary>
public sealed class MarianFolderTests : IDisposable
{
    private const string Case = "seq2seq-tiny";

    private readonly TemporaryFolder folder = new();
    private readonly CpuDevice device = new(1);
    private readonly Seq2SeqTiny model;

    public MarianFolderTests() => model = Seq2SeqTiny.Create(device);

    public void Dispose()
    {
        model.Dispose();
        device.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void TheGoldenFolderLoadsWithoutAWord()
    {
        List<string> notes = [];
        ModelCheckpoint.Load(model, Golden.Folder(Case), notes.Add);
        Assert.Empty(notes);
        var golden = new TranslationGoldenCase(Case, 0);
        foreach (var tensor in model.Description.Tensors)
            Assert.Equal(GoldenFiles.Tensor(golden.Weights, "", tensor, model), model.ReadParameter(tensor.Name));
        Assert.Equal(-8, model.ReadParameter("final_logits_bias")[52]);
        Assert.Same(model.Description, ModelCheckpoint.FindModel(Golden.Folder(Case), [Seq2SeqTiny.Specification, BertTiny.Specification]));
    }

    /// <summary>The same tensors under the same names in the same shapes as Hugging Face's library writes them.</summary>
    [Fact]
    public void AFolderIsWrittenAsHuggingFaceHasIt()
    {
        ModelCheckpoint.Load(model, Golden.Folder(Case));
        ModelCheckpoint.Save(model, folder.File("out"));
        Assert.Equal(Contents(Golden.Folder(Case)), Contents(folder.File("out")));
        Assert.Equal(
            Keys(Golden.Folder(Case), "is_encoder_decoder", "d_model", "decoder_start_token_id", "eos_token_id", "scale_embedding"),
            Keys(folder.File("out"), "is_encoder_decoder", "d_model", "decoder_start_token_id", "eos_token_id", "scale_embedding"));
        using var other = Seq2SeqTiny.Create(device);
        other.Initialize(3);
        List<string> notes = [];
        ModelCheckpoint.Load(other, folder.File("out"), notes.Add);
        Assert.Empty(notes);
        Assert.All(
            model.Description.Tensors, tensor => Assert.Equal(model.ReadParameter(tensor.Name), other.ReadParameter(tensor.Name)));

        static (string, string)[] Contents(string path)
        {
            using var file = SafetensorsFile.Open(Path.Combine(path, "model.safetensors"));
            return [.. file.Tensors.Select(static tensor => (tensor.Name, tensor.ShapeText)).Order()];
        }

        static string[] Keys(string path, params string[] keys)
        {
            using var config = System.Text.Json.JsonDocument.Parse(File.ReadAllText(Path.Combine(path, "config.json")));
            return [.. keys.Select(key => config.RootElement.GetProperty(key).GetRawText())];
        }
    }

    /// <summary>Old files repeat the table under each place where it is used, and keep the sinusoids.</summary>
    [Fact]
    public void CopiesAndComputedPositionsAreRead()
    {
        ModelCheckpoint.Load(model, Golden.Folder(Case));
        var table = Tensor("model.shared.weight");
        Write(
        [
            .. Tensors(), Named(table, "lm_head.weight"), Named(table, "model.encoder.embed_tokens.weight"),
            Named(table, "model.decoder.embed_tokens.weight"), Zeros("model.encoder.embed_positions.weight", 40, 24),
            Zeros("model.decoder.embed_positions.weight", 40, 24),
        ]);
        List<string> notes = [];
        ModelCheckpoint.Load(model, folder.File("in"), notes.Add);
        Assert.Empty(notes);

        // The table alone under a copy's name, and no constant.
        Write(
        [
            .. Tensors().Where(static tensor => tensor.Name is not ("model.shared.weight" or "final_logits_bias")), Named(table, "lm_head.weight"),
        ]);
        var before = model.ReadParameter("shared.weight");
        model.Initialize(1);
        model.WriteParameter("final_logits_bias", [.. Enumerable.Repeat(1f, 53)]);
        ModelCheckpoint.Load(model, folder.File("in"), notes.Add);
        Assert.Empty(notes);
        Assert.Equal(before, model.ReadParameter("shared.weight"));
        Assert.All(model.ReadParameter("final_logits_bias"), static value => Assert.Equal(0, value));

        Write([.. Tensors(), Zeros("lm_head.weight", 53, 24)]);
        Assert.Contains("has a head 'lm_head.weight' of its own", Refusal());
        Write([.. Tensors(), Zeros("model.encoder.embed_tokens.weight", 53, 24)]);
        Assert.Contains("has other numbers as 'model.encoder.embed_tokens.weight'", Refusal());
        Write([.. Tensors().Where(static tensor => !tensor.Name.Contains("encoder_attn.q_proj.weight", StringComparison.Ordinal))]);
        Assert.Contains("lacks 'decoder.layers.0.encoder_attn.q_proj.weight'", Refusal());
    }

    [Theory]
    [InlineData("\"normalize_before\": false", "\"normalize_before\": true", "normalize_before is true, but Seq2SeqTiny has false")]
    [InlineData("\"normalize_embedding\": false", "\"normalize_embedding\": true", "normalize_embedding is true")]
    [InlineData("\"add_final_layer_norm\": false", "\"add_final_layer_norm\": true", "add_final_layer_norm is true")]
    [InlineData("\"scale_embedding\": true", "\"scale_embedding\": false", "scale_embedding is false")]
    [InlineData("\"static_position_embeddings\": true", "\"static_position_embeddings\": false", "static_position_embeddings is false")]
    [InlineData(
        "\"share_encoder_decoder_embeddings\": true", "\"share_encoder_decoder_embeddings\": false", "share_encoder_decoder_embeddings is false")]
    [InlineData("\"encoder_layers\": 2", "\"encoder_layers\": 3", "encoder_layers is 3, but Seq2SeqTiny has 2")]
    [InlineData("\"decoder_layers\": 2", "\"decoder_layers\": 1", "decoder_layers is 1")]
    [InlineData("\"decoder_attention_heads\": 3", "\"decoder_attention_heads\": 4", "decoder_attention_heads is 4")]
    [InlineData("\"decoder_ffn_dim\": 40,", "", "decoder_ffn_dim is not said, which means 4096")]
    [InlineData("\"decoder_start_token_id\": 52", "\"decoder_start_token_id\": 0", "decoder_start_token_id is 0, but Seq2SeqTiny has 52")]
    [InlineData("\"activation_function\": \"relu\"", "\"activation_function\": \"swish\"", "activation_function is swish")]
    [InlineData("\"is_encoder_decoder\": true", "\"is_encoder_decoder\": false", "is_encoder_decoder is false")]
    [InlineData("\"model_type\": \"marian\"", "\"model_type\": \"bart\"", "model_type is bart, but Seq2SeqTiny has marian")]
    public void WhatIsComputedOtherwiseIsRefusedByItsName(string said, string wrong, string message)
    {
        Directory.CreateDirectory(folder.File("in"));
        File.Copy(Path.Combine(Golden.Folder(Case), "model.safetensors"), folder.File("in/model.safetensors"));
        var config = File.ReadAllText(Path.Combine(Golden.Folder(Case), "config.json"));
        Assert.Contains(said, config);
        File.WriteAllText(folder.File("in/config.json"), config.Replace(said, wrong));
        Assert.Contains(message, Refusal());
    }

    /// <summary>The keys of Helsinki-NLP's published models.</summary>
    [Fact]
    public void APublishedConfigurationNeedsNoNote()
    {
        const string Published = """
            {"_name_or_path": "/tmp/Helsinki-NLP/opus-mt-en-de", "_num_labels": 3, "activation_dropout": 0.0, "activation_function": "swish",
             "add_bias_logits": false, "add_final_layer_norm": false, "architectures": ["MarianMTModel"], "attention_dropout": 0.0,
             "bad_words_ids": [[52]], "bos_token_id": 0, "classif_dropout": 0.0, "classifier_dropout": 0.0, "d_model": 24,
             "decoder_attention_heads": 3, "decoder_ffn_dim": 40, "decoder_layerdrop": 0.0, "decoder_layers": 2, "decoder_start_token_id": 52,
             "decoder_vocab_size": 53, "dropout": 0.1, "encoder_attention_heads": 3, "encoder_ffn_dim": 40, "encoder_layerdrop": 0.0,
             "encoder_layers": 2, "eos_token_id": 0, "forced_eos_token_id": 0, "gradient_checkpointing": false,
             "id2label": {"0": "LABEL_0"}, "init_std": 0.02, "is_encoder_decoder": true, "label2id": {"LABEL_0": 0}, "max_length": 512,
             "max_position_embeddings": 40, "model_type": "marian", "normalize_before": false, "normalize_embedding": false, "num_beams": 6,
             "num_hidden_layers": 2, "pad_token_id": 52, "scale_embedding": true, "share_encoder_decoder_embeddings": true,
             "static_position_embeddings": true, "transformers_version": "4.22.0.dev0", "use_cache": true, "vocab_size": 53}
            """;
        folder.Write("config.json", Published);
        List<string> notes = [];
        ModelConfig.Check(folder.File("config.json"), SwishTiny.Specification, notes.Add);
        Assert.Empty(notes);
    }

    private TensorSource[] Tensors() =>
        [.. ParameterTensors.Sources(model.Description.Tensors, model.Parameters, model.Description.Naming.FileName)];

    private TensorSource Tensor(string name) => Tensors().Single(tensor => tensor.Name == name);

    private static TensorSource Named(TensorSource tensor, string name) => tensor with { Name = name };

    private static TensorSource Zeros(string name, params long[] shape) => new(name, shape, static (_, values) => values.Clear());

    private void Write(TensorSource[] tensors)
    {
        Directory.CreateDirectory(folder.File("in"));
        SafetensorsWriter.Write(folder.File("in/model.safetensors"), tensors, ElementType.F32, new Dictionary<string, string>());
    }

    private string Refusal() => Assert.Throws<GptGenException>(() => ModelCheckpoint.Load(model, folder.File("in"))).Message;
}

[Seq2Seq(Layers = 2, Heads = 3, Width = 24, HiddenWidth = 40, Context = 40, Vocabulary = 53, Activation = Activation.Silu)]
internal sealed partial class SwishTiny;
