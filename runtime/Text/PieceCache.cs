using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace GptGen.Text;

/// <summary>
/// The tokens of pieces seen before. A text's words repeat, so most pieces need no merging. Each piece has one place, found by its bytes, that the
/// next one with the same place takes over: the memory is bounded, and a corpus has no end of distinct pieces. For one thread at a time.
/// </summary>
internal sealed class PieceCache
{
    private const int PlaceBits = 15;
    private const int MostBytes = 4 * sizeof(ulong);
    private const int MostTokens = 6;

    private readonly Entry[] _entries = new Entry[1 << PlaceBits];

    /// <summary>Appends the tokens of a piece, if they are known.</summary>
    public bool TryAppend(ReadOnlySpan<byte> piece, List<int> tokens)
    {
        if (piece.Length > MostBytes)
            return false;
        var key = KeyOf(piece);
        ref var entry = ref _entries[PlaceOf(key, piece.Length)];
        if (entry.Length != piece.Length || !((ReadOnlySpan<ulong>)entry.Key).SequenceEqual(key))
            return false;
        if (entry.Count == 1)
            tokens.Add(entry.Tokens[0]);
        else
            tokens.AddRange(((ReadOnlySpan<int>)entry.Tokens)[..entry.Count]);
        return true;
    }

    /// <summary>Notes the tokens of a piece that is not empty.</summary>
    public void Add(ReadOnlySpan<byte> piece, ReadOnlySpan<int> tokens)
    {
        if (piece.Length > MostBytes || tokens.Length > MostTokens)
            return;
        var key = KeyOf(piece);
        ref var entry = ref _entries[PlaceOf(key, piece.Length)];
        (entry.Key, entry.Length, entry.Count) = (key, (byte)piece.Length, (byte)tokens.Length);
        tokens.CopyTo(entry.Tokens);
    }

    /// <summary>The bytes of a piece, filled up with zeros.</summary>
    private static Bytes KeyOf(ReadOnlySpan<byte> piece)
    {
        var key = default(Bytes);
        piece.CopyTo(MemoryMarshal.AsBytes((Span<ulong>)key));
        return key;
    }

    // Multiplying by an odd number carries each bit upwards, where the place is taken from.
    private static int PlaceOf(in Bytes key, int length)
    {
        var hash = key[0] * 0x9E37_79B9_7F4A_7C15 ^ key[1] * 0xC2B2_AE3D_27D4_EB4F ^ key[2] * 0x1656_67B1_9E37_79F9 ^ key[3] * 0x85EB_CA77_C2B2_AE63;
        return (int)((hash ^ (hash >> 32) ^ (ulong)length) * 0x9E37_79B9_7F4A_7C15 >> (64 - PlaceBits));
    }

    [InlineArray(MostBytes / sizeof(ulong))]
    private struct Bytes
    {
        private ulong _first;
    }

    [InlineArray(MostTokens)]
    private struct Numbers
    {
        private int _first;
    }

    private struct Entry
    {
        public Bytes Key;
        public Numbers Tokens;

        /// <summary>Bytes of the piece; 0 where there is none.</summary>
        public byte Length;
        public byte Count;
    }
}
