namespace GptGen.Cuda.Driver;

/// <summary>How many blocks a launch has, or how many threads a block has, in each direction.</summary>
internal readonly record struct GridSize(uint X, uint Y = 1, uint Z = 1)
{
    public static implicit operator GridSize(int x) => new(checked((uint)x));

    /// <summary>Blocks that cover <paramref name="items"/> with <paramref name="each"/> a block.</summary>
    public static GridSize Covering(nint items, int each) => new(checked((uint)((items + each - 1) / each)));
}
