using System.Text;

namespace GptGen.Cuda.Libraries;

/// <summary>Folders whose path has a <c>*</c> in some of its parts, as <c>/usr/local/cuda-*/lib64</c>.</summary>
internal static class FolderPattern
{
    /// <summary>
    /// The folders that exist, the highest version first (<c>cuda-13.0</c> before <c>cuda-12.9</c>). A pattern without <c>*</c> is given back
    /// whether the folder exists or not, so that a message can name it.
    /// </summary>
    public static IEnumerable<string> Expand(string pattern)
    {
        var star = pattern.IndexOf('*', StringComparison.Ordinal);
        if (star < 0)
            return [pattern];
        var start = pattern.LastIndexOfAny(['/', '\\'], star) + 1;
        var end = pattern.IndexOfAny(['/', '\\'], star);
        var (name, rest) = end < 0 ? (pattern[start..], "") : (pattern[start..end], pattern[end..]);
        return Folders(pattern[..start], name)
            .OrderByDescending(VersionKey, StringComparer.Ordinal)
            .SelectMany(folder => Expand(folder + rest))
            .Where(Directory.Exists);
    }

    private static string[] Folders(string parent, string name)
    {
        try
        {
            return Directory.Exists(parent) ? Directory.GetDirectories(parent, name) : [];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A folder that this user may not list is a folder without libraries.
            return [];
        }
    }

    /// <summary>The text with its numbers padded, so that 12.10 sorts after 12.9.</summary>
    private static string VersionKey(string text)
    {
        var key = new StringBuilder();
        for (var i = 0; i < text.Length;)
        {
            var end = i;
            while (end < text.Length && char.IsAsciiDigit(text[end]))
                end++;
            if (end == i)
                key.Append(text[i++]);
            else
                key.Append(text[i..end].PadLeft(10, '0'));
            i = Math.Max(i, end);
        }

        return key.ToString();
    }
}
