using System.Text.RegularExpressions;

namespace GptGen.Models.Tests;

/// <summary>The texts of source files: what stands between quotation marks, parts of one message put together.</summary>
internal static partial class MessageTexts
{
    /// <summary>The texts of all sources under some folders of the repository, without comments and without the declarations of options.</summary>
    /// <returns>The path of each file from the repository's root on, and a text.</returns>
    internal static IEnumerable<(string Path, string Text)> Of(params string[] folders) =>
        from folder in folders
        from file in Directory.EnumerateFiles(Path.Combine(Package.Sdk.Root, folder), "*.cs", SearchOption.AllDirectories)
        where !file.Split(Path.DirectorySeparatorChar).Any(static part => part is "obj" or "bin")
        from text in In(File.ReadAllLines(file))
        select (Path.GetRelativePath(Package.Sdk.Root, file).Replace('\\', '/'), text);

    private static IEnumerable<string> In(IEnumerable<string> lines)
    {
        var code = lines.Select(static line => line.TrimStart())
            .Where(static line => !line.StartsWith("//", StringComparison.Ordinal) && !Declaration().IsMatch(line));
        var joined = Continued().Replace(string.Join('\n', code).Replace("'\"'", "' '", StringComparison.Ordinal), "");
        // Line by line, so that a mark that stands alone hides no more than its line.
        return joined.Split('\n').SelectMany(static line => Text().Matches(line)).Select(static text => text.Value);
    }

    [GeneratedRegex(@"new(\(|\s|<|>|\w|\[|\]|\?)*\(""--|Number\(|Choice\(|Description = |HelpName")]
    private static partial Regex Declaration();

    [GeneratedRegex(@"""\s*\+\s*\$?""")]
    private static partial Regex Continued();

    [GeneratedRegex(@"""(?:[^""\\]|\\.)*""")]
    private static partial Regex Text();
}
