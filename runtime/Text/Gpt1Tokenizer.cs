using System.Runtime.InteropServices;
using System.Text;

namespace GptGen.Text;

/// <summary>
/// GPT-1's byte-pair encoding (Radford et al. 2018, "Improving Language Understanding by Generative Pre-Training", section 4.1): text in lower case is cut into
/// words (<see cref="Gpt1Words"/>), whose characters are merged; the last symbol of a word carries <c>&lt;/w&gt;</c>, which stands for a space when
/// text is written. A character that the vocabulary lacks is <c>&lt;unk&gt;</c>. What a text loses on the way (case, accents, which white space) does not come back.
/// </summary>
public sealed class Gpt1Tokenizer : Tokenizer
{
    internal const string WordEnd = "</w>";
    internal const string Unknown = "<unk>";

    private readonly TokenNumbers _numbers;
    private readonly MergeTable _merges;
    private readonly byte[][] _tokens;
    private readonly int _unknown;

    internal Gpt1Tokenizer(string name, TokenizerDefinition definition, string?[] names)
    {
        Name = name;
        _numbers = definition.Numbers;
        _merges = definition.Merges.Table;
        _tokens = Array.ConvertAll(
            names, static token => token is null
                ? []
                : Encoding.UTF8.GetBytes(token.EndsWith(WordEnd, StringComparison.Ordinal) ? token[..^WordEnd.Length] + " " : token));
        _unknown = _numbers.TryGet(Unknown, out var unknown)
            ? unknown
            : throw new GptGenException($"'{definition.Source}' has no token '{Unknown}', so not every text could be encoded: use GPT-1's files.");
        (EndOfText, BeginOfText) = (definition.EndOfText, definition.BeginOfText);
        InPrompts = definition.Added.Count > 0 ? new(definition.Added) : null;
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override int VocabularySize => _tokens.Length;

    /// <inheritdoc/>
    public override int? EndOfText { get; }

    /// <inheritdoc/>
    public override int? BeginOfText { get; }

    private protected override AddedTokens? InPrompts { get; }

    /// <summary>
    /// Reads a vocabulary as OpenAI stores it, <c>encoder_bpe_40000.json</c> and <c>vocab_40000.bpe</c>, or as Hugging Face does (<c>openai-gpt</c>),
    /// <c>tokenizer.json</c> or <c>vocab.json</c> and <c>merges.txt</c>.
    /// </summary>
    /// <param name="folder">The folder with the files.</param>
    /// <exception cref="GptGenException">A file is missing or damaged, or the vocabulary has no <c>&lt;unk&gt;</c>.</exception>
    public static Gpt1Tokenizer FromFolder(string folder) => TokenizerFolder.Look(folder).Open(note: null) as Gpt1Tokenizer
        ?? throw new GptGenException($"The tokenizer in '{folder}' is a byte-level one, not GPT-1's: open it as such.");

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Bytes(int token) =>
        (uint)token < (uint)_tokens.Length ? _tokens[token] : throw UnknownToken(token);

    /// <summary>The text of tokens, without the space that stands for the end of the last word.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <exception cref="GptGenException">The vocabulary lacks one of the tokens.</exception>
    public override string Decode(ReadOnlySpan<int> tokens)
    {
        var text = base.Decode(tokens);
        return text.EndsWith(' ') ? text[..^1] : text;
    }

    /// <summary>Appends the tokens of a text in UTF-8.</summary>
    /// <param name="utf8">The text; bytes that are not valid UTF-8 are dropped.</param>
    /// <param name="tokens">Receives the tokens at its end.</param>
    public override void Encode(ReadOnlySpan<byte> utf8, List<int> tokens) => Encode(utf8, tokens, CancellationToken.None);

    /// <inheritdoc/>
    public override void Encode(ReadOnlySpan<byte> utf8, List<int> tokens, CancellationToken cancellation)
    {
        var merger = new BytePairMerger(_merges);
        var cache = new PieceCache();
        while (!utf8.IsEmpty)
        {
            cancellation.ThrowIfCancellationRequested();
            var length = 0;
            while (length < utf8.Length && !Gpt1Words.IsPlainSpace(utf8[length]))
                length++;
            if (length > 0)
                EncodePiece(utf8[..length], tokens, merger, cache);
            utf8 = utf8[Math.Min(length + 1, utf8.Length)..];
        }
    }

    /// <summary>Encodes what stands between two spaces.</summary>
    private void EncodePiece(ReadOnlySpan<byte> piece, List<int> tokens, BytePairMerger merger, PieceCache cache)
    {
        if (cache.TryGet(piece, out var known))
        {
            tokens.AddRange(known);
            return;
        }

        var start = tokens.Count;
        foreach (var word in Gpt1Words.Of(Encoding.UTF8.GetString(piece)))
            merger.Encode(Symbols(word), tokens);
        cache.Add(piece, CollectionsMarshal.AsSpan(tokens)[start..]);
    }

    private int[] Symbols(string word)
    {
        var symbols = word.EnumerateRunes().Select(static rune => rune.ToString()).ToArray();
        symbols[^1] += WordEnd;
        return Array.ConvertAll(symbols, symbol => _numbers.Find(symbol, _unknown));
    }
}
