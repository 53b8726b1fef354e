namespace GptGen.Text;

/// <summary>The roles that tokens have in masked language models.</summary>
internal enum SpecialRole
{
    Padding,
    Unknown,
    Classify,
    Separator,
    Mask,
}

/// <summary>What files say of a WordPiece vocabulary besides its tokens. The readers fill it in, and settle the roles at the end.</summary>
internal sealed class WordPieceDefinition
{
    /// <summary>Each role's key in Hugging Face's files and the name that its token has where no file names another.</summary>
    private static readonly (string Key, string Name)[] s_roles =
        [("pad_token", "[PAD]"), ("unk_token", "[UNK]"), ("cls_token", "[CLS]"), ("sep_token", "[SEP]"), ("mask_token", "[MASK]")];

    private readonly string?[] _names = Array.ConvertAll(s_roles, static role => (string?)role.Name);
    private readonly int?[] _tokens = new int?[s_roles.Length];

    /// <summary>What words keep of their text.</summary>
    public WordRules Words { get; set; } = WordRules.Uncased;

    /// <summary>Whether a file says what words keep; otherwise the vocabulary's letters do.</summary>
    public bool SaysCase { get; set; }

    /// <summary>Whether a file says what becomes of accents, apart from case.</summary>
    public bool SaysAccents { get; set; }

    /// <summary>Whether a token loses the space before it where it is a mark such as a full stop.</summary>
    public bool CleansPieces { get; set; } = true;

    /// <summary>Whether spaces within contractions are taken out of the whole text.</summary>
    public bool CleansText { get; set; } = true;

    public int? Padding => _tokens[(int)SpecialRole.Padding];

    public int? Unknown => _tokens[(int)SpecialRole.Unknown];

    public int? Classify => _tokens[(int)SpecialRole.Classify];

    public int? Separator => _tokens[(int)SpecialRole.Separator];

    public int? Mask => _tokens[(int)SpecialRole.Mask];

    public static string Key(SpecialRole role) => s_roles[(int)role].Key;

    /// <summary>The usual names of the tokens, in the order in which BERT's vocabularies begin.</summary>
    public static IEnumerable<string> UsualNames => s_roles.Select(static role => role.Name);

    /// <summary>The name of a role's token, for messages: the usual one where files say that there is none.</summary>
    public string NameOf(SpecialRole role) => _names[(int)role] ?? s_roles[(int)role].Name;

    /// <summary>Each role that a token has, and the token's name.</summary>
    public IEnumerable<(string Key, string Name, int Token)> Named()
    {
        for (var role = 0; role < s_roles.Length; role++)
        {
            if (_tokens[role] is { } token)
                yield return (s_roles[role].Key, _names[role]!, token);
        }
    }

    /// <summary>Takes the name that a file gives to a role; null where it says that the role has no token.</summary>
    public void Name(SpecialRole role, string? name) => _names[(int)role] = name;

    /// <summary>Finds the tokens with a role, once all files are read. In prompts they are found by their names.</summary>
    /// <param name="definition">The vocabulary.</param>
    /// <param name="roles">What files beside the vocabulary say: a name, or null for none; roles that they do not mention are absent.</param>
    /// <param name="note">Takes what a user should know.</param>
    public void Settle(TokenizerDefinition definition, IReadOnlyDictionary<string, string?> roles, Action<string>? note)
    {
        for (var role = 0; role < s_roles.Length; role++)
        {
            if (roles.TryGetValue(s_roles[role].Key, out var named))
                _names[role] = named;
            if (_names[role] is not { } name || !definition.Numbers.TryGet(name, out var token))
                continue;
            _tokens[role] = token;
            definition.Add((definition.FindAdded(name) ?? new(name, token)) with { IsSpecial = true }, definition.Source);
        }

        if (SaysCase)
            return;
        // Hugging Face's library would take every such vocabulary for an uncased one, whose capitals no text could reach.
        var capital = definition.Numbers.All.FirstOrDefault(
            name => definition.FindAdded(name) is null && name is not ['[', .., ']']
                && name.Any(static letter => char.ToLowerInvariant(letter) != letter));
        if (capital is not null)
        {
            Words = Words with { Lowercase = false, StripsAccents = SaysAccents && Words.StripsAccents };
            note?.Invoke(
                $"'{definition.Source}' has tokens with capitals ('{MessageText.Shorten(capital)}'), so text keeps its case; "
                + $"do_lower_case in {TokenizerFileNames.Config} can say otherwise");
        }
    }
}
