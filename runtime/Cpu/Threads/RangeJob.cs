namespace GptGen.Cpu;

/// <summary>Shares the items of a kernel among workers, a chunk at a time.</summary>
internal struct RangeJob<TKernel>(TKernel kernel, nint count, nint chunk) : IVectorJob
    where TKernel : struct, IRangeKernel
{
    private WorkCounter chunks;

    /// <inheritdoc/>
    public void Run<TSimd, TVector>(int worker, int workers)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        while (chunks.TryClaim((count + chunk - 1) / chunk, out nint index))
            kernel.Run<TSimd, TVector>(index * chunk, Math.Min(count, (index + 1) * chunk), worker);
    }
}
