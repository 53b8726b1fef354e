namespace GptGen.Cpu;

/// <summary>Writes a matrix's columns as rows, by bands of <see cref="Band"/> columns, in squares that stay in the first-level cache.</summary>
internal readonly unsafe struct TransposeKernel(float* from, float* to, nint rows, nint columns) : IRangeKernel
{
    /// <summary>Columns of a band: a cache line.</summary>
    public const int Band = 16;

    /// <summary>Bands of a matrix.</summary>
    public static nint Bands(nint columns) => (columns + Band - 1) / Band;

    /// <inheritdoc/>
    public void Run<TSimd, TVector>(nint first, nint last, int worker)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        for (nint band = first; band < last; band++)
        {
            nint begin = band * Band, end = Math.Min(columns, begin + Band);
            for (nint square = 0; square < rows; square += Band)
            {
                for (nint column = begin; column < end; column++)
                {
                    for (nint row = square; row < Math.Min(rows, square + Band); row++)
                        to[column * rows + row] = from[row * columns + column];
                }
            }
        }
    }
}
