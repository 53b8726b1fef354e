namespace GptGen.Features;

/// <summary>The mean of rows, summed in double precision.</summary>
internal static class RowMean
{
    /// <summary>mean = the mean of <paramref name="rows"/>, [rows, width].</summary>
    /// <param name="rows">Whole rows, at least one.</param>
    /// <param name="mean">Receives the mean, [width].</param>
    public static void Of(ReadOnlySpan<float> rows, Span<float> mean)
    {
        var sum = new double[mean.Length];
        var count = rows.Length / mean.Length;
        for (; !rows.IsEmpty; rows = rows[mean.Length..])
        {
            for (var i = 0; i < sum.Length; i++)
                sum[i] += rows[i];
        }

        for (var i = 0; i < sum.Length; i++)
            mean[i] = (float)(sum[i] / count);
    }
}
