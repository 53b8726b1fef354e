
namespace GptGen.Cpu;

/// <summary>
/// The product of a few rows with a large matrix, as decoding needs it. It is bound by reading the matrix, which is read
/// once for all rows and not packed.
/// </summary>
internal static unsafe class ThinProduct
{
    /// <summary>Bytes of the matrix that make it worth waking one more thread (about two microseconds).</summary>
    private const nint BytesOfAThread = 32 << 10;

    /// <summary>
    /// y[m, n] = x[m, :] · w[n, :] + bias[n]. Each row of y has the same bits whatever the other rows are, how many there
    /// are, and whatever the number of threads.
    /// </summary>
    /// <param name="pool">The threads.</param>
    /// <param name="level">The vector width.</param>
    /// <param name="rows">M, small: beyond sixteen or so <see cref="Gemm"/> is faster.</param>
    /// <param name="outputs">N.</param>
    /// <param name="inputs">K; with 0 the product is all zeros.</param>
    /// <param name="x">[M, K].</param>
    /// <param name="xStride">Elements between the rows of x.</param>
    /// <param name="w">[N, K].</param>
    /// <param name="wStride">Elements between the rows of w.</param>
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
        float* w,
        nint wStride,
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
            WStride = wStride,
            Y = y,
            YStride = yStride,
            Bias = bias,
        };
        pool.Run(level, ref job, workers);
    }
}
