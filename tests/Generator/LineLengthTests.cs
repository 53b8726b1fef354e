using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Xunit;

namespace GptGen.Generator.Tests;

/// <summary>Lines are read side by side and in terminals: none that a person writes is longer than 150 characters.</summary>
public class LineLengthTests
{
    private const int Longest = 150;

    /// <summary>What people write and read; golden values and generated code are neither.</summary>
    private static readonly string[] Extensions = [".cs", ".cu", ".cuh", ".h", ".cpp", ".md", ".csproj", ".props", ".targets"];

    private static readonly string[] FoldersLeftOut = ["bin", "obj", "artifacts", "runs", ".git"];

    /// <summary>The golden values; the checks of them, in folders of the same name, are held as everything else.</summary>
    private static readonly string GoldenValues = Path.Combine(SourceTree.Root, "tests", "Golden");

    [Fact]
    public void NoLineIsLongerThan150Characters()
    {
        var found = Files(SourceTree.Root).SelectMany(file => TooLong(Path.GetExtension(file), File.ReadAllText(file))
            .Select(line => $"{Path.GetRelativePath(SourceTree.Root, file)}:{line}")).ToArray();
        Assert.True(found.Length == 0, $"{found.Length} lines are longer than {Longest} characters:\n{string.Join('\n', found)}");
    }

    [Fact]
    public void ALongLineIsFoundInEachKindOfFile()
    {
        var text = string.Join('\n', "short", string.Concat(Enumerable.Repeat("word ", 30)), string.Concat(Enumerable.Repeat("word ", 30)) + "w");
        Assert.All(Extensions, extension => Assert.Equal([3], TooLong(extension, text)));
    }

    [Fact]
    public void TablesAddressesAndDataMayBeLonger()
    {
        var words = string.Concat(Enumerable.Repeat("word ", 40));
        Assert.Empty(TooLong(".md", $"| {words} |\n  | {words} |\nsee https://example.org/{new string('a', 200)}\n"));
        Assert.Equal([1], TooLong(".md", $"{words}https://example.org/{new string('a', 200)}"));
        Assert.Empty(TooLong(".cs", $"var json = \"\"\"\n    {words}\n    \"\"\";\nvar hex = \"{new string('a', 200)}\";\n"));
        Assert.Empty(TooLong(".cs", $"var json = $$\"\"\"\n    {words}{{{{value}}}}\n    \"\"\";"));
        Assert.Equal([1], TooLong(".cs", $"var text = \"{words}\";\nvar json = \"\"\"\n    {words}\n    \"\"\";\n"));
    }

    private static IEnumerable<string> Files(string folder) => Directory.EnumerateFiles(folder)
        .Where(file => Extensions.Contains(Path.GetExtension(file)) && !file.EndsWith(".verified.cs", StringComparison.Ordinal))
        .Concat(Directory.EnumerateDirectories(folder)
            .Where(inner => inner != GoldenValues && !FoldersLeftOut.Contains(Path.GetFileName(inner))).SelectMany(Files));

    /// <summary>The numbers, from 1, of the lines that could be shorter.</summary>
    private static IEnumerable<int> TooLong(string extension, string text)
    {
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        var data = extension == ".cs" ? LinesOfData(text.ReplaceLineEndings("\n")) : [];
        return Enumerable.Range(1, lines.Length).Where(number =>
            lines[number - 1].EnumerateRunes().Count() > Longest && !data.Contains(number)
            && !IsTable(extension, lines[number - 1]) && !IsOneWord(lines[number - 1]));
    }

    private static bool IsTable(string extension, string line) => extension == ".md" && line.TrimStart().StartsWith('|');

    /// <summary>Whether what makes the line too long is one word, such as an address, behind so little that a break would not help.</summary>
    private static bool IsOneWord(string line) =>
        line.Split(' ').Max(word => word.Length) is var longest && longest > Longest / 2 && line.Length - longest < Longest / 2;

    /// <summary>The lines inside of raw strings: their breaks are part of what they say.</summary>
    private static HashSet<int> LinesOfData(string text) =>
    [
        .. CSharpSyntaxTree.ParseText(text).GetRoot().DescendantTokens()
            .Where(token => token.IsKind(SyntaxKind.MultiLineRawStringLiteralToken) || token.IsKind(SyntaxKind.Utf8MultiLineRawStringLiteralToken)
                || token.IsKind(SyntaxKind.InterpolatedStringTextToken) && token.Parent?.Parent is var whole
                && whole!.GetFirstToken().IsKind(SyntaxKind.InterpolatedMultiLineRawStringStartToken))
            .SelectMany(token =>
            {
                var span = token.GetLocation().GetLineSpan();
                return Enumerable.Range(span.StartLinePosition.Line + 1, span.EndLinePosition.Line - span.StartLinePosition.Line + 1);
            }),
    ];
}
