using System.Runtime.Intrinsics.Arm;

namespace GptGen.Cpu;

/// <summary>
/// Attention goes through strips of queries: the scores of a strip against all keys it sees are one product of the tile kernels, so only
/// strip x length of them exist at a time. The sizes here are the same for every vector width.
/// </summary>
internal static unsafe class AttentionStrip
{
    /// <summary>Queries of a strip: a multiple of every tile's rows.</summary>
    public const int Queries = 48;

    /// <summary>A multiple of every tile's rows and columns, to which positions are padded.</summary>
    private const int Padding = 96;

    /// <summary>A multiple of every tile's columns, to which head sizes are padded.</summary>
    private const int SizePadding = 32;

    /// <summary>Keys of a sequence with padding: floats from one query's scores to the next one's.</summary>
    public static nint PaddedLength(in AttentionShape shape) => RoundUp(shape.KeyLength, Padding);

    /// <summary>Head size with padding.</summary>
    public static nint PaddedSize(in AttentionShape shape) => RoundUp(shape.HeadSize, SizePadding);

    /// <summary>Floats of one block of packed keys, packed values or their gradients.</summary>
    public static nint KeyFloats(in AttentionShape shape) => PaddedLength(shape) * PaddedSize(shape);

    /// <summary>Floats of one strip of scores.</summary>
    public static nint ScoreFloats(in AttentionShape shape) => Queries * PaddedLength(shape);

    /// <summary>Floats of one strip of queries or outputs.</summary>
    public static nint QueryFloats(in AttentionShape shape) => Queries * PaddedSize(shape);

    /// <summary>
    /// How many keys at most the queries before <paramref name="lastQuery"/> see, of a sequence of so many queries and keys. With a causal mask the
    /// last query stands at the last key.
    /// </summary>
    public static nint Seen(AttentionMask mask, nint lastQuery, nint queries, nint keys) =>
        mask == AttentionMask.Causal ? Math.Max(0, lastQuery + keys - queries) : keys;

    /// <summary>The last place up to <paramref name="position"/> where a tile begins, whatever its rows and columns.</summary>
    public static nint TileStart(nint position) => position / Padding * Padding;

    /// <summary>Whether the instruction set has the 32 registers that a tile of 12 rows needs.</summary>
    public static bool HasTallTiles<TSimd, TVector>()
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged =>
        TSimd.Count == 16 || AdvSimd.IsSupported;

    /// <summary>Packs lines that are contiguous in memory (queries or keys, each of a head's size).</summary>
    public static nint PackLines(float* source, nint stride, nint lines, nint depth, int width, float* destination) =>
        Pack(new(source, stride, lineContiguous: true, lines, width), depth, destination);

    /// <summary>Packs lines that lie across memory: the columns of a matrix whose rows are the depth.</summary>
    public static nint PackColumns(float* source, nint stride, nint columns, nint depth, int width, float* destination) =>
        Pack(new(source, stride, lineContiguous: false, columns, width), depth, destination);

    private static nint Pack(PanelSource source, nint depth, float* destination)
    {
        source.Pack(0, source.Panels, 0, depth, destination);
        return source.Panels;
    }

    private static nint RoundUp(nint value, int multiple) => (value + multiple - 1) / multiple * multiple;
}
