using System.Runtime.CompilerServices;

namespace GptGen.Cuda.Tests;

/// <summary>Where the sources of the kernels lie.</summary>
internal static class SourceTree
{
    /// <summary>A file of the repository.</summary>
    public static string Read(string path) => File.ReadAllText(Path.Combine(Root(), path));

    /// <summary>The text that comes before kernels.</summary>
    public static string Prelude => Read("runtime/Cuda/Kernels/prelude.cuh");

    /// <summary>The prelude and the tensor cores' instructions.</summary>
    public static string PreludeWithTensorCores => Prelude + Read("runtime/Cuda/Kernels/tensor_cores.cuh");

    private static string Root([CallerFilePath] string file = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "..", ".."));
}
