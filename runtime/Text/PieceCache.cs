using System.Diagnostics.CodeAnalysis;

namespace GptGen.Text;

/// <summary>
/// The tokens of pieces seen before. A text's words repeat, so most pieces need no merging. The number of entries and their
/// length are bounded, for a corpus has no end of distinct pieces.
/// </summary>
internal sealed class PieceCache
{
    private const int MaximumEntries = 1 << 16;
    private const int LongestPiece = 32;

    private readonly Dictionary<byte[], int[]>.AlternateLookup<ReadOnlySpan<byte>> _entries =
        new Dictionary<byte[], int[]>(new ByteComparer()).GetAlternateLookup<ReadOnlySpan<byte>>();

    public bool TryGet(ReadOnlySpan<byte> piece, [NotNullWhen(true)] out int[]? tokens) => _entries.TryGetValue(piece, out tokens);

    public void Add(ReadOnlySpan<byte> piece, ReadOnlySpan<int> tokens)
    {
        if (piece.Length <= LongestPiece && _entries.Dictionary.Count < MaximumEntries)
            _entries[piece] = tokens.ToArray();
    }
}
