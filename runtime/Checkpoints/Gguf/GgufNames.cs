namespace GptGen.Checkpoints.Gguf;

/// <summary>The names of GPT-2's tensors in GGUF files beside Hugging Face's.</summary>
internal static class GgufNames
{
    internal const string TokenTable = "token_embd.weight";
    internal const string Positions = "position_embd.weight";
    internal const string Head = "output.weight";

    private const string Block = "blk.";
    private const string Layer = "h.";
    private const string NormEnd = "_norm.weight";

    private static readonly (string Gguf, string Own)[] s_parts =
    [
        ("token_embd", "wte"), ("position_embd", "wpe"), ("output_norm", "ln_f"), ("output", "lm_head"),
        ("attn_norm", "ln_1"), ("attn_qkv", "attn.c_attn"), ("attn_output", "attn.c_proj"),
        ("ffn_norm", "ln_2"), ("ffn_up", "mlp.c_fc"), ("ffn_down", "mlp.c_proj"),
    ];

    /// <summary>Whether a tensor stays F32 in files of any type: vectors, gains, positions.</summary>
    internal static bool StaysFloat(string name, int dimensions) =>
        dimensions == 1 || name == Positions || name.EndsWith(NormEnd, StringComparison.Ordinal);

    /// <summary>The file's name of a tensor of ours: "blk.0.attn_qkv.weight" for "h.0.attn.c_attn.weight".</summary>
    internal static string Of(string own) => Translate(own, Layer, Block, isOwn: true)
        ?? throw new InvalidOperationException($"'{own}' is no tensor of GPT-2.");

    /// <summary>Our name of a file's tensor; its own where it is none of GPT-2's.</summary>
    internal static string Own(string name) => Translate(name, Block, Layer, isOwn: false) ?? name;

    private static string? Translate(string name, string from, string to, bool isOwn)
    {
        var dot = name.LastIndexOf('.');
        var start = name.StartsWith(from, StringComparison.Ordinal) ? name.IndexOf('.', from.Length) + 1 : 0;
        if (dot <= start || (start > 0 && name.AsSpan(from.Length, start - 1 - from.Length).ContainsAnyExceptInRange('0', '9')))
            return null;
        var part = name[start..dot];
        var found = Array.Find(s_parts, pair => (isOwn ? pair.Own : pair.Gguf) == part);
        if (found.Gguf is null)
            return null;
        var number = start > 0 ? to + name[from.Length..start] : "";
        return $"{number}{(isOwn ? found.Gguf : found.Own)}{name[dot..]}";
    }
}
