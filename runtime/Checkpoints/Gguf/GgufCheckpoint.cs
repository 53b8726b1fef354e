using GptGen.Text;

namespace GptGen.Checkpoints.Gguf;

/// <summary>
/// Writes a GPT-2 for llama.cpp, Ollama and what else reads GGUF: weights, sizes and tokenizer in one file. What llama.cpp would compute otherwise
/// than the class does is refused.
/// </summary>
internal static class GgufCheckpoint
{
    // Of a class without biases: llama.cpp misses each.
    private static readonly string[] s_biased = ["ln_1", "attn.c_attn", "attn.c_proj", "ln_2", "mlp.c_fc", "mlp.c_proj"];

    /// <summary>Writes a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The file.</param>
    /// <param name="type">
    /// The type of its matrices: those whose rows do not fit its blocks are F16 then, and beside IQ4_NL the token table and the head Q8_0. Vectors
    /// and positions stay F32.
    /// </param>
    /// <param name="tokenizer">Its tokenizer; null for a file without, to which tokens must be given.</param>
    /// <exception cref="GptGenException">llama.cpp has no such model or tokenizer, a weight does not fit, or the file cannot be written.</exception>
    internal static void Save(Model model, string path, ElementType type, Tokenizer? tokenizer)
    {
        var description = model.Description;
        if (Obstacle(description) is { } obstacle)
            throw new GptGenException($"'{path}' cannot hold {description.Name}: {obstacle}. Name a folder or a .safetensors file.");
        var values = Sizes(description, type);
        values.AddRange(tokenizer is null
            ? [(GgufTokenizer.ModelKey, GgufTokenizer.NoModel), ($"{GgufFormat.Gpt2}.vocab_size", (uint)description.Vocabulary)]
            : GgufTokenizer.Values(tokenizer, description.Vocabulary, path));
        var tensors = Sources(model).Select(source => new GgufTensor(source, TypeOf(source, type))).ToList();
        AtomicFile.Write(path, stream => new GgufWriter(stream).Write(values, tensors));
    }

    /// <summary>Why a model cannot be written; null where it can.</summary>
    internal static string? Obstacle(ModelDescription model) =>
        model.Family == "openai-gpt" ? "llama.cpp has no GPT-1, which normalises behind each sum"
        : model.Family != GgufFormat.Gpt2 ? $"GGUF files are written of GPT-2 models, not of {model.Family}"
        : model.Head is not null ? "llama.cpp's GPT-2 has no task heads"
        : model.LayerNorm != LayerNormPlacement.Before ? "llama.cpp's GPT-2 normalises before each sublayer, this model behind each sum"
        : model.Activation != Activation.GeluTanh ? $"llama.cpp's GPT-2 computes GeluTanh, this model {model.Activation}"
        : null;

    private static List<(string Key, object Value)> Sizes(ModelDescription model, ElementType type)
    {
        static string Key(string name) => $"{GgufFormat.Gpt2}.{name}";
        List<(string Key, object Value)> values =
        [
            (GgufFormat.ArchitectureKey, GgufFormat.Gpt2),
            ("general.type", "model"),
            ("general.name", model.Name),
            ("general.file_type", GgufTensorTypes.FileType(type)),
            (Key("block_count"), (uint)model.Layers),
            (Key("context_length"), (uint)model.Context),
            (Key("embedding_length"), (uint)model.Width),
            (Key("feed_forward_length"), (uint)model.HiddenWidth),
            (Key("attention.head_count"), (uint)model.Heads),
            (Key("attention.layer_norm_epsilon"), model.Epsilon),
        ];
        if (type.HasBlocks())
            values.Add(("general.quantization_version", 2u));
        return values;
    }

    private static ElementType TypeOf(TensorSource source, ElementType type) =>
        GgufNames.StaysFloat(source.Name, source.Shape.Count) ? ElementType.F32
        : type.HasBlocks() && source.Shape[^1] % QuantizedBlocks.Elements != 0 ? ElementType.F16
        : type == ElementType.IQ4_NL && source.Name is GgufNames.TokenTable or GgufNames.Head ? ElementType.Q8_0
        : type;

    /// <summary>The tensors as they lie in memory, matrices [out, in], which is GGUF's layout too.</summary>
    private static IEnumerable<TensorSource> Sources(Model model)
    {
        var description = model.Description;
        foreach (var parameter in description.Tensors)
        {
            long[] shape = parameter.IsMatrix ? [parameter.Rows, parameter.Columns] : [parameter.Rows];
            yield return new(
                GgufNames.Of(parameter.Name), shape, (first, values) => model.Parameters.Read(parameter.Offset + (nint)first, values));
        }

        if (description.Biases)
            yield break;
        var rows = description.Tensors.ToDictionary(static parameter => parameter.Name, static parameter => parameter.Rows);
        var layers = Enumerable.Range(0, description.Layers).SelectMany(static layer => s_biased.Select(part => $"h.{layer}.{part}"));
        foreach (var part in layers.Append("ln_f"))
            yield return new(GgufNames.Of($"{part}.bias"), [rows[$"{part}.weight"]], static (_, values) => values.Clear());
    }
}
