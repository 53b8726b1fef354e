using System.Runtime.CompilerServices;

namespace GptGen.Runtime.Tests.Checkpoints;

/// <summary>The folders of reference values under tests/Golden.</summary>
internal static class Golden
{
    public static string Folder(string name, [CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", "Golden", name));
}
