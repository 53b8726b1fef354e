using System.Text;

namespace GptGen.Files;

/// <summary>
/// Unfinished files: they lie beside their target, hidden, under a name of their own (<c>.NAME.32 hexadecimal digits.tmp</c>), and are locked for as
/// long as they are written. One that is not locked was left by a process that was killed.
/// </summary>
internal static class TemporaryFiles
{
    /// <summary>How their names end.</summary>
    internal const string Suffix = ".tmp";

    // File systems allow 255 bytes of UTF-8; some count UTF-16, which is never more.
    private const int LongestName = 255;
    private const int Digits = 32;

    /// <summary>A new path beside a target.</summary>
    internal static string NewPath(string folder, string name) => Path.Combine(folder, $"{Prefix(name)}{Guid.NewGuid():N}{Suffix}");

    /// <summary>Deletes what killed processes left of one target, or of every target in the folder. What somebody is writing stays.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">The target's name; null for every target.</param>
    internal static void Sweep(string folder, string? name = null)
    {
        var prefix = name is null ? "." : Prefix(name);
        try
        {
            foreach (var path in Directory.EnumerateFiles(folder, $".*{Suffix}"))
            {
                if (IsTemporary(Path.GetFileName(path.AsSpan()), prefix, isWhole: name is not null))
                    DeleteUnlessWritten(path);
            }
        }
        catch (Exception error) when (InputFile.IsFailure(error))
        {
            // What cannot be listed is not in the way either.
        }
    }

    private static bool IsTemporary(ReadOnlySpan<char> file, string prefix, bool isWhole)
    {
        if (file.Length < prefix.Length + Digits + Suffix.Length || !file.StartsWith(prefix, StringComparison.Ordinal)
            || !file.EndsWith(Suffix, StringComparison.Ordinal))
            return false;
        var middle = file[prefix.Length..^Suffix.Length];
        return !middle[^Digits..].ContainsAnyExcept("0123456789abcdef") && (isWhole ? middle.Length == Digits : middle[..^Digits] is [.., _, '.']);
    }

    private static void DeleteUnlessWritten(string path)
    {
        try
        {
            if (FileLock.TryOpen(path, FileMode.Open, out var stream) != LockState.Taken)
            {
                stream?.Dispose();
                return;
            }

            using (stream)
                File.Delete(path);
        }
        catch (Exception error) when (InputFile.IsFailure(error))
        {
        }
    }

    private static string Prefix(string name)
    {
        var left = LongestName - Digits - Suffix.Length - 2;
        if (Encoding.UTF8.GetByteCount(name) <= left)
            return $".{name}.";
        var kept = new StringBuilder();
        foreach (var rune in name.EnumerateRunes())
        {
            if ((left -= rune.Utf8SequenceLength) < 0)
                break;
            kept.Append(rune.ToString());
        }

        return $".{kept}.";
    }
}
