using System.Buffers;
using System.Globalization;
using System.Text;

namespace GptGen.Text;

/// <summary>
/// The tokenizer of Marian's translation models in Hugging Face's folders (<c>opus-mt-*</c>): a SentencePiece model cuts texts of the one language
/// (<c>source.spm</c>), another those of the other (<c>target.spm</c>), and <c>vocab.json</c> numbers the pieces of both. A piece that it lacks is
/// <c>&lt;unk&gt;</c>. The code of a language that a text begins with, such as <c>&gt;&gt;deu&lt;&lt;</c>, is a token. What a text loses on the way
/// (spaces beside others, characters that the models replace) does not come back.
/// </summary>
public sealed class MarianTokenizer : Tokenizer
{
    private readonly TokenNumbers _numbers;
    private readonly byte[][] _tokens;
    private readonly bool[] _isWritten;
    private readonly MarianDefinition _definition;
    private readonly SentencePieceModel _model;
    private readonly int[] _pieces;
    private readonly MarianTokenizer? _targets;

    internal MarianTokenizer(string name, TokenizerDefinition definition, string?[] names)
    {
        (Name, _numbers, _definition) = (name, definition.Numbers, definition.Marian!);
        EndOfText = definition.EndOfText ?? throw new GptGenException(
            $"'{definition.Source}' has no token '{MarianDefinition.EndName}', which ends texts: download the folder again.");
        InPrompts = new(definition.Added);
        _tokens = Array.ConvertAll(names, name => name is null ? [] : ToBytes(name));
        _isWritten = Array.ConvertAll(names, static name => name is not null);
        foreach (var token in definition.Added)
            _isWritten[token.Number] = false;
        foreach (var piece in _definition.Target.Pieces)
        {
            if (piece.Kind == SentencePieceFile.Kind.Control && _numbers.TryGet(piece.Text, out var token))
                _isWritten[token] = false;
        }

        _model = _definition.Source;
        _pieces = NumberPieces();
        _targets = new(this);
    }

    /// <summary>What encodes translations.</summary>
    private MarianTokenizer(MarianTokenizer sources)
    {
        (Name, _numbers, _definition) = (sources.Name, sources._numbers, sources._definition);
        (EndOfText, InPrompts, _tokens, _isWritten) = (sources.EndOfText, sources.InPrompts, sources._tokens, sources._isWritten);
        _model = _definition.Target;
        _pieces = NumberPieces();
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override int VocabularySize => _tokens.Length;

    /// <inheritdoc/>
    public override int? EndOfText { get; }

    /// <inheritdoc/>
    public override Tokenizer Targets => _targets ?? this;

    private protected override AddedTokens? InPrompts { get; }

    /// <inheritdoc/>
    internal override bool IsMark(int token) => base.IsMark(token) || token == _definition.Padding;

    /// <summary>Reads <c>source.spm</c>, <c>target.spm</c> and <c>vocab.json</c>, and what lies beside them.</summary>
    /// <param name="folder">The folder with the files.</param>
    /// <exception cref="GptGenException">A file is missing or damaged, or the vocabulary is of another kind.</exception>
    public static MarianTokenizer FromFolder(string folder) => TokenizerFolder.Look(folder).Open(note: null) as MarianTokenizer
        ?? throw new GptGenException($"The tokenizer in '{folder}' is not Marian's: open it as what it is.");

    /// <summary>Appends the tokens of a text in UTF-8, without the one that ends it.</summary>
    /// <param name="utf8">The text; bytes that are not valid UTF-8 become U+FFFD.</param>
    /// <param name="tokens">Receives the tokens at its end.</param>
    public override void Encode(ReadOnlySpan<byte> utf8, List<int> tokens) => NewSession()(utf8, tokens);

    internal override AddedTokens.SectionEncoder NewSession()
    {
        var session = new SentencePieceModel.Session(_model);
        return (utf8, tokens) => Encode(utf8, tokens, session);
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Bytes(int token) => (uint)token < (uint)_tokens.Length ? _tokens[token] : throw UnknownToken(token);

    /// <summary>The text of tokens, without those that have a role and without space around it.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <exception cref="GptGenException">The vocabulary lacks one of the tokens.</exception>
    public override string Decode(ReadOnlySpan<int> tokens)
    {
        var bytes = new ArrayBufferWriter<byte>((tokens.Length * 4) + 1);
        foreach (var token in tokens)
        {
            if ((uint)token >= (uint)_tokens.Length)
                throw UnknownToken(token);
            if (_isWritten[token])
                bytes.Write(_tokens[token]);
        }

        var text = Encoding.UTF8.GetString(bytes.WrittenSpan).Trim();
        return _definition.CleansText ? WordPieceText.CleanUp(text) : text;
    }

    private void Encode(ReadOnlySpan<byte> utf8, List<int> tokens, SentencePieceModel.Session session)
    {
        if (utf8.StartsWith(">>"u8) && utf8.IndexOf("<<"u8) is > 0 and var end)
        {
            var code = utf8[..(end + 2)];
            tokens.Add(_numbers.Find(Encoding.UTF8.GetString(code), _definition.Unknown));
            utf8 = utf8[code.Length..];
        }

        foreach (var part in session.Cut(utf8))
        {
            // What this language's model does not know may be a piece of the other's.
            tokens.Add(part.Piece >= 0
                ? _pieces[part.Piece]
                : _numbers.Find(Encoding.UTF8.GetString(session.Text.Slice(part.Start, part.Length)), _definition.Unknown));
        }
    }

    private int[] NumberPieces() => [.. _model.Pieces.Select(piece => _numbers.Find(piece.Text, _definition.Unknown))];

    private byte[] ToBytes(string name) =>
        _definition.Target.FallsBackToBytes && name is ['<', '0', 'x', _, _, '>']
            && byte.TryParse(name.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            ? [value]
            : Encoding.UTF8.GetBytes(name.Replace(SentencePieceNormalizer.Space, " ", StringComparison.Ordinal));
}
