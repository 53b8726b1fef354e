using GptGen.Checkpoints;

namespace GptGen.MiniLm;

/// <summary>Writes the package's model as the folder that Hugging Face's libraries have of it.</summary>
internal static class MiniLmFolder
{
    // Heads and epsilon stand in no weight; these are the model's published numbers, and the graph's.
    private const string Config = """
        {
          "architectures": ["BertModel"],
          "attention_probs_dropout_prob": 0.1,
          "hidden_act": "gelu",
          "hidden_dropout_prob": 0.1,
          "hidden_size": 384,
          "initializer_range": 0.02,
          "intermediate_size": 1536,
          "layer_norm_eps": 1e-12,
          "max_position_embeddings": 512,
          "model_type": "bert",
          "num_attention_heads": 12,
          "num_hidden_layers": 6,
          "pad_token_id": 0,
          "position_embedding_type": "absolute",
          "type_vocab_size": 2,
          "vocab_size": 30522
        }

        """;

    private const string TokenizerConfig = """
        {
          "do_lower_case": true,
          "model_max_length": 512,
          "tokenizer_class": "BertTokenizer"
        }

        """;

    /// <summary>Writes <c>config.json</c>, <c>model.safetensors</c>, <c>vocab.txt</c> and <c>tokenizer_config.json</c>. Makes the folder.</summary>
    /// <param name="folder">The folder.</param>
    public static void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "config.json"), Config);
        File.WriteAllText(Path.Combine(folder, "tokenizer_config.json"), TokenizerConfig);
        File.WriteAllBytes(Path.Combine(folder, "vocab.txt"), MiniLmPackage.Vocabulary);
        SafetensorsWriter.Write(
            Path.Combine(folder, "model.safetensors"),
            [.. OnnxWeights.Read(MiniLmPackage.Model).OrderBy(static weight => weight.Name, StringComparer.Ordinal).Select(ToSource)],
            metadata: new Dictionary<string, string> { ["format"] = "pt" });
    }

    private static TensorSource ToSource(OnnxWeight weight) =>
        new(weight.Name, weight.Shape, (first, values) => weight.Values.AsSpan((int)first, values.Length).CopyTo(values));
}
