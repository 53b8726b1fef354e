using System.Xml;

namespace GptGen.Text;

/// <summary>
/// The corpus that every .NET SDK carries: the English documentation of the class library, in the XML files beside its reference assemblies.
/// Each distinct sentence appears once, on a line of its own. The sentences of a type stay together and in order; the types are shuffled,
/// always in the same way, so that any part of the corpus resembles the whole and its end can serve for validation.
/// </summary>
public static class SdkDocumentation
{
    private const string MainPack = "Microsoft.NETCore.App.Ref";

    /// <summary>Finds and reads the documentation of the newest SDK.</summary>
    /// <exception cref="GptGenException">No SDK with documentation was found.</exception>
    public static TextCorpus Load() => Load(SdkLocator.Installations());

    /// <summary>The same sentences with an empty line behind each type's, by which documents are told that belong together.</summary>
    /// <exception cref="GptGenException">No SDK with documentation was found.</exception>
    public static TextCorpus LoadByType() => Load(SdkLocator.Installations(), "\n\n");

    internal static TextCorpus Load(IEnumerable<string> installations, string betweenTypes = "\n")
    {
        var roots = installations.ToList();
        foreach (var root in roots)
        {
            if (FindFolder(Path.Combine(root, "packs")) is { } folder)
                return TextCorpus.FromText(folder, string.Join(betweenTypes, Types(folder).Select(static type => string.Join('\n', type))) + "\n");
        }

        throw new GptGenException(
            $"No English API documentation (packs/{MainPack}/*/ref/net*/*.xml) was found in an installed .NET SDK"
            + $" (searched: {(roots.Count > 0 ? string.Join(", ", roots) : "no installation found")}): give your own text.");
    }

    /// <summary>The newest documentation under a folder of packs; the class library's own before any other.</summary>
    internal static string? FindFolder(string packs)
    {
        if (!Directory.Exists(packs))
            return null;

        return (from pack in Directory.EnumerateDirectories(packs, "*.Ref")
                from version in Directory.EnumerateDirectories(pack)
                where Directory.Exists(Path.Combine(version, "ref"))
                from framework in Directory.EnumerateDirectories(Path.Combine(version, "ref"), "net*")
                where Directory.EnumerateFiles(framework, "*.xml").Any()
                orderby Path.GetFileName(pack) == MainPack descending, SdkLocator.VersionOf(version) descending, framework
                select framework).FirstOrDefault();
    }

    /// <summary>The distinct sentences of all documentation files in a folder, type by type.</summary>
    internal static IEnumerable<List<string>> Types(string folder)
    {
        var types = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFiles(folder, "*.xml").Order(StringComparer.Ordinal))
        {
            try
            {
                DocumentationReader.Read(file, types);
            }
            catch (Exception error) when (error is XmlException or IOException or UnauthorizedAccessException)
            {
                throw new GptGenException(
                    $"The documentation file '{file}' cannot be read: {error.Message.ReplaceLineEndings(" ")} Give your own text.",
                    error);
            }
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        return types.OrderBy(type => SdkLocator.Hash(type.Key)).ThenBy(type => type.Key, StringComparer.Ordinal)
            .Select(type => type.Value.FindAll(seen.Add))
            .Where(static sentences => sentences.Count > 0);
    }
}
