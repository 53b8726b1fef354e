using GptGen.Cuda.Kernels;

namespace GptGen.Cuda.Tests.Operators;

/// <summary>Kernels as one text for a compiler that knows no name expressions: an address of each makes it an instance.</summary>
internal static class KernelInstances
{
    /// <summary>The shared sources, those of the kernels, and the instances.</summary>
    public static string Text(IReadOnlyList<KernelKey> kernels) =>
        string.Concat(KernelSet.Program("instances", kernels, []).Sources.Select(static source => source.Text + "\n")) +
        string.Concat(kernels.Select(static (kernel, number) => $"__device__ auto instance{number} = &{kernel.Expression};\n"));
}
