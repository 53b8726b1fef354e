namespace GptGen.Cpu;

/// <summary>Nothing is done with a product's result.</summary>
internal readonly struct NoEpilogue : IRangeKernel
{
    /// <inheritdoc/>
    public void Run<TSimd, TVector>(nint first, nint last, int worker)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
    }
}
