using System.Text;

namespace GptGen.Text;

/// <summary>
/// BERT's WordPiece (Devlin et al. 2018; Wu et al. 2016, "Google's Neural Machine Translation System", section 4.1): text is cut into words, and of
/// each word the longest token that it begins with is taken again and again; a token that continues a word begins with <c>##</c>. A word of which
/// some part is no token, or with more than 100 characters, is <c>[UNK]</c>. Tokens and decoded text are those of Hugging Face's tokenizers library.
/// </summary>
/// <remarks>
/// Microsoft.ML.Tokenizers' BertTokenizer (2.0.1) gives other numbers: words with accents are unknown where .NET runs without a Unicode library,
/// symbols (<c>$ + &lt; ^ ~</c>), emoji and the combining marks of other scripts are dropped, words end at control characters, and <c>[mask]</c> in
/// any case is the token.
/// </remarks>
public sealed class WordPieceTokenizer : WordTokenizer
{
    internal const string Continuation = "##";
    private const int LongestWord = 100;

    private readonly string?[] _names;
    private readonly Dictionary<string, int> _starts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _continuations = new(StringComparer.Ordinal);
    private readonly int _longest;
    private readonly WordPieceDefinition _rules;
    private readonly HashSet<int> _special;
    private readonly string _source;

    internal WordPieceTokenizer(string name, TokenizerDefinition definition, string?[] names)
        : base(name, definition, ToBytes(definition, names), definition.WordPieces!.Words)
    {
        (_names, _rules, _source) = (names, definition.WordPieces, definition.Source);
        _special = [.. definition.Added.Select(static token => token.Number)];
        for (var token = 0; token < names.Length; token++)
        {
            if (names[token] is not { } piece)
                continue;
            var continues = IsContinuationName(piece);
            (continues ? _continuations : _starts)[continues ? piece[Continuation.Length..] : piece] = token;
            _longest = Math.Max(_longest, piece.Length);
        }

        Unknown = _rules.Unknown ?? throw Missing(SpecialRole.Unknown, "so not every text could be encoded");
    }

    /// <summary>Whether letters lose their case.</summary>
    public bool IsUncased => _rules.Words.Lowercase;

    /// <summary>The tokens with a role.</summary>
    /// <exception cref="GptGenException">The vocabulary lacks one, so no masked model can be trained or asked with it.</exception>
    public MaskedTokens Masked => new(
        _rules.Padding ?? throw Missing(SpecialRole.Padding, "which masked models need"),
        Unknown,
        _rules.Classify ?? throw Missing(SpecialRole.Classify, "which masked models need"),
        _rules.Separator ?? throw Missing(SpecialRole.Separator, "which masked models need"),
        _rules.Mask ?? throw Missing(SpecialRole.Mask, "which masked models need"));

    internal int Unknown { get; }

    internal WordPieceDefinition Rules => _rules;

    internal IReadOnlyList<string?> Names => _names;

    /// <summary>A tokenizer of which BERT's kind is needed.</summary>
    /// <param name="tokenizer">Any tokenizer.</param>
    /// <exception cref="GptGenException">It is of another kind.</exception>
    public static WordPieceTokenizer Require(Tokenizer tokenizer) => tokenizer as WordPieceTokenizer ?? throw new GptGenException(
        $"The tokenizer '{tokenizer.Name}' is no WordPiece vocabulary, which masked models such as BERT need: name a folder with vocab.txt, "
        + "as WordPieceTrainer.Train makes it.");

    /// <summary>Reads <c>vocab.txt</c>, or <c>tokenizer.json</c> of the type WordPiece, and what lies beside it.</summary>
    /// <param name="folder">The folder with the files.</param>
    /// <exception cref="GptGenException">A file is missing or damaged, or the vocabulary is of another kind.</exception>
    public static WordPieceTokenizer FromFolder(string folder) => Require(TokenizerFolder.Look(folder).Open(note: null));

    /// <summary>Whether a token continues a word, so that it belongs to the token before it.</summary>
    /// <param name="token">The token.</param>
    public bool IsContinuation(int token) => (uint)token < (uint)_names.Length && _names[token] is { } name && IsContinuationName(name);

    /// <summary>
    /// The tokens of one or two texts between their marks, and of which text each is. Names of special tokens in them become these tokens.
    /// </summary>
    /// <param name="first">The first text.</param>
    /// <param name="second">The second text, or null.</param>
    /// <param name="length">The most tokens with marks; of what is longer the end is left out, of two texts that of the longer one first.</param>
    /// <exception cref="GptGenException">The vocabulary has no such marks, or the length holds no more than them.</exception>
    public SequencePair EncodePair(string first, string? second = null, int length = int.MaxValue) =>
        Join(EncodePrompt(first), second is null ? null : EncodePrompt(second), length);

    /// <summary>The same for texts that are tokens already.</summary>
    /// <param name="first">The first text.</param>
    /// <param name="second">The second text, or null.</param>
    /// <param name="length">The most tokens with marks.</param>
    /// <exception cref="GptGenException">As <see cref="EncodePair"/>.</exception>
    public SequencePair Join(int[] first, int[]? second = null, int length = int.MaxValue)
    {
        var begin = _rules.Classify ?? throw Missing(SpecialRole.Classify, "with which sequences begin");
        var end = _rules.Separator ?? throw Missing(SpecialRole.Separator, "with which sequences end");
        var marks = second is null ? 2 : 3;
        if (length <= marks)
            throw new GptGenException($"A sequence of {length} tokens holds nothing but its {marks} marks: give a longer one.");
        var (firstCount, secondCount) = SequencePair.Truncate(first.Length, second?.Length ?? 0, length - marks);
        int[] tokens = second is null
            ? [begin, .. first.AsSpan(0, firstCount), end]
            : [begin, .. first.AsSpan(0, firstCount), end, .. second.AsSpan(0, secondCount), end];
        var types = new int[tokens.Length];
        types.AsSpan(firstCount + 2).Fill(1);
        return new(tokens, types);
    }

    /// <summary>The text of tokens: words between spaces, but none before marks that end sentences, and none within contractions.</summary>
    /// <param name="tokens">The tokens; the names of special tokens stand in the text.</param>
    /// <exception cref="GptGenException">The vocabulary lacks one of the tokens.</exception>
    public override string Decode(ReadOnlySpan<int> tokens) => Decode(tokens, skipsSpecial: false);

    /// <summary>The same, perhaps without the special tokens.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <param name="skipsSpecial">Whether special tokens are left out.</param>
    /// <exception cref="GptGenException">The vocabulary lacks one of the tokens.</exception>
    public string Decode(ReadOnlySpan<int> tokens, bool skipsSpecial)
    {
        var text = new StringBuilder();
        foreach (var token in tokens)
        {
            if ((uint)token >= (uint)_names.Length)
                throw UnknownToken(token);
            if (_names[token] is { } name && !(skipsSpecial && _special.Contains(token)))
                text.Append(text.Length == 0 ? name : PieceOf(name, _rules));
        }

        return _rules.CleansText ? WordPieceText.CleanUp(text.ToString()) : text.ToString();
    }

    private protected override WordEncoder NewEncoder() => EncodeWord;

    /// <summary>The number of tokens of a word.</summary>
    internal int CountOf(string word)
    {
        var tokens = new List<int>();
        EncodeWord(word, tokens);
        return tokens.Count;
    }

    private void EncodeWord(string word, List<int> tokens)
    {
        var start = tokens.Count;
        var pieces = _starts.GetAlternateLookup<ReadOnlySpan<char>>();
        // Two units make a character at most.
        var rest = word.Length <= LongestWord || word.EnumerateRunes().Count() <= LongestWord ? word.AsSpan() : default;
        while (!rest.IsEmpty)
        {
            var length = Math.Min(rest.Length, _longest);
            var token = -1;
            while (length > 0 && !pieces.TryGetValue(rest[..length], out token))
                length--;
            if (length == 0)
                break;
            tokens.Add(token);
            rest = rest[length..];
            pieces = _continuations.GetAlternateLookup<ReadOnlySpan<char>>();
            if (rest.IsEmpty)
                return;
        }

        tokens.RemoveRange(start, tokens.Count - start);
        tokens.Add(Unknown);
    }

    private static bool IsContinuationName(string name) =>
        name.Length > Continuation.Length && name.StartsWith(Continuation, StringComparison.Ordinal);

    /// <summary>What a token adds to a text that has begun.</summary>
    private static string PieceOf(string name, WordPieceDefinition rules)
    {
        var piece = IsContinuationName(name) ? name[Continuation.Length..] : " " + name;
        return rules.CleansPieces ? WordPieceText.CleanUp(piece) : piece;
    }

    /// <summary>The bytes of tokens by themselves, as in a text that has begun; the names of special tokens stand alone.</summary>
    private static byte[][] ToBytes(TokenizerDefinition definition, string?[] names)
    {
        var bytes = Array.ConvertAll(names, name => name is null ? [] : Encoding.UTF8.GetBytes(PieceOf(name, definition.WordPieces!)));
        foreach (var token in definition.Added)
            bytes[token.Number] = Encoding.UTF8.GetBytes(token.Content);
        return bytes;
    }

    private GptGenException Missing(SpecialRole role, string need) => new(
        $"'{_source}' has no token '{_rules.NameOf(role)}', {need}: add it to the vocabulary, or name in {TokenizerFileNames.SpecialTokens} "
        + $"the token that is its {WordPieceDefinition.Key(role)}.");
}
