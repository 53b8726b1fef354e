
namespace GptGen.Cpu;

/// <summary>
/// The product of a few rows with a large matrix, as decoding and short texts need it. The matrix is read once for all rows and
/// not packed, which would take as long as the product.
/// </summary>
internal static unsafe class ThinProduct
{
    /// <summary>Bytes of the matrix that make it worth waking one more thread (about two microseconds).</summary>
    private const nint BytesOfAThread = 32 << 10;

    /// <summary>The longest rows that are decoded, four at a time, on a thread's stack.</summary>
    public const int MostDecoded = 8192;

    /// <summary>
    /// Whether this is faster than <see cref="Gemm"/>, by the ladder of <c>benchmarks gemm</c>. Beyond eight rows multiplications count, and with
    /// sixteen registers four rows of the matrix must then stay in the first-level cache.
    /// </summary>
    /// <param name="level">The vector width.</param>
    /// <param name="rows">M.</param>
    /// <param name="inputs">K.</param>
    public static bool IsFaster(SimdLevel level, nint rows, nint inputs) => rows <= MostRows(level, inputs);

    /// <summary>The most rows for which it is faster.</summary>
    /// <inheritdoc cref="IsFaster" path="/param"/>
    public static int MostRows(SimdLevel level, nint inputs) => inputs <= 1024 || SimdHardware.HasManyRegisters(level) ? 32 : 8;

    /// <summary>
    /// y[m, n] = x[m, :] · w[n, :] + bias[n]. Each row of y has the same bits whatever the other rows are, how many there
    /// are, and whatever the number of threads.
    /// </summary>
    /// <param name="pool">The threads.</param>
    /// <param name="level">The vector width.</param>
    /// <param name="rows">M, small: see <see cref="IsFaster"/>.</param>
    /// <param name="outputs">N.</param>
    /// <param name="inputs">K; with 0 the product is all zeros.</param>
    /// <param name="x">[M, K].</param>
    /// <param name="xStride">Elements between the rows of x.</param>
    /// <param name="w">[N, K]; of a type that is decoded, K is at most <see cref="MostDecoded"/>.</param>
    /// <param name="y">[M, N], which overlaps nothing else.</param>
    /// <param name="yStride">Elements between the rows of y.</param>
    /// <param name="bias">[N], or null.</param>
    public static void Multiply(
        WorkerPool pool,
        SimdLevel level,
        nint rows,
        nint outputs,
        nint inputs,
        float* x,
        nint xStride,
        WeightMatrix w,
        float* y,
        nint yStride,
        float* bias = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfNegative(outputs);
        ArgumentOutOfRangeException.ThrowIfNegative(inputs);
        if (rows == 0 || outputs == 0)
        {
            return;
        }

        double bytes = (double)outputs * inputs * sizeof(float);
        int workers = (int)Math.Clamp(bytes / BytesOfAThread, 1, pool.ThreadCount);
        var job = new ThinProductJob
        {
            Rows = rows,
            Outputs = outputs,
            Inputs = inputs,
            X = x,
            XStride = xStride,
            W = w,
            Y = y,
            YStride = yStride,
            Bias = bias,
        };
        pool.Run(level, ref job, workers);
    }
}
