using System.Buffers;
using System.Text;
using System.Text.Json;
using GptGen.Text;

namespace GptGen.Checkpoints;

/// <summary>
/// Hugging Face's <c>config.json</c> of a GPT model. It must agree with the class, because a wrong number of heads or a wrong activation function
/// loads without a trace and writes nonsense. <c>ConfigKeys</c> lists the keys that are known; others are named.
/// </summary>
public static class ModelConfig
{
    /// <summary>The file's name.</summary>
    public const string FileName = "config.json";

    /// <summary>Throws unless the file agrees with the model.</summary>
    /// <param name="path">The file.</param>
    /// <param name="model">The model.</param>
    /// <param name="note">Told of keys that are not known.</param>
    /// <exception cref="GptGenException">The file is damaged, or describes another model; the message names the key and both values.</exception>
    public static void Check(string path, ModelDescription model, Action<string>? note = null)
    {
        using var file = ConfigFile.Open(path);
        file.Check(model, note);
    }

    /// <summary>As <c>Check</c> of a file, for JSON that another file carries.</summary>
    internal static void CheckText(string json, string source, ModelDescription model)
    {
        using var file = ConfigFile.Parse(Encoding.UTF8.GetBytes(json), source);
        file.Check(model, note: null);
    }

    /// <summary>
    /// The <c>config.json</c> of a model whose weights are stored as <paramref name="type"/>; it names the end-of-text token of
    /// <paramref name="tokenizer"/>.
    /// </summary>
    public static string Format(ModelDescription model, ElementType type = ElementType.F32, Tokenizer? tokenizer = null)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
            Write(json, model, type, tokenizer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }

    /// <summary>A task head's entries: Hugging Face's "num_labels", and what it has no names for.</summary>
    private static IEnumerable<(string Key, int Value)> HeadNumbers(ModelDescription model)
    {
        if (model.Head is not { } head)
            yield break;
        yield return (head.Kind == TaskKind.MultipleChoice ? "num_choices" : "num_labels", head.Classes);
        yield return ("n_special", SpecialTokens.Count);
        yield return ("start_token_id", head.Tokens.Start);
        yield return ("delimiter_token_id", head.Tokens.Delimiter);
        yield return ("classify_token_id", head.Tokens.Classify);
    }

    private static void Write(Utf8JsonWriter json, ModelDescription model, ElementType type, Tokenizer? tokenizer)
    {
        var isGpt2 = model.Family == "gpt2";
        json.WriteStartObject();
        json.WriteStartArray("architectures");
        json.WriteStringValue(isGpt2 ? "GPT2LMHeadModel" : "OpenAIGPTLMHeadModel");
        json.WriteEndArray();
        json.WriteString("model_type", model.Family);
        if (isGpt2)
            json.WriteString("activation_function", ActivationNames.Of(model.Activation));
        else
            json.WriteString("afn", model.Activation == Activation.GeluTanh ? "gelu" : ActivationNames.Of(model.Activation));
        json.WriteNumber("n_layer", model.Layers);
        json.WriteNumber("n_head", model.Heads);
        json.WriteNumber("n_embd", model.Width);
        json.WriteNumber("n_positions", model.Context);
        json.WriteNumber("n_ctx", model.Context);
        if (model.HiddenWidth == 4 * model.Width)
            json.WriteNull("n_inner");
        else
            json.WriteNumber("n_inner", model.HiddenWidth);
        json.WriteNumber("vocab_size", model.Vocabulary);
        json.WriteNumber("layer_norm_epsilon", model.Epsilon);
        json.WriteNumber("attn_pdrop", model.Dropout);
        json.WriteNumber("embd_pdrop", model.Dropout);
        json.WriteNumber("resid_pdrop", model.Dropout);
        json.WriteNumber("initializer_range", InitialDeviation(model));
        json.WriteBoolean("tie_word_embeddings", model.TiedHead);
        json.WriteBoolean("scale_attn_weights", true);
        json.WriteString("torch_dtype", type switch { ElementType.F16 => "float16", ElementType.BF16 => "bfloat16", _ => "float32" });
        foreach (var (key, value) in HeadNumbers(model))
            json.WriteNumber(key, value);
        WriteEndOfText(json, model, tokenizer);
        json.WriteEndObject();
    }

    // The first parameter is the token table, whose deviation is the model's.
    private static float InitialDeviation(ModelDescription model) =>
        model.Parameters.FirstOrDefault(static parameter => parameter.Initialization == Initialization.Normal)?.Deviation ?? 0.02f;

    private static void WriteEndOfText(Utf8JsonWriter json, ModelDescription model, Tokenizer? tokenizer)
    {
        // Without a tokenizer only GPT-2's own vocabulary is known to have an end-of-text token. The default of readers would lie outside a smaller
        // one.
        const int Gpt2Vocabulary = 50257;
        int? usual = (model.Head?.Tokens.Start ?? model.Vocabulary) == Gpt2Vocabulary ? Gpt2Vocabulary - 1 : null;
        var end = tokenizer is null ? usual : tokenizer.EndOfText;
        foreach (var (key, token) in (ReadOnlySpan<(string, int?)>)[("bos_token_id", tokenizer?.BeginOfText ?? end), ("eos_token_id", end)])
        {
            if (token is { } number)
                json.WriteNumber(key, number);
            else
                json.WriteNull(key);
        }
    }
}
