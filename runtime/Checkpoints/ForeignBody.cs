using System.Globalization;

namespace GptGen.Checkpoints;

/// <summary>Explains tensors of models that are none of ours, by the names that their families give them.</summary>
internal static class ForeignBody
{
    // Names are looked at from their end on, as far as any of these reaches.
    private const int LongestEnd = 120;

    private static readonly (string Part, string Explanation)[] Signs =
    [
        ("lora_", "These are LoRA adapters: merge them into the model (merge_and_unload() of PEFT) and save it. "),
        ("base_layer", "These are weights under LoRA adapters: merge them into the model (merge_and_unload() of PEFT) and save it. "),
        ("crossattention", "The model attends to an encoder, which {1} does not. "),
        ("inv_freq", "The model has rotary positions, which {1} does not. "),
        ("self_attn.q_proj", "These are weights of the Llama family or its kin, not of {0}. "),
        ("query_key_value", "These are weights of GPT-NeoX, BLOOM or their kin, not of {0}. "),
        ("attention.self.query", "These are weights of the BERT family, not of {0}. "),
        ("SelfAttention.q", "These are weights of the T5 family, not of {0}. "),
        ("attn.q_proj", "These are weights of GPT-J or its kin, not of {0}. "),
        ("attn.attention", "These are weights of GPT-Neo, not of {0}. "),
        ("qweight", "The weights are quantised: use the model as it was before. "),
        ("weight_scale", "The weights are quantised: use the model as it was before. "),
        ("absmax", "The weights are quantised: use the model as it was before. "),
        ("SCB", "The weights are quantised: use the model as it was before. "),
        ("lm_head.bias", "The head has a bias, which that of {1} does not. "),
    ];

    /// <summary>One sentence about names that a model does not know, with a space behind it; empty where nothing is known of them.</summary>
    internal static string Explain(IEnumerable<string> names, ModelDescription model)
    {
        // What the model's own names have says nothing against it.
        var signs = Signs.Where(sign => !model.Tensors.Any(tensor => tensor.Name.Contains(sign.Part, StringComparison.Ordinal))).ToList();
        foreach (var name in names)
        {
            var end = name.AsSpan(Math.Max(0, name.Length - LongestEnd));
            foreach (var (part, explanation) in signs)
            {
                if (end.Contains(part, StringComparison.Ordinal))
                    return string.Format(CultureInfo.InvariantCulture, explanation, model.Family, model.Name);
            }
        }

        return "";
    }
}
