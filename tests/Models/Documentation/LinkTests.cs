using System.Text.RegularExpressions;
using Xunit;

namespace GptGen.Models.Tests.Documentation;

/// <summary>Links of the documentation lead to files and headings that are there.</summary>
public sealed partial class LinkTests
{
    public static TheoryData<string> Pages => [.. DocumentedCommand.Pages, "CHANGELOG.md", "tests/Emulator/README.md"];

    [Theory]
    [MemberData(nameof(Pages))]
    public void EveryLinkOfAPageLeadsSomewhere(string page)
    {
        var mistakes = new List<string>();
        foreach (Match link in Link().Matches(WithoutCode(page)))
        {
            var target = link.Groups[1].Value;
            if (target.StartsWith("http", StringComparison.Ordinal))
                continue;
            var (path, anchor) = target.Split('#') is [var before, var after] ? (before, after) : (target, null);
            var folder = Path.GetDirectoryName(page)!;
            var file = path.Length == 0 ? page : Path.GetRelativePath(Package.Sdk.Root, Path.Combine(Package.Sdk.Root, folder, path));
            if (!Path.Exists(Path.Combine(Package.Sdk.Root, file)))
                mistakes.Add($"{page}: there is no '{target}'");
            else if (anchor is not null && !Anchors(file).Contains(anchor))
                mistakes.Add($"{page}: '{file}' has no heading '#{anchor}'");
        }

        Assert.True(mistakes.Count == 0, string.Join('\n', mistakes));
    }

    /// <summary>Whoever arrives finds every page from the README or a page that it names.</summary>
    [Fact]
    public void EveryPageIsReached()
    {
        var (reached, ahead) = (new HashSet<string>(), new Queue<string>(["README.md"]));
        while (ahead.TryDequeue(out var page))
        {
            if (!reached.Add(page) || !page.EndsWith(".md", StringComparison.Ordinal))
                continue;
            foreach (Match link in Link().Matches(WithoutCode(page)))
            {
                var path = link.Groups[1].Value.Split('#')[0];
                if (path.Length > 0 && !path.StartsWith("http", StringComparison.Ordinal))
                    ahead.Enqueue(Path.GetRelativePath(Package.Sdk.Root, Path.Combine(Package.Sdk.Root, Path.GetDirectoryName(page)!, path)));
            }
        }

        Assert.Empty(DocumentedCommand.Pages.Except(reached));
    }

    private static string WithoutCode(string page) => Code().Replace(File.ReadAllText(Path.Combine(Package.Sdk.Root, page)), "");

    /// <summary>The anchors of a page's headings, as GitHub makes them.</summary>
    private static HashSet<string> Anchors(string page) =>
    [
        .. Heading().Matches(Fence().Replace(File.ReadAllText(Path.Combine(Package.Sdk.Root, page)), ""))
            .Select(static heading => NotInAnchor().Replace(heading.Groups[1].Value.Trim().ToLowerInvariant(), "").Replace(' ', '-')),
    ];

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^```.*?^```|`[^`\n]*`(?!\])", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Code();

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchor();
}
