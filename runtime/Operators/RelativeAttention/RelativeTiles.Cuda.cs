namespace GptGen.Cuda;

/// <summary>The tiles in which relative attention's kernels work on heads of one size, and the shared memory that these take.</summary>
internal readonly struct RelativeTiles(int headSize)
{
    private readonly AttentionTiles tiles = new(headSize);

    /// <summary>Numbers of a head.</summary>
    public int HeadSize => tiles.HeadSize;

    /// <summary>Positions of a tile of queries, keys or distances. One of diagonals has twice as many.</summary>
    public int Positions => HeadSize <= 64 ? 32 : 16;

    /// <summary>Shared memory of the forward kernel: queries twice, keys, values, diagonals of distances, and weights.</summary>
    public int ForwardBytes => Bytes(tileCount: 6, weightCount: 1);

    /// <summary>Of the kernel of the queries' gradients: gradients of outputs as well.</summary>
    public int QueriesBytes => Bytes(tileCount: 7, weightCount: 1);

    /// <summary>Of the kernel of the keys' and values' gradients: the same, and weights for keys and for values.</summary>
    public int KeysBytes => Bytes(tileCount: 7, weightCount: 2);

    /// <summary>
    /// Of the kernel of the distances' gradients: queries twice, gradients of outputs, distances, diagonals of keys and of values, and weights.
    /// </summary>
    public int DistancesBytes => Bytes(tileCount: 8, weightCount: 1);

    private int Bytes(int tileCount, int weightCount) =>
        sizeof(float) * Positions * ((tileCount * tiles.RowFloats) + (weightCount * AttentionTiles.WeightFloats(Positions)));
}
