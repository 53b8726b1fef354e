namespace GptGen.Runtime.Tests.Checkpoints;

/// <summary>The keys of a configuration as the generator writes them for GPT-1 and GPT-2.</summary>
internal static class TestConfig
{
    public static IReadOnlyList<ConfigKey> Of(
        int layers, int heads, int width, int context, int vocabulary, bool tied, Activation activation, bool isGpt1) =>
    [
        new("architectures", new System.Text.Json.Nodes.JsonArray(isGpt1 ? "OpenAIGPTLMHeadModel" : "GPT2LMHeadModel")),
        new("model_type", isGpt1 ? "openai-gpt" : "gpt2"),
        isGpt1
            ? new("afn", activation switch { Activation.GeluTanh => "gelu", Activation.GeluErf => "gelu_python", _ => "relu" })
            {
                Absent = "gelu", OtherNames = ["activation_function"],
            }
            : new("activation_function", activation switch { Activation.GeluTanh => "gelu_new", Activation.GeluErf => "gelu", _ => "relu" })
            {
                Absent = "gelu_new", OtherNames = ["afn"],
            },
        new("n_layer", layers),
        new("n_head", heads) { Absent = 12, OtherNames = ["num_attention_heads"] },
        new("n_embd", width),
        new("n_positions", context),
        new("n_ctx", context),
        new("n_inner", null),
        new("vocab_size", vocabulary),
        new("layer_norm_epsilon", 1e-5f) { Absent = 1e-5f, OtherNames = ["layer_norm_eps"] },
        new("attn_pdrop", 0f),
        new("embd_pdrop", 0f),
        new("resid_pdrop", 0f),
        new("initializer_range", 0.02f),
        new("tie_word_embeddings", tied) { Absent = true },
        new("scale_attn_weights", true),
        new("torch_dtype", "float32"),
        new("bos_token_id", null),
        new("eos_token_id", null),
    ];
}
