using GptGen.Cuda.Kernels;

namespace GptGen.Cuda.Tests;

/// <summary>What kernels share, for tests that write kernels of their own.</summary>
internal static class SharedSources
{
    /// <summary>The sources built into the runtime, one after the other.</summary>
    public static string Text(params IEnumerable<string> fileNames) => string.Concat(fileNames.Select(static name => KernelSource.Load(name).Text));
}
