namespace GptGen.Checkpoints;

/// <summary>
/// Writes a file completely or not at all: into a temporary file of the same folder, flushed to the disk, then renamed over the target.
/// Whatever happens on the way, the file that was there before is untouched.
/// </summary>
public static class AtomicFile
{
    /// <summary>How the names of unfinished files end.</summary>
    public const string TemporarySuffix = ".tmp";

    /// <summary>Creates or replaces <paramref name="path"/> with what <paramref name="write"/> puts into the stream. Makes missing folders.</summary>
    /// <exception cref="GptGenException">The target cannot be written, or the disk is full.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        if (string.IsNullOrWhiteSpace(path) || path.Contains('\0'))
            throw new GptGenException($"Cannot write to the path '{path.Replace('\0', '?')}'. Name a file.");
        var target = Path.GetFullPath(path);
        if (Directory.Exists(target))
            throw new GptGenException($"Cannot write '{path}': a folder has this name. Choose another name or remove the folder.");
        var folder = Path.GetDirectoryName(target)!;
        try
        {
            // A device (/dev/stdout, /dev/null) has nothing to keep and must not be replaced by a file.
            if (folder == "/dev")
                WriteDirectly(target, write);
            else
                WriteAndRename(folder, target, write);
        }
        // A file beyond what the file system or a limit allows (4 GB on FAT32) comes as ArgumentOutOfRangeException.
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentOutOfRangeException)
        {
            throw new GptGenException(
                $"Cannot write '{path}': {error.Message.TrimEnd('.')}. Free some space or choose a place that can be written; nothing was overwritten.", error);
        }
    }

    private static void WriteDirectly(string target, Action<Stream> write)
    {
        using var stream = new FileStream(target, FileMode.Open, FileAccess.Write);
        write(stream);
    }

    private static void WriteAndRename(string folder, string target, Action<Stream> write)
    {
        Directory.CreateDirectory(folder);
        var temporary = Path.Combine(folder, $".{Path.GetFileName(target)}.{Guid.NewGuid():N}{TemporarySuffix}");
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1 << 16))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, target, overwrite: true);
        }
        catch
        {
            TryDelete(temporary);
            throw;
        }
    }

    /// <summary>Deletes a file that nobody needs; that it cannot be deleted is no reason to fail.</summary>
    internal static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
        }
    }
}
