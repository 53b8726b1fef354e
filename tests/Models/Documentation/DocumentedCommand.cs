using System.CommandLine.Parsing;
using System.Text;
using System.Text.RegularExpressions;

namespace GptGen.Models.Tests.Documentation;

/// <summary>A command of gptgen's in a fenced block of the documentation.</summary>
/// <param name="Page">The page, from the repository's root.</param>
/// <param name="Line">The line that it begins in.</param>
/// <param name="Words">Its words behind <c>gptgen</c>.</param>
/// <param name="NotRun">Why it cannot run in a test, as the block says behind "not run:"; null where it runs.</param>
public sealed partial record DocumentedCommand(string Page, int Line, string[] Words, string? NotRun)
{
    private static readonly string[] s_program = ["gptgen", "dotnet run --project models -c Release --"];

    /// <summary>Every page.</summary>
    public static IEnumerable<string> Pages => Directory.EnumerateFiles(Path.Combine(Package.Sdk.Root, "docs"), "*.md")
        .Select(static file => $"docs/{Path.GetFileName(file)}").Order(StringComparer.Ordinal).Prepend("CONTRIBUTING.md").Prepend("README.md");

    /// <summary>The commands of a page in their order.</summary>
    public static IReadOnlyList<DocumentedCommand> In(string page)
    {
        var (commands, lines) = (new List<DocumentedCommand>(), File.ReadAllLines(Path.Combine(Package.Sdk.Root, page)));
        string? fence = null;
        for (var line = 0; line < lines.Length; line++)
        {
            if (lines[line].TrimStart().StartsWith("```", StringComparison.Ordinal))
            {
                fence = fence is null ? lines[line].Trim()[3..] : null;
                continue;
            }

            // Blocks of other languages show no commands.
            if (fence is null || (fence.Length > 0 && fence.Split(' ')[0] != "sh"))
                continue;
            var (first, text) = (line + 1, new StringBuilder(lines[line]));
            while (text is [.., '\\'] && line + 1 < lines.Length)
                text.Append("\b ").Append(lines[++line]);
            if (Split(text.ToString().Replace("\\\b", "")) is { } words)
                commands.Add(new(page, first, words, Reason().Match(fence) is { Success: true } match ? match.Groups[1].Value : null));
        }

        return commands;
    }

    /// <summary>The words of a line that calls the program; null for another line.</summary>
    private static string[]? Split(string line)
    {
        var text = Prompt().Replace(line.Trim(), "");
        if (s_program.FirstOrDefault(program => text.StartsWith($"{program} ", StringComparison.Ordinal)) is not { } program)
            return null;
        text = Comment().Replace(text[program.Length..], "");
        return [.. CommandLineParser.SplitCommandLine(text)];
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Page}:{Line}: gptgen {string.Join(' ', Words)}";

    // A shell's prompt, or variables that are set for the command.
    [GeneratedRegex(@"^\$ |^(?:[A-Z_]+=\S+ )+")]
    private static partial Regex Prompt();

    [GeneratedRegex(@"\s+#\s.*$|\s[|>]\s.*$")]
    private static partial Regex Comment();

    [GeneratedRegex(@"not run: (.+)$")]
    private static partial Regex Reason();
}
