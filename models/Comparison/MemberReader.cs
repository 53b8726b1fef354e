using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using GptGen.Text;

namespace GptGen.Models.Comparison;

/// <summary>Reads the members of the .NET SDK's documentation.</summary>
internal static partial class MemberReader
{
    private const int ShortestSummary = 25;
    private const int LongestSummary = 120;
    private const int LongestName = 40;

    // A thousand instructions that differ in a type's name.
    private const string Left = "System.Runtime.Intrinsics";

    /// <summary>Every documented member with an ordinary name, in the files' order; a type's own entry is left out.</summary>
    internal static List<DocumentedMember> Read()
    {
        var folder = SdkLocator.Installations().Select(static root => SdkDocumentation.FindFolder(Path.Combine(root, "packs")))
            .FirstOrDefault(static found => found is not null)
            ?? throw new GptGenException("No English API documentation was found in an installed .NET SDK: install one.");
        return
        [
            .. Directory.EnumerateFiles(folder, "*.xml").Order(StringComparer.Ordinal)
                .SelectMany(static file => XDocument.Load(file).Descendants("member")).Select(Member).OfType<DocumentedMember>().Distinct(),
        ];
    }

    private static DocumentedMember? Member(XElement member)
    {
        var id = ((string?)member.Attribute("name") ?? "").Split('(')[0];
        if (id is not [not 'T', ':', ..] || id.Contains('#') || id.Contains("op_", StringComparison.Ordinal)
            || member.Element("summary") is not { } summary)
            return null;
        var parts = id[2..].Split('`')[0] is var plain && plain.Length < id.Length - 2 ? GenericMember(id[2..]) : plain.Split('.');
        if (parts.Length < 3)
            return null;
        var name = Words(parts[^1]);
        var text = FirstSentence(summary);
        var (space, type) = (string.Join('.', parts[..^2]), string.Join('.', parts[..^1]));
        return text.Length is >= ShortestSummary and <= LongestSummary && name.Length is > 2 and <= LongestName
            && !space.StartsWith(Left, StringComparison.Ordinal)
            ? new(space, type, name, text) : null;
    }

    private static string[] GenericMember(string id) => Arity().Replace(id, "").Split('.');

    private static string Words(string name) => WordStart().Replace(name.Replace('_', ' '), " ").Trim().ToLowerInvariant();

    private static string FirstSentence(XElement summary)
    {
        var text = new StringBuilder();
        foreach (var node in summary.DescendantNodes())
        {
            if (node is XText words)
                text.Append(words.Value);
            else if (node is XElement { IsEmpty: true } reference)
                text.Append(
                    Last(
                        (string?)reference.Attribute("langword") ?? (string?)reference.Attribute("name") ?? (string?)reference.Attribute("cref")
                            ?? ""));
        }

        var all = Spaces().Replace(text.ToString(), " ").Trim().ToLowerInvariant();
        var end = all.IndexOf(". ", StringComparison.Ordinal);
        return end < 0 ? all : all[..(end + 1)];
    }

    private static string Last(string reference) => Arity().Replace(reference.Split('(')[0].Split('.')[^1].Split(':')[^1], "");

    [GeneratedRegex("`+[0-9]+")]
    private static partial Regex Arity();

    [GeneratedRegex("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")]
    private static partial Regex WordStart();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
