using GptGen.Cpu;
using GptGen.Distributed;

namespace GptGen;

public sealed unsafe partial class CpuDevice
{
    /// <summary>
    /// result = the sum of <paramref name="count"/> vectors, <paramref name="stride"/> apart, in a fixed tree; the vectors are changed. Whoever is
    /// <paramref name="alone"/> leaves the device's threads to the others.
    /// </summary>
    internal void SumInTree(float* parts, nint stride, int count, float* result, nint elements, bool alone) =>
        Run(new TreeSumKernel(parts, stride, count, result), elements, alone ? Math.Max(1, elements) : ChunkElements);
}
