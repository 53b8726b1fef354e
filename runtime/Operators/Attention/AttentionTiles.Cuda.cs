namespace GptGen.Cuda;

/// <summary>The tiles in which attention's kernels work on heads of one size, and the shared memory that these take.</summary>
internal readonly struct AttentionTiles
{
    /// <summary>Threads of a block, in <c>attention_tiles.cuh</c> too.</summary>
    public const int Threads = 128;

    /// <summary>Threads of a block that joins the parts of a decoded head: one for four numbers of the widest.</summary>
    public const int CombineThreads = MaxHeadSize / Quad;

    /// <summary>Cached positions that one block reads, in <c>attention_cache.cu</c> too.</summary>
    public const int DecodeKeys = Threads;

    private const int MaxHeadSize = 256;
    private const int Quad = 4;

    /// <summary>Chooses tiles.</summary>
    /// <exception cref="GptGenException">The heads are too wide.</exception>
    public AttentionTiles(int headSize)
    {
        if (headSize > MaxHeadSize)
        {
            throw new GptGenException(
                $"The CUDA device attends with heads of at most {MaxHeadSize} numbers, not {headSize}: use more heads, or the CPU device.");
        }

        HeadSize = headSize;
    }

    /// <summary>Numbers of a head.</summary>
    public int HeadSize { get; }

    /// <summary>
    /// Positions of a tile that stays while others pass: so many that three blocks of 70 KB fit on a GPU's multiprocessor of 228 KB.
    /// </summary>
    public int Wide => HeadSize <= 64 ? 64 : HeadSize <= 128 ? 32 : 16;

    /// <summary>Positions of the passing tiles where more has to fit.</summary>
    public int Narrow => Math.Max(16, Wide / 2);

    /// <summary>Shared memory of the forward kernel: queries, keys, values and weights.</summary>
    public int ForwardBytes => sizeof(float) * ((3 * Wide * RowFloats) + (Wide * WeightFloats(Wide)));

    /// <summary>Of the kernel of the queries' gradients: queries, gradients of outputs, keys, values and weights.</summary>
    public int BackwardQueriesBytes => sizeof(float) * ((((2 * Wide) + (2 * Narrow)) * RowFloats) + (Wide * WeightFloats(Narrow)));

    /// <summary>Of the kernel of the keys' and values' gradients: the same tiles, and weights for keys and for values.</summary>
    public int BackwardKeysBytes => sizeof(float) * ((((2 * Wide) + (2 * Narrow)) * RowFloats) + (2 * Wide * WeightFloats(Narrow)));

    /// <summary>Floats that a part of a decoded head hands on: maximum, total and sums.</summary>
    public static int PartialFloats(int headSize) => Quad + (Quad * Quads(headSize));

    /// <summary>Floats from one position of a tile to the next: an odd number of quads, so that neighbouring rows lie in different banks.</summary>
    internal int RowFloats => Quad * (Quads(HeadSize) | 1);

    /// <summary>Floats from one row of weights to the next, for the same reason.</summary>
    internal static int WeightFloats(int positions) => positions + Quad;

    private static int Quads(int headSize) => (headSize + Quad - 1) / Quad;
}
