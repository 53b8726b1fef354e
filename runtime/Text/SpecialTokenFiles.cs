using System.Globalization;
using System.Text.Json;
using GptGen.Checkpoints;

namespace GptGen.Text;

/// <summary>
/// Reads what lies beside a vocabulary in Hugging Face's folders: <c>added_tokens.json</c>, <c>special_tokens_map.json</c> and
/// <c>tokenizer_config.json</c>. They add tokens, and say which of them have a role. Every key is obeyed, known to change no token, or refused by its
/// name.
/// </summary>
internal sealed class SpecialTokenFiles
{
    private const string EndRole = "eos_token";
    private const string BeginRole = "bos_token";
    private static readonly string[] s_moreKeys = ["additional_special_tokens", "extra_special_tokens", "model_specific_special_tokens"];
    private const string Gpt1Class = "OpenAIGPTTokenizer";

    /// <summary>Classes without rules of their own.</summary>
    private static readonly string[] s_plainClasses = ["PreTrainedTokenizer", "TokenizersBackend"];

    /// <summary>Classes whose rules are GPT-2's where their vocabulary is two files, or stand in <c>tokenizer.json</c> wholly.</summary>
    private static readonly string[] s_classes = ["GPT2Tokenizer", "CodeGenTokenizer", "GPTNeoXTokenizer", .. s_plainClasses];

    /// <summary>Classes whose rules are BERT's.</summary>
    private static readonly string[] s_bertClasses =
        ["BertTokenizer", "DistilBertTokenizer", "ElectraTokenizer", "MobileBertTokenizer", .. s_plainClasses];

    /// <summary>Classes whose rules are Marian's.</summary>
    private static readonly string[] s_marianClasses = ["MarianTokenizer"];

    /// <summary>What padding, truncation, conversations, names and programs need, and no text's tokens depend on.</summary>
    private static readonly string[] s_harmless =
    [
        "model_max_length", "max_len", "max_length", "name_or_path", "_name_or_path", "special_tokens_map_file", "tokenizer_file", "vocab_file",
        "merges_file", "padding_side", "truncation_side", "truncation", "truncation_strategy", "padding", "pad_to_multiple_of", "pad_token_type_id",
        "stride", "model_input_names", "chat_template", "errors", "legacy", "use_fast", "from_slow", "trim_offsets", "spaces_between_special_tokens",
        "init_inputs", "backend", "is_local", "local_files_only", "processor_class", "return_token_type_ids", "return_attention_mask",
        "transformers_version", "token_type_ids_pattern", "verbose", "device_map", "revision", "response_schema", "use_default_system_prompt",
        "add_generation_prompt", "trust_remote_code", "use_auth_token", "token", "cache_dir", "subfolder", "force_download", "resume_download",
        "proxies",
        "_from_auto", "_commit_hash", "return_tensors", "return_overflowing_tokens", "return_special_tokens_mask", "return_offsets_mapping",
        "return_length",
    ];

    private readonly TokenizerDefinition _definition;
    private readonly Action<string>? _note;
    private readonly Dictionary<string, (string? Content, string Source)> _roles = new(StringComparer.Ordinal);

    private SpecialTokenFiles(TokenizerDefinition definition, Action<string>? note)
    {
        _definition = definition;
        _note = note;
    }

    /// <summary>The names of tokens with a role; null where a file says that the role has no token.</summary>
    public IReadOnlyDictionary<string, string?> Names => _roles.ToDictionary(static role => role.Key, static role => role.Value.Content);

    /// <summary>Where the end of a text is said, for people; null where no file says it.</summary>
    public string? EndSource { get; private set; }

    /// <summary>Reads the files that are there into what the vocabulary's own files said.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="names">The names of those that are there.</param>
    /// <param name="definition">Receives added tokens and the roles of tokens.</param>
    /// <param name="note">Takes what a user should know.</param>
    /// <exception cref="GptGenException">
    /// A file is damaged, contradicts the vocabulary, or asks for what is not done here; the key is named.
    /// </exception>
    public static SpecialTokenFiles Read(string folder, IReadOnlyCollection<string> names, TokenizerDefinition definition, Action<string>? note)
    {
        var files = new SpecialTokenFiles(definition, note);
        if (names.Contains(TokenizerFileNames.Added))
            files.ReadAdded(Path.Combine(folder, TokenizerFileNames.Added));
        // As transformers does: a list of added tokens in the configuration makes the map old news; otherwise the map counts first.
        var isWhole = names.Contains(TokenizerFileNames.Config) && files.ReadConfig(Path.Combine(folder, TokenizerFileNames.Config));
        if (names.Contains(TokenizerFileNames.SpecialTokens))
            files.ReadMap(Path.Combine(folder, TokenizerFileNames.SpecialTokens), overrides: !isWhole);
        definition.BeginOfText = files.Find(BeginRole);
        definition.EndOfText = files.Find(EndRole);
        if (files._roles.TryGetValue(EndRole, out var end))
            files.EndSource = end.Source;
        return files;
    }

    /// <summary>The roles as the content of <c>special_tokens_map.json</c>, with a token that ends texts.</summary>
    public byte[] ToMap(string end) => JsonBytes.Indented(json =>
    {
        foreach (var (role, named) in _roles)
        {
            if (role != EndRole && named.Content is not null)
                json.WriteString(role, named.Content);
        }

        json.WriteString(EndRole, end);
    });

    private int? Find(string role)
    {
        if (!_roles.TryGetValue(role, out var named) || named.Content is null)
            return null;
        if (_definition.Numbers.TryGet(named.Content, out var number))
            return number;
        _note?.Invoke($"'{named.Source}' names {role} '{MessageText.Shorten(named.Content)}', which the vocabulary does not have");
        return null;
    }

    private void ReadAdded(string path)
    {
        using var document = JsonFile.Parse(TokenizerFileNames.ReadAll(path), path);
        var added = TokenNumbers.Read(document.RootElement, path);
        foreach (var content in added.All)
            Add(new(content, added.Find(content, 0), IsSpecial: false, IsFirst: false), path);
    }

    /// <summary>Adds what only these files name; what the vocabulary's own file says of a token counts first.</summary>
    private void Add(AddedToken token, string source)
    {
        if (_definition.FindAdded(token.Content) is not { } known)
            _definition.Add(token, source);
        else if (known.Number != token.Number)
            _definition.Numbers.Add(token.Content, token.Number, source);
    }

    private void ReadMap(string path, bool overrides)
    {
        using var document = JsonFile.Parse(TokenizerFileNames.ReadAll(path), path);
        var keys = JsonKeys.Of(document.RootElement, path);
        ReadRoles(keys, path, overrides);
        keys.End();
    }

    /// <summary>The tokens with a role: every key that ends in <c>_token</c>, and the lists of further ones.</summary>
    private void ReadRoles(JsonKeys keys, string path, bool overrides)
    {
        foreach (var role in keys.Left.Where(IsRole).ToList())
        {
            var content = keys.Take(role) is { } value ? Special(keys, role, value, path) : null;
            if (_roles.TryGetValue(role, out var other) && other.Content != content && role is EndRole or BeginRole)
            {
                var (counts, source) = overrides ? (content, path) : other;
                _note?.Invoke(
                    $"'{path}' and '{other.Source}' name different tokens as {role}: "
                    + $"'{MessageText.Shorten(counts ?? "null")}' of '{Path.GetFileName(source)}' counts");
            }

            if (overrides || !_roles.ContainsKey(role))
                _roles[role] = (content, path);
        }

        foreach (var list in s_moreKeys)
        {
            // Files of newer programs name further roles: an object from role to token.
            foreach (var entry in keys.IsObject(list) ? keys.TakeObject(list)!.TakeAll() : keys.TakeArray(list))
                Special(keys, list, entry, path);
        }
    }

    private static bool IsRole(string key) => key.EndsWith("_token", StringComparison.Ordinal) && !key.StartsWith("add_", StringComparison.Ordinal);

    /// <summary>A token with a role, as its name or as an object. In the vocabulary it is a special token; elsewhere it is none.</summary>
    private string Special(JsonKeys keys, string key, JsonElement value, string path)
    {
        if (value.ValueKind is not (JsonValueKind.String or JsonValueKind.Object))
            throw keys.Wrong(key, "is neither a token's name nor an object with its content");
        var token = value.ValueKind == JsonValueKind.Object
            ? AddedTokenReader.Read(JsonKeys.Of(value, path, key), 0)
            : new AddedToken(value.GetString()!, 0);
        if (_definition.Numbers.TryGet(token.Content, out var number))
        {
            var known = _definition.FindAdded(token.Content);
            _definition.Add((known ?? token) with { Number = number, IsSpecial = true }, path);
        }
        else if (s_moreKeys.Contains(key))
        {
            _note?.Invoke(
                $"'{path}' names the special token '{MessageText.Shorten(token.Content)}', which the vocabulary does not have: "
                + "in prompts it is ordinary text");
        }

        return token.Content;
    }

    /// <returns>Whether it lists the added tokens, as files of newer programs do.</returns>
    private bool ReadConfig(string path)
    {
        using var document = JsonFile.Parse(TokenizerFileNames.ReadAll(path), path);
        var keys = JsonKeys.Of(document.RootElement, path);
        // "use_auth_token" is no token of the vocabulary.
        keys.Ignore(s_harmless);
        var isWhole = keys.Has("added_tokens_decoder");
        if (keys.Take("added_tokens_decoder") is { } added)
        {
            foreach (var entry in added.ValueKind == JsonValueKind.Object
                ? added.EnumerateObject()
                : throw keys.Wrong("added_tokens_decoder", "is no object"))
            {
                if (!int.TryParse(entry.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                    throw keys.Wrong("added_tokens_decoder", $"has the number {MessageText.Shorten(entry.Name)}, which is none");
                Add(AddedTokenReader.Read(JsonKeys.Of(entry.Value, path, $"added_tokens_decoder.{entry.Name}"), number), path);
            }
        }

        ReadRoles(keys, path, overrides: true);
        CheckClass(keys, _definition);
        ReadPrefixSpace(keys, path);
        foreach (var key in (ReadOnlySpan<string>)["add_bos_token", "add_eos_token", "split_special_tokens"])
        {
            if (keys.TakeFlag(key) == true)
                throw keys.Unsupported(key, "true");
        }

        _definition.Marian?.ReadSettings(keys);
        if (_definition.WordPieces is { } wordPieces)
            ReadWordPieces(keys, wordPieces, path);
        else if (keys.TakeFlag("do_lower_case") == true && !_definition.MarksWordEnds)
            throw keys.Unsupported("do_lower_case", "true");
        if (keys.Take("auto_map") is not null)
            throw keys.Wrong("auto_map", "names a program in Python, which is not run here", ": use a tokenizer without one");
        var cleansUp = keys.TakeFlag("clean_up_tokenization_spaces");
        if (_definition.WordPieces is { } cleaned)
            cleaned.CleansText = cleansUp ?? true;
        else if (_definition.Marian is { } marian)
            marian.CleansText = cleansUp ?? false;
        else if (cleansUp == true)
            _note?.Invoke($"'{path}': clean_up_tokenization_spaces is not done: text keeps the spaces that its tokens have");
        keys.End();
        return isWhole;
    }

    /// <summary>How BERT's tokenizer treats letters; where <c>tokenizer.json</c> says otherwise, this counts, as in Hugging Face's library.</summary>
    private void ReadWordPieces(JsonKeys keys, WordPieceDefinition wordPieces, string path)
    {
        foreach (var key in (ReadOnlySpan<string>)["do_basic_tokenize", "clean_text"])
        {
            if (keys.TakeFlag(key) == false)
                throw keys.Unsupported(key, "false");
        }

        if (keys.TakeText("wordpieces_prefix") is { } prefix && prefix != WordPieceTokenizer.Continuation)
            throw keys.Unsupported("wordpieces_prefix", prefix);
        if (keys.TakeArray("never_split").Any())
            throw keys.Unsupported("never_split", "a list of words");
        var before = wordPieces.Words;
        var lowercase = keys.TakeFlag("do_lower_case");
        var strips = keys.TakeFlag("strip_accents");
        var rules = before with
        {
            Lowercase = lowercase ?? before.Lowercase,
            // Accents go with the case where nothing else is said.
            StripsAccents = strips ?? lowercase ?? before.StripsAccents,
            SeparatesIdeographs = keys.TakeFlag("tokenize_chinese_chars") ?? before.SeparatesIdeographs,
        };
        if (wordPieces.SaysCase && rules != before)
            _note?.Invoke($"'{path}' and '{TokenizerFileNames.Json}' differ in how text is cut into words: the former counts");
        wordPieces.Words = rules;
        wordPieces.SaysCase |= lowercase is not null;
        wordPieces.SaysAccents |= strips is not null;
    }

    private void ReadPrefixSpace(JsonKeys keys, string path)
    {
        if (keys.TakeFlag("add_prefix_space") is not { } space || space == _definition.AddsSpace)
            return;
        if (_definition.CutsWords || _definition.Marian is not null)
            throw keys.Unsupported("add_prefix_space", "true");
        if (Path.GetFileName(_definition.Source) == TokenizerFileNames.Json)
            _note?.Invoke($"'{path}' and '{TokenizerFileNames.Json}' differ in add_prefix_space: {(space ? "true" : "false")} of the former counts");
        _definition.AddsSpace = space;
    }

    /// <summary>Refuses a class of tokenizers whose rules are others.</summary>
    internal static void CheckClass(JsonKeys keys, TokenizerDefinition definition)
    {
        if (keys.TakeText("tokenizer_class") is not { } name)
            return;
        var plain = name.EndsWith("Fast", StringComparison.Ordinal) ? name[..^4] : name;
        var known = definition.WordPieces is not null ? s_bertClasses : definition.Marian is not null ? s_marianClasses : s_classes;
        if (plain == Gpt1Class ? !definition.MarksWordEnds : !known.Contains(plain))
            throw keys.Unsupported("tokenizer_class", name);
    }
}
