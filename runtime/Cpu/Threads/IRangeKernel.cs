namespace GptGen.Cpu;

/// <summary>Work on a run of independent items (rows, elements, heads): every split of the run gives the same bits.</summary>
internal interface IRangeKernel
{
    /// <summary>Does the items from <paramref name="first"/> to before <paramref name="last"/>.</summary>
    /// <param name="first">The first item.</param>
    /// <param name="last">The item after the last.</param>
    /// <param name="worker">Which worker this is, for memory of its own.</param>
    void Run<TSimd, TVector>(nint first, nint last, int worker)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged;
}
