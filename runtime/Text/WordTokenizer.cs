using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text;

namespace GptGen.Text;

/// <summary>
/// What GPT-1's tokenizer and BERT's share: text is cut into words (Devlin et al. 2018), and each word is encoded by itself. What a text loses on the
/// way (white space, control characters, perhaps case and accents) does not come back.
/// </summary>
public abstract class WordTokenizer : Tokenizer
{
    private readonly byte[][] _tokens;
    private readonly WordRules _rules;

    // What has been seen serves the next text, by whichever thread it comes.
    private readonly ConcurrentBag<(WordEncoder Encoder, PieceCache Cache)> _idle = [];

    private protected WordTokenizer(string name, TokenizerDefinition definition, byte[][] tokens, WordRules rules)
    {
        (Name, _tokens, _rules) = (name, tokens, rules);
        (EndOfText, BeginOfText) = (definition.EndOfText, definition.BeginOfText);
        InPrompts = definition.Added.Count > 0 ? new(definition.Added) : null;
    }

    /// <summary>Appends the tokens of one word.</summary>
    private protected delegate void WordEncoder(string word, List<int> tokens);

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override int VocabularySize => _tokens.Length;

    /// <inheritdoc/>
    public override int? EndOfText { get; }

    /// <inheritdoc/>
    public override int? BeginOfText { get; }

    private protected override AddedTokens? InPrompts { get; }

    /// <summary>Makes what encodes words, for one thread at a time.</summary>
    private protected abstract WordEncoder NewEncoder();

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Bytes(int token) =>
        (uint)token < (uint)_tokens.Length ? _tokens[token] : throw UnknownToken(token);

    /// <summary>Appends the tokens of a text in UTF-8.</summary>
    /// <param name="utf8">The text; bytes that are not valid UTF-8 are dropped.</param>
    /// <param name="tokens">Receives the tokens at its end.</param>
    public override void Encode(ReadOnlySpan<byte> utf8, List<int> tokens) => Encode(utf8, tokens, CancellationToken.None);

    /// <inheritdoc/>
    public override void Encode(ReadOnlySpan<byte> utf8, List<int> tokens, CancellationToken cancellation)
    {
        if (!_idle.TryTake(out var session))
            session = (NewEncoder(), new());
        var (encoder, cache) = session;
        while (!utf8.IsEmpty)
        {
            cancellation.ThrowIfCancellationRequested();
            var length = 0;
            while (length < utf8.Length && !BasicWords.IsPlainSpace(utf8[length]))
                length++;
            if (length > 0)
                EncodePiece(utf8[..length], tokens, encoder, cache);
            utf8 = utf8[Math.Min(length + 1, utf8.Length)..];
        }

        _idle.Add(session);
    }

    /// <summary>Encodes what stands between two spaces.</summary>
    private void EncodePiece(ReadOnlySpan<byte> piece, List<int> tokens, WordEncoder encoder, PieceCache cache)
    {
        if (cache.TryAppend(piece, tokens))
            return;

        var start = tokens.Count;
        foreach (var word in BasicWords.Of(Encoding.UTF8.GetString(piece), _rules))
            encoder(word, tokens);
        cache.Add(piece, CollectionsMarshal.AsSpan(tokens)[start..]);
    }
}
