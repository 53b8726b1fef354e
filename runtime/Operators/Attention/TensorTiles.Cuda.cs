namespace GptGen.Cuda;

/// <summary>
/// The tiles in which attention's kernels for tensor cores work, and the shared memory that these take: at most the 99 KB that every GPU from
/// compute capability 8.0 on gives a block. Of a tile that stays each of four warps has 16 or 32 rows; with 32 it loads the passing tile half as
/// often, but holds twice as many sums, so that wide heads have 16.
/// </summary>
internal readonly struct TensorTiles
{
    private const int Padding = 16;
    private const int Stages = 2;

    private readonly int rowBytes;

    /// <summary>Chooses tiles.</summary>
    /// <param name="headSize">One that <see cref="Serve"/> is true of.</param>
    /// <param name="elementBytes">Of the activations: 4 are multiplied as TF32, 2 as bf16.</param>
    public TensorTiles(int headSize, int elementBytes)
    {
        HeadSize = headSize;
        rowBytes = headSize * elementBytes;
    }

    /// <summary>Numbers of a head.</summary>
    public int HeadSize { get; }

    /// <summary>Queries of a block of the forward kernel.</summary>
    public int ForwardQueries => rowBytes <= 320 ? 128 : 64;

    /// <summary>Keys that it passes over at a time.</summary>
    public int ForwardKeys => rowBytes <= 192 ? 64 : rowBytes <= 384 ? 32 : 16;

    /// <summary>Queries of a block of the kernel of their gradients.</summary>
    public int BackwardQueries => rowBytes <= 192 ? 128 : 64;

    /// <summary>Keys of a block of the kernel of the gradients of keys and values, which has sums for both.</summary>
    public int BackwardKeys => rowBytes <= 128 ? 128 : 64;

    /// <summary>What either of the two passes over at a time.</summary>
    public int BackwardPassing => rowBytes <= 320 ? 32 : 16;

    /// <summary>Shared memory of the forward kernel: queries, and stages of keys and values.</summary>
    public int ForwardBytes => Bytes(ForwardQueries, Stages * 2 * ForwardKeys);

    /// <summary>Of the kernel of the queries' gradients: queries, gradients of outputs, and stages of keys and values.</summary>
    public int BackwardQueriesBytes => Bytes(2 * BackwardQueries, Stages * 2 * BackwardPassing);

    /// <summary>Of the kernel of the gradients of keys and values: keys, values, and stages of queries and gradients of outputs.</summary>
    public int BackwardKeysBytes => Bytes(2 * BackwardKeys, Stages * 2 * BackwardPassing);

    /// <summary>Whether there are kernels for heads of this size.</summary>
    public static bool Serve(int headSize) => headSize is 32 or 64 or 80 or 96 or 128;

    private int Bytes(int staying, int passing) => (staying + passing) * (rowBytes + Padding);
}
