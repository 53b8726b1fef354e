namespace GptGen.Cuda;

/// <summary>
/// The tiles of attention's kernels for Hopper's warpgroups. Each warpgroup has 64 rows of the tile that stays; their number decides how often the
/// passing ones are loaded, and with the blocks of a multiprocessor how many registers a thread may have. Measured on an H200 with 64 x 1024 tokens
/// of GPT-2 small: of ten choices these were the fastest; three warpgroups in a block, and passing tiles of 128, were slower.
/// </summary>
/// <param name="Groups">Warpgroups of a block.</param>
/// <param name="Passing">Positions of a tile that passes: 64, and 128 in the forward kernel too.</param>
/// <param name="Resident">Blocks that a multiprocessor is to have at once.</param>
internal readonly record struct GroupTiles(int Groups, int Passing, int Resident)
{
    /// <summary>The head size that there are kernels for: a row of a tile is 128 bytes.</summary>
    public const int HeadSize = 64;

    private const int RowBytes = HeadSize * 2;
    private const int Stages = 2;

    /// <summary>Of the kernel of the outputs.</summary>
    public static readonly GroupTiles Forward = new(1, 64, 4);

    /// <summary>Of the kernel of the queries' gradients.</summary>
    public static readonly GroupTiles Queries = new(2, 64, 2);

    /// <summary>Of the kernel of the gradients of keys and values, which has sums for both.</summary>
    public static readonly GroupTiles Keys = new(1, 64, 2);

    /// <summary>Positions of the tile that stays.</summary>
    public int Staying => 64 * Groups;

    /// <summary>Threads of a block.</summary>
    public int Threads => 128 * Groups;

    /// <summary>Shared memory of a block.</summary>
    /// <param name="staying">How many tiles stay.</param>
    /// <param name="statistics">Numbers of f32 beside each passing position.</param>
    public int Bytes(int staying, int statistics = 0) =>
        (staying * Staying * RowBytes) + (Stages * Passing * ((2 * RowBytes) + (statistics * sizeof(float))));
}
