namespace GptGen.Cpu;

/// <summary>Applies a dropout's mask, element by element.</summary>
internal readonly unsafe struct DropoutKernel(float* source, DropoutMask mask, float* destination) : IRangeKernel
{
    /// <inheritdoc/>
    public void Run<TSimd, TVector>(nint first, nint last, int worker)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged =>
        mask.Apply(source + first, destination + first, first, last - first);
}
