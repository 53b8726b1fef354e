using System.Runtime.CompilerServices;

namespace GptGen.Generator.Tests;

/// <summary>Where the sources of these tests lie.</summary>
internal static class SourceTree
{
    /// <summary>The repository's root.</summary>
    public static string Root { get; } = Path.GetFullPath(Path.Combine(Folder(), "..", ".."));

    private static string Folder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
