using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace GptGen.Text;

/// <summary>
/// GPT-2's byte-level byte-pair encoding (Radford et al., "Language Models are Unsupervised Multitask Learners", section 2.2):
/// the text is cut into pieces (<see cref="Gpt2Pieces"/>), and in each piece neighbouring tokens, at first its single bytes, are merged in the
/// order in which the vocabulary learned its merges. Texts of any content and length encode exactly and in n log n time.
/// </summary>
public sealed class BytePairTokenizer : Tokenizer
{
    internal const string Gpt2Name = "gpt2";
    internal const string EndOfTextName = "<|endoftext|>";

    private static readonly Lazy<BytePairTokenizer> s_gpt2 = new(() => new BytePairTokenizer(Gpt2Name, Gpt2Ranks.Load()));

    // What encoders have seen serves the next text, by whichever thread it comes.
    private readonly ConcurrentBag<TextEncoder> _idle = [];

    internal BytePairTokenizer(string name, BytePairVocabulary vocabulary)
    {
        Name = name;
        Vocabulary = vocabulary;
    }

    /// <summary>GPT-2's own vocabulary: 50,257 tokens, the last of which is <c>&lt;|endoftext|&gt;</c>.</summary>
    public static BytePairTokenizer Gpt2 => s_gpt2.Value;

    /// <summary>Tokens, merges, and how text is cut.</summary>
    internal BytePairVocabulary Vocabulary { get; }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override int VocabularySize => Vocabulary.Tokens.Length;

    /// <inheritdoc/>
    public override int? EndOfText => Vocabulary.EndOfText;

    /// <inheritdoc/>
    public override int? BeginOfText => Vocabulary.BeginOfText;

    /// <summary>
    /// Reads a vocabulary as Hugging Face stores it, <c>tokenizer.json</c> or <c>vocab.json</c> and <c>merges.txt</c>, or as OpenAI does,
    /// <c>encoder.json</c> and <c>vocab.bpe</c>.
    /// </summary>
    /// <param name="folder">The folder with the files.</param>
    /// <exception cref="GptGenException">A file is missing or damaged, or the vocabulary is no byte-level one.</exception>
    public static BytePairTokenizer FromFolder(string folder) => TokenizerFolder.Look(folder).Open(note: null) as BytePairTokenizer
        ?? throw new GptGenException($"The tokenizer in '{folder}' is GPT-1's, not a byte-level one: open it as such.");

    /// <summary>Not where a space is put before each text, or where the names of tokens in it may have white space.</summary>
    internal override bool MayBeCut => !Vocabulary.AddsSpace && Vocabulary.InTexts is null;

    private protected override AddedTokens? InPrompts => Vocabulary.InPrompts;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Bytes(int token) =>
        (uint)token < (uint)Vocabulary.Tokens.Length ? Vocabulary.Tokens[token] : throw UnknownToken(token);

    /// <inheritdoc/>
    public override void Encode(ReadOnlySpan<byte> utf8, List<int> tokens) => Encode(utf8, tokens, CancellationToken.None);

    /// <inheritdoc/>
    public override void Encode(ReadOnlySpan<byte> utf8, List<int> tokens, CancellationToken cancellation)
    {
        if (!_idle.TryTake(out var encoder))
            encoder = new(Vocabulary);
        if (Vocabulary.InTexts is { } added)
            added.Encode(utf8, tokens, encoder.Sections(cancellation));
        else if (!utf8.IsEmpty)
            encoder.Encode(utf8, tokens, cancellation);
        _idle.Add(encoder);
    }

    /// <summary>Encodes one text after another.</summary>
    private sealed class TextEncoder(BytePairVocabulary vocabulary)
    {
        private readonly BytePairMerger _merger = new(vocabulary.Merges);
        private readonly PieceCache _cache = new();
        private int[] _symbols = new int[64];

        /// <summary>Appends the tokens of a text that is not empty.</summary>
        public void Encode(ReadOnlySpan<byte> utf8, List<int> tokens, CancellationToken cancellation)
        {
            if (vocabulary.AddsSpace && utf8[0] != ' ')
                EncodePieces((byte[])[(byte)' ', .. utf8], tokens, cancellation);
            else
                EncodePieces(utf8, tokens, cancellation);
        }

        /// <summary>The same for what stands between added tokens.</summary>
        public AddedTokens.SectionEncoder Sections(CancellationToken cancellation) => (section, tokens) => Encode(section, tokens, cancellation);

        private void EncodePieces(ReadOnlySpan<byte> utf8, List<int> tokens, CancellationToken cancellation)
        {
            while (!utf8.IsEmpty)
            {
                cancellation.ThrowIfCancellationRequested();
                var piece = vocabulary.CutsPieces ? utf8[..Gpt2Pieces.FirstLength(utf8)] : utf8;
                utf8 = utf8[piece.Length..];
                if (_cache.TryAppend(piece, tokens))
                    continue;
                var start = tokens.Count;
                if (vocabulary.TokenOfWhole(piece) is { } token)
                    tokens.Add(token);
                else
                    Merge(piece, tokens);
                _cache.Add(piece, CollectionsMarshal.AsSpan(tokens)[start..]);
            }
        }

        private void Merge(ReadOnlySpan<byte> piece, List<int> tokens)
        {
            if (_symbols.Length < piece.Length)
                _symbols = new int[Math.Max(piece.Length, 2 * _symbols.Length)];
            for (var i = 0; i < piece.Length; i++)
                _symbols[i] = vocabulary.TokenOfByte[piece[i]];
            _merger.Encode(_symbols.AsSpan(0, piece.Length), tokens);
        }
    }
}
