namespace GptGen.Cpu;

/// <summary>Rows of weights as f32, one behind the other.</summary>
internal readonly unsafe struct DecodeRowsKernel(WeightMatrix matrix, float* to, nint width) : IRangeKernel
{
    /// <inheritdoc/>
    public void Run<TSimd, TVector>(nint first, nint last, int worker)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        for (nint row = first; row < last; row++)
            WeightDecoding.Decode<TSimd, TVector>(matrix.Type, matrix.Encoded(row), width, to + row * width);
    }
}
