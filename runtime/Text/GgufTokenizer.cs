using GptGen.Checkpoints.Gguf;

namespace GptGen.Text;

/// <summary>The tokenizer inside a GGUF file: GPT-2's byte-level byte-pair encoding, which llama.cpp calls "gpt2".</summary>
internal static class GgufTokenizer
{
    internal const string ModelKey = "tokenizer.ggml.model";

    /// <summary>The model of a file without a tokenizer.</summary>
    internal const string NoModel = "no_vocab";

    private const string Model = "gpt2";
    private const string PiecesKey = "tokenizer.ggml.pre";
    private const string Pieces = "gpt-2";
    private const string TokensKey = "tokenizer.ggml.tokens";
    private const string TypesKey = "tokenizer.ggml.token_type";
    private const string MergesKey = "tokenizer.ggml.merges";
    private const string BeginKey = "tokenizer.ggml.bos_token_id";
    private const string EndKey = "tokenizer.ggml.eos_token_id";
    private const string AddsBeginKey = "tokenizer.ggml.add_bos_token";
    private const string AddsEndKey = "tokenizer.ggml.add_eos_token";

    private enum TokenType
    {
        Normal = 1,
        Unknown,
        Control,
        UserDefined,
        Unused,
        Byte,
    }

    /// <summary>Reads the tokenizer of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="note">Takes what a user should know.</param>
    /// <returns>The tokenizer; null where the file has none.</returns>
    /// <exception cref="GptGenException">The file is damaged, or its tokenizer of another kind.</exception>
    internal static Tokenizer? Open(string path, Action<string>? note)
    {
        using var file = GgufFile.Open(path);
        var header = file.Header;
        var model = header.Find<string>(ModelKey) ?? NoModel;
        if (model == NoModel)
            return null;
        if (model != Model)
            throw Unread($"{ModelKey} is '{MessageText.Shorten(model)}', but GPT-2's kind, '{Model}', is read");
        var pieces = header.Find<string>(PiecesKey) ?? "default";
        if (pieces is not (Pieces or Model or "default"))
            throw Unread($"{PiecesKey} is '{MessageText.Shorten(pieces)}', but text is cut into pieces as '{Pieces}' says");
        if (pieces == "default")
            note?.Invoke($"'{path}' does not say how text is cut into pieces: as GPT-2's tokenizer does it");
        foreach (var key in (ReadOnlySpan<string>)[AddsBeginKey, AddsEndKey])
        {
            if (header.Values.GetValueOrDefault(key) is true)
                throw Unread($"{key} is true, but no token is added to texts here");
        }

        var definition = Read(header, path);
        var tokenizer = definition.Create(path);
        tokenizer.Container = path;
        return tokenizer;

        GptGenException Unread(string what) => new(
            $"The tokenizer of '{path}' is of a kind that is not read: {what}. Name another tokenizer's folder.");
    }

    /// <summary>What a file is to say of a tokenizer.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="vocabulary">Tokens of the model: what the tokenizer lacks of them is filled up.</param>
    /// <param name="path">The file, for messages.</param>
    /// <exception cref="GptGenException">llama.cpp has no such tokenizer.</exception>
    internal static List<(string Key, object Value)> Values(Tokenizer tokenizer, int vocabulary, string path)
    {
        var contents = BytePairContents.Of(tokenizer) ?? throw Impossible("it is not byte-level byte-pair encoding, which llama.cpp's GPT-2 has");
        if (contents.AddsSpace || !contents.CutsPieces || contents.TakesWholePieces)
            throw Impossible("it cuts text otherwise than GPT-2's, by add_prefix_space, use_regex or ignore_merges");
        if (contents.Added.FirstOrDefault(static token => !token.IsSpecial && (token.TakesSpaceBefore || token.TakesSpaceAfter)) is { } stripping)
            throw Impossible($"its token '{MessageText.Shorten(stripping.Content)}' takes the space around it");
        var added = contents.Added.ToDictionary(static token => token.Number);
        var names = new HashSet<string>(StringComparer.Ordinal);
        var tokens = new string[vocabulary];
        var types = new int[vocabulary];
        for (var token = 0; token < vocabulary; token++)
        {
            var name = token < contents.Names.Count ? contents.Names[token] : null;
            tokens[token] = name ?? $"[PAD{token}]";
            types[token] = (int)(name is null ? TokenType.Unused
                : !added.TryGetValue(token, out var found) ? TokenType.Normal
                : found.IsSpecial ? TokenType.Control : TokenType.UserDefined);
            // llama.cpp ends its process at the second.
            if (!names.Add(tokens[token]))
                throw Impossible($"two of its tokens are '{MessageText.Shorten(tokens[token])}'");
        }

        string Name(int token) => contents.Names[token]!;
        List<(string Key, object Value)> values =
        [
            (ModelKey, Model),
            (PiecesKey, Pieces),
            (TokensKey, tokens),
            (TypesKey, types),
            (MergesKey, contents.Merges.Select(merge => $"{Name(merge.Left)} {Name(merge.Right)}").ToArray()),
            (AddsBeginKey, false),
        ];
        if ((tokenizer.BeginOfText ?? tokenizer.EndOfText) is { } begin)
            values.Add((BeginKey, (uint)begin));
        if (tokenizer.EndOfText is { } end)
            values.Add((EndKey, (uint)end));
        return values;

        GptGenException Impossible(string what) => new(
            $"'{path}' cannot hold the tokenizer '{tokenizer.Name}': {what}. Name a folder.");
    }

    private static TokenizerDefinition Read(GgufHeader header, string path)
    {
        var tokens = header.Find<string[]>(TokensKey) ?? throw header.Damaged($"it lacks '{TokensKey}'");
        var types = header.Find<long[]>(TypesKey);
        if (types is not null && types.Length != tokens.Length)
            throw header.Damaged($"it has {tokens.Length} tokens, but {types.Length} types of them");
        TokenType TypeOf(int token) => types is null ? TokenType.Normal : (TokenType)types[token];
        var numbers = new TokenNumbers();
        for (var token = 0; token < tokens.Length; token++)
        {
            // What fills a table up is no token.
            if (TypeOf(token) != TokenType.Unused)
                numbers.Add(tokens[token], token, path);
        }

        var definition = new TokenizerDefinition
        {
            Source = path,
            MergesEnd = $"'{path}'",
            Numbers = numbers,
            Merges = Merges(header, numbers, path),
        };
        for (var token = 0; token < tokens.Length; token++)
        {
            if (TypeOf(token) is TokenType.Control or TokenType.UserDefined)
                definition.Add(new(tokens[token], token, IsSpecial: TypeOf(token) == TokenType.Control), path);
        }

        definition.BeginOfText = Special(BeginKey);
        definition.EndOfText = Special(EndKey)
            ?? (numbers.TryGet(definition.UsualEnd, out var usual) ? usual : null);
        if (definition.EndOfText is { } end && definition.FindAdded(tokens[end]) is null)
            definition.Add(new(tokens[end], end), path);
        return definition;

        int? Special(string key) => header.FindNumber(key) is not { } token ? null
            : token < tokens.Length && TypeOf(token) != TokenType.Unused ? token
            : throw header.Damaged($"'{key}' is {token}, which is no token");
    }

    private static MergeList Merges(GgufHeader header, TokenNumbers numbers, string path)
    {
        var entries = header.Find<string[]>(MergesKey) ?? throw header.Damaged($"it lacks '{MergesKey}'");
        var merges = new MergeList(numbers, entries.Length);
        for (var index = 0; index < entries.Length; index++)
        {
            var place = $"'{path}', {MergesKey}[{index}]";
            if (entries[index].Split(' ') is not [var left, var right])
                throw MergeList.NoPair(entries[index], place);
            merges.Add(left, right, place);
        }

        return merges;
    }
}
