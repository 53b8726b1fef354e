namespace GptGen.Cpu;

/// <summary>The distances' gradients from those of the parts, [part, head, padded length, padded size] in falling order of the distances.</summary>
internal readonly unsafe struct RelativeDistanceSumKernel(float* sums, nint parts, float* dDistances, AttentionShape shape) : IRangeKernel
{
    /// <inheritdoc/>
    public void Run<TSimd, TVector>(nint first, nint last, int worker)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        for (nint distance = first; distance < last; distance++)
        {
            float* to = dDistances + distance * shape.QueryWidth;
            new CpuRange(to, shape.QueryWidth).Clear();
            for (nint part = 0; part < parts && distance < shape.KeyLength; part++)
            {
                for (nint head = 0; head < shape.QueryHeads; head++)
                {
                    float* from = sums + (part * shape.QueryHeads + head) * AttentionStrip.KeyFloats(shape) +
                        (shape.KeyLength - 1 - distance) * AttentionStrip.PaddedSize(shape);
                    VectorRuns.AddScaled<TSimd, TVector>(to + head * shape.HeadSize, from, 1f, shape.HeadSize);
                }
            }
        }
    }
}
