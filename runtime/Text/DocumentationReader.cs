using System.Text;
using System.Xml;

namespace GptGen.Text;

/// <summary>Takes the sentences out of one XML documentation file.</summary>
internal static class DocumentationReader
{
    /// <summary>Adds the sentences of a file to those of the types that they document.</summary>
    public static void Read(string file, Dictionary<string, List<string>> types)
    {
        using var reader = XmlReader.Create(file);
        List<string>? sentences = null;
        var text = new StringBuilder();
        while (reader.Read())
        {
            if (reader.NodeType == XmlNodeType.Element && reader is { Name: "member", IsEmptyElement: false })
            {
                var type = TypeOf(reader.GetAttribute("name") ?? "");
                if (!types.TryGetValue(type, out sentences))
                    types.Add(type, sentences = []);
            }
            else if (sentences is not null)
            {
                if (reader is { Name: "member", NodeType: XmlNodeType.EndElement })
                {
                    SentenceSplitter.Split(text, sentences);
                    sentences = null;
                }
                else
                {
                    AppendNode(reader, text);
                }
            }
        }
    }

    private static void AppendNode(XmlReader reader, StringBuilder text)
    {
        switch (reader.NodeType)
        {
            case XmlNodeType.Text or XmlNodeType.Whitespace or XmlNodeType.SignificantWhitespace or XmlNodeType.CDATA:
                text.Append(reader.Value);
                break;
            case XmlNodeType.Element when IsSkipped(reader.Name) && !reader.IsEmptyElement:
                // XmlReader.Skip stops on the node after it, which the caller's Read would lose, so walk to its end instead.
                for (var depth = reader.Depth; reader.Read() && reader.Depth > depth;)
                {
                }

                text.Append(SentenceSplitter.Boundary);
                break;
            case XmlNodeType.Element when IsInline(reader.Name):
                if (reader.IsEmptyElement)
                    text.Append(Reference(reader));
                break;
            case XmlNodeType.Element or XmlNodeType.EndElement when !IsInline(reader.Name):
                text.Append(SentenceSplitter.Boundary);
                break;
        }
    }

    /// <summary>Programs, which are not prose, and exceptions, which are fragments such as "array is null." a thousand times over.</summary>
    private static bool IsSkipped(string element) => element is "code" or "exception";

    /// <summary>Elements inside a sentence; all others begin or end one.</summary>
    private static bool IsInline(string element) =>
        element is "see" or "seealso" or "paramref" or "typeparamref" or "c" or "xref" or "sup" or "sub" or "em" or "strong" or "b" or "i" or "a";

    /// <summary>What an empty reference shows: a keyword, a parameter or the last part of a name.</summary>
    private static string Reference(XmlReader reader) =>
        reader.GetAttribute("langword") ?? reader.GetAttribute("name") ?? LastName(reader.GetAttribute("cref") ?? "");

    private static string LastName(string reference)
    {
        var name = QualifiedName(reference);
        if (name.EndsWith(".#ctor", StringComparison.Ordinal))
            name = name[..^".#ctor".Length];
        name = name[(name.LastIndexOf('.') + 1)..];
        return name.IndexOf('`') is >= 0 and var arity ? name[..arity] : name;
    }

    /// <summary>
    /// The type of which a member's documentation is part: <c>M:System.Text.Rune.Parse(System.String)</c> gives <c>System.Text.Rune</c>.
    /// </summary>
    private static string TypeOf(string member)
    {
        var name = QualifiedName(member);
        return member.StartsWith("T:", StringComparison.Ordinal) ? name : name[..Math.Max(name.LastIndexOf('.'), 0)];
    }

    /// <summary>A documentation identifier without its kind and its parameters.</summary>
    private static string QualifiedName(string reference)
    {
        var name = reference is [_, ':', ..] ? reference[2..] : reference;
        return name.IndexOf('(') is >= 0 and var parameters ? name[..parameters] : name;
    }
}
