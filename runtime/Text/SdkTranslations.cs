using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Resources;
using System.Text;

namespace GptGen.Text;

/// <summary>
/// The parallel texts that every .NET SDK carries: what its tools say, in English and in the languages that they are translated to, from the
/// resources of its assemblies. Each English text appears once, shuffled always in the same way, so that any part resembles the whole.
/// </summary>
public static class SdkTranslations
{
    private const string SatelliteEnding = ".resources.dll";
    private const string StringType = "ResourceTypeCode.String";

    /// <summary>The pairs of English and another language in the newest SDK.</summary>
    /// <param name="language">The language as the SDK names it: <c>de</c>, <c>fr</c>, <c>pt-BR</c>, <c>zh-Hans</c>.</param>
    /// <exception cref="GptGenException">No installed SDK has such texts.</exception>
    public static IReadOnlyList<(string English, string Translation)> Load(string language) => Load(SdkLocator.Installations(), language);

    internal static IReadOnlyList<(string English, string Translation)> Load(IEnumerable<string> installations, string language)
    {
        var roots = installations.ToList();
        var languages = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var sdk in roots.Select(static root => Path.Combine(root, "sdk")).Where(Directory.Exists))
        {
            foreach (var version in Directory.EnumerateDirectories(sdk).OrderByDescending(SdkLocator.VersionOf))
            {
                var satellites = Directory.EnumerateFiles(version, "*" + SatelliteEnding, SearchOption.AllDirectories).ToLookup(LanguageOf);
                languages.UnionWith(satellites.Select(static group => group.Key));
                if (Read(satellites[language]) is { Count: > 0 } pairs)
                    return pairs;
            }
        }

        throw new GptGenException(languages.Count > 0
            ? $"The installed .NET SDK has no texts in '{MessageText.Shorten(language)}': take one of {string.Join(", ", languages)}."
            : $"No installed .NET SDK has translated texts (searched: {(roots.Count > 0 ? string.Join(", ", roots) : "no installation found")}): "
                + "install an SDK, or give pairs of your own.");
    }

    private static string LanguageOf(string satellite) => Path.GetFileName(Path.GetDirectoryName(satellite)!);

    private static List<(string English, string Translation)> Read(IEnumerable<string> satellites)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var satellite in satellites.Order(StringComparer.Ordinal))
        {
            var folder = Path.GetDirectoryName(satellite)!;
            var main = Path.Combine(Path.GetDirectoryName(folder)!, Path.GetFileName(satellite)[..^SatelliteEnding.Length] + ".dll");
            if (!File.Exists(main))
                continue;
            var translations = Strings(satellite, $".{LanguageOf(satellite)}.resources");
            foreach (var (key, english) in Strings(main, ".resources"))
            {
                if (translations.TryGetValue(key, out var translation) && IsText(english) && IsText(translation) && english != translation)
                    pairs.TryAdd(english, translation);
            }
        }

        return [.. pairs.OrderBy(static pair => SdkLocator.Hash(pair.Key)).Select(static pair => (pair.Key, pair.Value))];
    }

    /// <summary>Letters on one line.</summary>
    private static bool IsText(string text) => text.Any(char.IsLetter) && !text.Any(char.IsControl);

    /// <summary>The strings in an assembly's resources, by the resource's name without <paramref name="ending"/> and their own.</summary>
    private static Dictionary<(string Resource, string Name), string> Strings(string assembly, string ending)
    {
        var strings = new Dictionary<(string, string), string>();
        try
        {
            using var file = new PEReader(File.OpenRead(assembly));
            if (!file.HasMetadata)
                return strings;
            var metadata = file.GetMetadataReader();
            foreach (var handle in metadata.ManifestResources)
            {
                var resource = metadata.GetManifestResource(handle);
                var name = metadata.GetString(resource.Name);
                if (!resource.Implementation.IsNil || !name.EndsWith(ending, StringComparison.Ordinal))
                    continue;
                var all = file.GetSectionData(file.PEHeaders.CorHeader!.ResourcesDirectory.RelativeVirtualAddress);
                var content = all.GetReader((int)resource.Offset, all.Length - (int)resource.Offset);
                AddStrings(strings, name[..^ending.Length], content.ReadBytes(content.ReadInt32()));
            }
        }
        catch (Exception error) when (error is BadImageFormatException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            // An assembly of another form: the rest has enough.
        }

        return strings;
    }

    private static void AddStrings(Dictionary<(string, string), string> strings, string resource, byte[] content)
    {
        try
        {
            using var reader = new ResourceReader(new MemoryStream(content));
            var entries = reader.GetEnumerator();
            while (entries.MoveNext())
            {
                var name = (string)entries.Key;
                reader.GetResourceData(name, out var type, out var data);
                if (type != StringType)
                    continue;
                using var text = new BinaryReader(new MemoryStream(data), Encoding.UTF8);
                strings.TryAdd((resource, name), text.ReadString().Trim());
            }
        }
        catch (Exception error) when (error is BadImageFormatException or ArgumentException or NotSupportedException or FormatException)
        {
            // Resources of another reader's form.
        }
    }
}
