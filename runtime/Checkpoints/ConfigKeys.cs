using System.Collections.Frozen;
using System.Text.Json;

namespace GptGen.Checkpoints;

/// <summary>
/// Every key of a <c>config.json</c> that is known whatever the family: those that are compared with the class, those that must have one value
/// because they change the computation in a way that no class can be told, and those that change nothing here. A family adds its own
/// (<see cref="ModelDescription.Config"/>). What is in none of these is named to the user.
/// </summary>
internal static class ConfigKeys
{
    /// <summary>Compares an entry with a model.</summary>
    /// <exception cref="GptGenException">The entry's value is damaged.</exception>
    internal delegate ConfigDifference? Rule(ConfigEntry entry, ModelDescription model);

    /// <summary>The keys that are held to the class.</summary>
    internal static FrozenDictionary<string, Rule> Compared { get; } = new Dictionary<string, Rule>
    {
        ["model_type"] = static (entry, model) => entry.IsNull || entry.Name() == model.Family ? null : entry.Different(model.Family),
        ["architectures"] = CheckArchitectures,
        ["auto_map"] = RefuseOwnCode,
        ["layer_types"] = RequireFullAttention,
        ["do_layer_norm_before"] = NormBefore,
        ["normalize_before"] = NormBefore,
        ["pre_norm"] = NormBefore,
        ["n_layer"] = Size(static model => model.Layers),
        ["num_hidden_layers"] = Size(static model => model.Layers),
        ["n_head"] = Size(static model => model.Heads),
        ["num_attention_heads"] = Size(static model => model.Heads),
        ["num_key_value_heads"] = SizeOrNull(static model => model.Heads),
        ["head_dim"] = SizeOrNull(static model => model.Width / model.Heads),
        ["n_embd"] = Size(static model => model.Width),
        ["hidden_size"] = Size(static model => model.Width),
        ["word_embed_proj_dim"] = SizeOrNull(static model => model.Width),
        ["n_positions"] = Size(static model => model.Context),
        ["max_position_embeddings"] = Size(static model => model.Context),
        ["block_size"] = Size(static model => model.Context),
        ["vocab_size"] = static (entry, model) =>
            VocabularyPadding.Covers(entry.Number(), model.Vocabulary) ? null : entry.Compare(model.Vocabulary),
        ["n_inner"] = HiddenWidth,
        ["intermediate_size"] = HiddenWidth,
        ["ffn_dim"] = HiddenWidth,
        ["layer_norm_epsilon"] = Epsilon,
        ["layer_norm_eps"] = Epsilon,
        ["activation_function"] = CompareActivation,
        ["afn"] = CompareActivation,
        ["hidden_act"] = CompareActivation,
        ["tie_word_embeddings"] = static (entry, model) =>
            entry.Flag() == model.TiedHead ? null : entry.Different(model.TiedHead ? "true (TiedHead)" : "false (TiedHead = false)"),
        ["bias"] = static (entry, model) => entry.Flag() && !model.Biases ? entry.Different("false (Biases = false)") : null,
        ["num_labels"] = OfHead(static head => head.Kind == TaskKind.MultipleChoice ? null : head.Classes),
        ["id2label"] = CompareLabels,
        ["label2id"] = CompareLabels,
        ["num_choices"] = OfHead(static head => head.Kind == TaskKind.MultipleChoice ? head.Classes : null),
        ["n_special"] = OfHead(static head => head.Tokens is null ? null : SpecialTokens.Count),
        ["start_token_id"] = OfHead(static head => head.Tokens?.Start),
        ["delimiter_token_id"] = OfHead(static head => head.Tokens?.Delimiter),
        ["classify_token_id"] = OfHead(static head => head.Tokens?.Classify),
        ["summary_type"] = Summary("cls_index"),
        ["summary_activation"] = Summary(null),
        ["summary_use_proj"] = Summary("True"),
        ["summary_proj_to_labels"] = Summary("True"),
    }.ToFrozenDictionary();

    /// <summary>
    /// The keys that must have one of some values, written as JSON writes them, and what the values mean. Absence is always among them, and null
    /// where Python takes it for the same: it takes null for false.
    /// </summary>
    internal static FrozenDictionary<string, (string[] Values, string Meaning)> Fixed { get; } = new Dictionary<string, (string[], string)>
    {
        ["scale_attn_weights"] = (["true"], "attention scores divided by the root of a head's width (true)"),
        ["scale_attn_by_inverse_layer_idx"] = (["false"], "attention that is scaled alike in every layer (false)"),
        ["causal"] = (["true"], "attention to earlier tokens only (true)"),
        ["is_causal"] = (["true"], "attention to earlier tokens only (true)"),
        ["add_cross_attention"] = (["false"], "a decoder that attends to itself (false)"),
        ["is_encoder_decoder"] = (["false"], "a decoder alone (false)"),
        ["tie_encoder_decoder"] = (["false"], "a decoder alone (false)"),
        ["cross_attention_hidden_size"] = ([], "a decoder that attends to itself (null)"),
        ["pruned_heads"] = (["{}", "[]"], "every head in place ({})"),
        ["quantization_config"] = ([], "unquantised weights, F32, F16 or BF16 (null)"),
        ["per_layer_config"] = (["{}"], "the same sizes in every layer (null)"),
        ["position_embedding_type"] = (["\"absolute\"", "\"learned\"", "\"learned_absolute\""], "learned positions (\"absolute\")"),
        ["sliding_window"] = ([], "attention to every earlier token (null)"),
        ["use_sliding_window"] = (["false"], "attention to every earlier token (false)"),
        ["rope_theta"] = ([], "learned positions (null)"),
        ["rope_scaling"] = ([], "learned positions (null)"),
        ["rope_parameters"] = ([], "learned positions (null)"),
        ["rotary_dim"] = (["0"], "learned positions (null)"),
        ["rotary_pct"] = (["0", "0.0"], "learned positions (null)"),
        ["alibi"] = (["false"], "learned positions (false)"),
        ["multi_query"] = (["false"], "keys and values for every head (false)"),
        ["parallel_attn"] = (["false"], "attention before the MLP (false)"),
        ["use_parallel_residual"] = (["false"], "attention before the MLP (false)"),
        ["norm_type"] = (["\"layernorm\"", "\"layer_norm\"", "\"LayerNorm\""], "LayerNorm"),
        ["attn_logit_softcapping"] = ([], "attention scores as they are (null)"),
        ["final_logit_softcapping"] = ([], "logits as they are (null)"),
        ["logit_scale"] = (["1", "1.0"], "logits as they are (1)"),
        ["logits_scaling"] = (["1", "1.0"], "logits as they are (1)"),
        ["embedding_multiplier"] = (["1", "1.0"], "embeddings as they are (1)"),
        ["residual_multiplier"] = (["1", "1.0"], "branches added as they are (1)"),
        ["scale_embedding"] = (["false"], "embeddings as they are (false)"),
        ["num_local_experts"] = (["0", "1"], "one MLP a layer"),
        ["num_experts"] = (["0", "1"], "one MLP a layer"),
    }.ToFrozenDictionary();

    /// <summary>The keys that change nothing of what is computed here, by reason.</summary>
    internal static FrozenSet<string> Harmless { get; } = new[]
    {
        // Read by Hugging Face's older versions for the size of a mask; the position table decides.
        "n_ctx",
        // Training: dropout and the first weights.
        "attn_pdrop", "embd_pdrop", "resid_pdrop", "dropout", "attention_dropout", "hidden_dropout", "summary_first_dropout", "classifier_dropout",
        "activation_dropout", "classif_dropout", "encoder_layerdrop", "decoder_layerdrop", "initializer_range", "init_std", "label_smoothing",
        "problem_type", "finetuning_task", "all_clip_norm_val", "sample_softmax", "n_negative_samples_batch", "unroll_steps", "n_epochs",
        "n_train_tokens", "batch_size",
        // How the same numbers are computed, kept in memory or given back.
        "reorder_and_upcast_attn", "use_cache", "gradient_checkpointing", "chunk_size_feed_forward", "_attn_implementation", "attn_implementation",
        "_attn_implementation_autoset", "_attn_implementation_internal", "attn_impl", "_flash_attn_2_enabled", "use_flash_attn",
        "use_flash_attention", "use_flash_attention_2", "flash_attn", "flash_attention", "_experts_implementation",
        "_experts_implementation_internal", "torchscript", "use_bfloat16", "torch_dtype", "dtype", "tf_legacy_loss", "output_attentions",
        "output_hidden_states", "return_dict", "use_return_dict", "_output_attentions", "keys_to_ignore_at_inference", "is_decoder", "tp_plan",
        "base_model_tp_plan", "base_model_pp_plan", "output_scores", "return_dict_in_generate", "output_past",
        // Where the file comes from.
        "_num_labels", "transformers_version", "_name_or_path", "name_or_path", "_commit_hash", "transformers.js_config", "unsloth_version",
        "predict_special_tokens",
        // The tokens' meaning, which is the tokenizer's matter.
        "bos_token_id", "eos_token_id", "pad_token_id", "sep_token_id", "cls_token_id", "mask_token_id", "unk_token_id", "decoder_start_token_id",
        "tokenizer_class", "prefix",
        // Defaults of generation, which the commands' own options decide.
        "task_specific_params", "do_sample", "max_length", "min_length", "max_new_tokens", "min_new_tokens", "temperature", "top_k", "top_p", "min_p",
        "typical_p", "epsilon_cutoff", "eta_cutoff", "repetition_penalty", "encoder_repetition_penalty", "length_penalty", "no_repeat_ngram_size",
        "encoder_no_repeat_ngram_size", "bad_words_ids", "force_words_ids", "num_return_sequences", "num_beams", "num_beam_groups",
        "diversity_penalty", "early_stopping", "forced_bos_token_id", "forced_eos_token_id", "remove_invalid_values",
        "exponential_decay_length_penalty", "suppress_tokens", "begin_suppress_tokens", "renormalize_logits", "constraints", "penalty_alpha",
        "max_time", "stop_strings", "guidance_scale", "sequence_bias",
    }.ToFrozenSet();

    // How words begin that speak of the computation. Dropout is training's, and a cache holds the same numbers.
    private static readonly string[] Telling =
    [
        "rope", "rotary", "alibi", "sliding", "window", "softcap", "quant", "expert", "moe", "crossattention", "norm", "rms", "multiplier", "scale",
        "scaling", "residual", "bias", "attn", "attention", "lora", "gated", "swiglu", "sparse", "prun",
        "layernorm", "qk", "kv", "mup", "bidirectional", "softmax", "logit", "clip",
    ];

    /// <summary>How a key is compared with a model, whose family's own keys come first; null where it is not.</summary>
    internal static Rule? RuleOf(string key, ModelDescription model) =>
        model.Config.FirstOrDefault(own => own.IsHeld && own.IsNamed(key)) is not { } held ? Compared.GetValueOrDefault(key)
        : held.Value is null ? static (entry, _) => entry.IsNull ? null : entry.Different("null")
        : (entry, _) =>
        {
            if (entry.IsNull && held.IsNullAbsent)
                return Unsaid(entry, held, model, "null");
            using var expected = JsonDocument.Parse(held.Value.ToJsonString());
            return entry.Compare(expected.RootElement);
        };

    /// <summary>How a model differs from what the absence of a key means; <paramref name="found"/> is what stands in the file.</summary>
    internal static ConfigDifference? Unsaid(ConfigEntry entry, ConfigKey key, ModelDescription model, string found)
    {
        using var taken = JsonDocument.Parse(key.Absent!.ToJsonString());
        var difference = RuleOf(entry.Key, model)?.Invoke(entry with { Value = taken.RootElement }, model);
        return difference is null ? null : difference with { Found = $"{found}, which means {difference.Found}" };
    }

    /// <summary>
    /// Whether a key that is not compared is known to change nothing: it does so for every family, or this one's models are written with it.
    /// </summary>
    internal static bool IsHarmless(string key, ModelDescription model) => Harmless.Contains(key) || model.Config.Any(own => own.IsNamed(key));

    /// <summary>Refuses an unknown entry whose name speaks of the computation, unless it turns nothing on.</summary>
    /// <exception cref="GptGenException">It may change what is computed.</exception>
    internal static void RefuseTelling(ConfigEntry entry)
    {
        var key = entry.Key;
        if (entry.IsOff || key.Contains("drop", StringComparison.OrdinalIgnoreCase) || key.Contains("cache", StringComparison.OrdinalIgnoreCase))
            return;
        if (Array.Find(Telling, part => HasWord(key, part)) is { } part)
        {
            throw new GptGenException(
                $"'{entry.Source}' sets '{MessageText.Shorten(key)}' to {entry.Text}, which is unknown and by its name ('{part}') may change what "
                + "the model computes. Use another program for this model, or remove the key if it does not.");
        }
    }

    /// <summary>Refuses a value that no class computes.</summary>
    /// <exception cref="GptGenException">It is such a value.</exception>
    internal static void RequireFixed(ConfigEntry entry)
    {
        var (values, meaning) = Fixed[entry.Key];
        if (entry.IsNull ? values.Contains("true") : !values.Contains(Compact(entry.Value)))
            throw entry.Unsupported(meaning);
    }

    private static bool HasWord(string key, string beginning)
    {
        foreach (var word in key.AsSpan().SplitAny('_', '-', '.', ' '))
        {
            if (key.AsSpan()[word].StartsWith(beginning, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    private static string Compact(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.GetPropertyCount() == 0 ? "{}" : "{…}",
        JsonValueKind.Array => value.GetArrayLength() == 0 ? "[]" : "[…]",
        _ => value.GetRawText(),
    };

    private static Rule Size(Func<ModelDescription, int> expected) => (entry, model) => entry.Compare(expected(model));

    private static Rule SizeOrNull(Func<ModelDescription, int> expected) => (entry, model) => entry.IsNull ? null : entry.Compare(expected(model));

    private static Rule OfHead(Func<TaskHead, int?> expected) =>
        (entry, model) => !entry.IsNull && model.Head is { } head && expected(head) is { } number ? entry.Compare(number) : null;

    private static ConfigDifference? NormBefore(ConfigEntry entry, ModelDescription model) =>
        entry.IsNull || entry.Flag() == (model.LayerNorm == LayerNormPlacement.Before) ? null : entry.Different($"LayerNorm.{model.LayerNorm}");

    // Null is the default, four times the width.
    private static ConfigDifference? HiddenWidth(ConfigEntry entry, ModelDescription model) =>
        !entry.IsNull ? entry.Compare(model.HiddenWidth)
        : model.HiddenWidth == 4 * model.Width ? null
        : new(entry.Key, "null (4 x width)", $"{model.HiddenWidth}");

    private static ConfigDifference? Epsilon(ConfigEntry entry, ModelDescription model) =>
        entry.Compare(model.Epsilon, ConfigEntry.RoundingTolerance);

    private static ConfigDifference? CompareActivation(ConfigEntry entry, ModelDescription model) =>
        ActivationNames.Find(entry.Name(), entry.Key) == model.Activation ? null : entry.Different(ActivationNames.Of(model.Activation));

    private static ConfigDifference? CompareLabels(ConfigEntry entry, ModelDescription model)
    {
        if (entry.IsNull || model.Head is not { Kind: not TaskKind.MultipleChoice } head)
            return null;
        if (entry.Value.ValueKind != JsonValueKind.Object)
            throw entry.WrongType("an object");
        var count = entry.Value.GetPropertyCount();
        return count == head.Classes ? null : new(entry.Key, $"of {count} labels", $"{head.Classes}");
    }

    /// <summary>How a multiple-choice head sums a sequence up, which of Hugging Face's ways is computed in one.</summary>
    private static Rule Summary(string? expected) => (entry, model) =>
        model.Head is not { Kind: TaskKind.MultipleChoice } || entry.IsNull || entry.Value.ToString() == expected ? null
        : entry.Different(expected?.ToLowerInvariant() ?? "null");

    /// <summary>The names themselves mean nothing to the computation; <see cref="ConfigFile.Notes"/> says those of another family.</summary>
    private static ConfigDifference? CheckArchitectures(ConfigEntry entry, ModelDescription model)
    {
        var isList = entry.Value.ValueKind == JsonValueKind.Array && entry.Value.EnumerateArray().All(
            static name => name.ValueKind == JsonValueKind.String);
        return entry.IsNull || isList ? null : throw entry.WrongType("a list of texts");
    }

    /// <summary>A repository's own code may compute anything.</summary>
    private static ConfigDifference? RefuseOwnCode(ConfigEntry entry, ModelDescription model) =>
        entry.Value.ValueKind == JsonValueKind.Object
            && entry.Value.EnumerateObject()
            .Any(static item => item.Name.StartsWith("AutoModel", StringComparison.Ordinal) || item.Name == "AutoConfig")
            ? throw entry.Unsupported("its own code")
            : null;

    private static ConfigDifference? RequireFullAttention(ConfigEntry entry, ModelDescription model) =>
        entry.IsNull
            || (entry.Value.ValueKind == JsonValueKind.Array
                && entry.Value.EnumerateArray().All(static type => type.ValueKind == JsonValueKind.String && type.GetString() == "full_attention"))
            ? null
            : throw entry.Unsupported("full attention in every layer");
}
