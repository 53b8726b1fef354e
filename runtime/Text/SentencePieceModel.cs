using System.Runtime.InteropServices;
using System.Text;

namespace GptGen.Text;

/// <summary>
/// SentencePiece's Unigram model (Kudo 2018, "Subword Regularization", section 3.2): of all ways to cut a text into pieces the one with the largest
/// sum of the pieces' log probabilities. The pieces are those of Google's library (0.1.97), also where sums are equal. Holds no changing state.
/// </summary>
/// <remarks>
/// Microsoft.ML.Tokenizers' SentencePieceTokenizer (2.0.1) gives other pieces: it keeps control characters that models delete, gives each of several
/// unknown characters a token where the library gives them one together, and fails on models without a piece that begins texts.
/// </remarks>
internal sealed class SentencePieceModel
{
    /// <summary>By how much an unknown character is less probable than the least probable piece.</summary>
    private const float UnknownPenalty = 10;

    private readonly SentencePieceFile _file;
    private readonly SentencePieceNormalizer _normalizer;
    private readonly ByteTrie _pieces = new();
    private readonly int[]? _bytes;
    private readonly float _unknownScore;
    private readonly float _largestScore;

    /// <summary>Prepares a model.</summary>
    /// <exception cref="GptGenException">The file is damaged.</exception>
    public SentencePieceModel(SentencePieceFile file)
    {
        _file = file;
        var userDefined = new ByteTrie();
        var smallest = float.MaxValue;
        for (var piece = 0; piece < file.Pieces.Count; piece++)
        {
            var (text, score, kind) = file.Pieces[piece];
            var bytes = Encoding.UTF8.GetBytes(text);
            if (kind == SentencePieceFile.Kind.Normal)
                (smallest, _largestScore) = (Math.Min(smallest, score), Math.Max(_largestScore, score));
            else if (kind == SentencePieceFile.Kind.UserDefined)
                userDefined.Add(bytes, piece);
            else
                continue;
            _pieces.Add(bytes, piece);
        }

        _unknownScore = smallest - UnknownPenalty;
        _normalizer = new(file, userDefined);
        if (file.FallsBackToBytes)
            _bytes = [.. Enumerable.Range(0, 256).Select(FindByte)];
    }

    /// <summary>The pieces.</summary>
    public IReadOnlyList<SentencePieceFile.Piece> Pieces => _file.Pieces;

    /// <summary>The file's path.</summary>
    public string Path => _file.Path;

    /// <summary>Whether unknown characters become pieces of their bytes.</summary>
    public bool FallsBackToBytes => _file.FallsBackToBytes;

    /// <summary>A part of a text.</summary>
    /// <param name="Piece">Its piece's number; -1 where there is none.</param>
    /// <param name="Start">Where it begins in <see cref="Session.Text"/>.</param>
    /// <param name="Length">Its bytes.</param>
    public readonly record struct Part(int Piece, int Start, int Length);

    private int FindByte(int value)
    {
        var name = $"<0x{value:X2}>";
        var piece = _file.Pieces.FindIndex(piece => piece.Kind == SentencePieceFile.Kind.Byte && piece.Text == name);
        return piece >= 0 ? piece
            : throw new GptGenException($"'{Path}' makes pieces of bytes (byte_fallback), but has none for {name}: download it again.");
    }

    /// <summary>Cuts texts, one after the other.</summary>
    public sealed class Session(SentencePieceModel model)
    {
        private readonly List<byte> _text = [];
        private readonly List<Part> _parts = [];
        private Ending[] _best = [];

        /// <summary>The last text as it was cut, in UTF-8.</summary>
        public ReadOnlySpan<byte> Text => CollectionsMarshal.AsSpan(_text);

        /// <summary>Cuts a text.</summary>
        /// <param name="utf8">The text.</param>
        /// <returns>Its parts, until the next text. Unknown characters beside each other are one part, or of a byte each.</returns>
        /// <exception cref="GptGenException">The model's file is damaged.</exception>
        public ReadOnlySpan<Part> Cut(ReadOnlySpan<byte> utf8)
        {
            _text.Clear();
            _parts.Clear();
            model._normalizer.Normalize(utf8, _text);
            Search(Text);
            for (var end = _text.Count; end > 0;)
            {
                var (piece, start, _) = _best[end];
                if (piece < 0 && model._bytes is { } bytes)
                {
                    for (var at = end - 1; at >= start; at--)
                        _parts.Add(new(bytes[_text[at]], at, 1));
                }
                else if (piece < 0 && _parts is [.., { Piece: < 0 } next])
                {
                    _parts[^1] = new(piece, start, next.Length + end - start);
                }
                else
                {
                    _parts.Add(new(piece, start, end - start));
                }

                end = start;
            }

            _parts.Reverse();
            return CollectionsMarshal.AsSpan(_parts);
        }

        /// <summary>The best way to each place of the text (Viterbi's algorithm).</summary>
        private void Search(ReadOnlySpan<byte> text)
        {
            if (_best.Length <= text.Length)
                _best = new Ending[Math.Max(text.Length + 1, _best.Length * 2)];
            _best.AsSpan(0, text.Length + 1).Fill(new(-1, -1, 0));
            for (var start = 0; start < text.Length;)
            {
                var character = Math.Min(LengthOf(text[start]), text.Length - start);
                var isKnown = false;
                var node = ByteTrie.Root;
                for (var end = start; end < text.Length && model._pieces.Step(ref node, text[end]);)
                {
                    end++;
                    if (!model._pieces.TryGet(node, out var piece))
                        continue;
                    var (_, score, kind) = model._file.Pieces[piece];
                    // So large that they are always taken. The library adds in double precision, and keeps sums in single precision.
                    var added = kind == SentencePieceFile.Kind.UserDefined ? ((end - start) * model._largestScore) - 0.1 : score;
                    Offer(ref _best[end], piece, start, added + _best[start].Score);
                    isKnown |= end - start == character;
                }

                if (!isKnown)
                    Offer(ref _best[start + character], -1, start, model._unknownScore + _best[start].Score);
                start += character;
            }
        }

        private static void Offer(ref Ending best, int piece, int start, double score)
        {
            if (best.Start < 0 || score > best.Score)
                best = new(piece, start, (float)score);
        }

        /// <summary>The bytes of the character that a byte begins; 1 for one that begins none.</summary>
        private static int LengthOf(byte first) => first switch
        {
            < 0xc0 => 1,
            < 0xe0 => 2,
            < 0xf0 => 3,
            _ => 4,
        };

        private readonly record struct Ending(int Piece, int Start, float Score);
    }
}
