using GptGen.Files;

namespace GptGen.Checkpoints;

/// <summary>
/// Writes a file completely or not at all: into an unfinished file of the same folder, brought to the disk, then renamed over the target. Whatever
/// happens on the way, the file that was there before is untouched. A link stays a link, and the file that it leads to is replaced; a file that is
/// replaced keeps its permissions. Pipes and devices are written as they are, and what this process was given open (<c>/dev/stdout</c>,
/// <c>/dev/fd/3</c>) goes on where it stands.
/// </summary>
public static class AtomicFile
{
    /// <summary>How the names of unfinished files end.</summary>
    public const string TemporarySuffix = TemporaryFiles.Suffix;

    // As many as Linux follows.
    private const int MostLinks = 40;

    /// <summary>Creates or replaces <paramref name="path"/> with what <paramref name="write"/> puts into the stream. Makes missing folders.</summary>
    /// <exception cref="GptGenException">The target cannot be written, or the disk is full.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        if (string.IsNullOrWhiteSpace(path) || path.Contains('\0'))
            throw new GptGenException($"Cannot write to the path '{path.Replace('\0', '?')}'. Name a file.");
        try
        {
            var target = FollowLinks(Path.GetFullPath(path));
            if (OpenDescriptor.NumberOf(target) is { } number)
            {
                using var stream = new OpenDescriptor(number);
                write(stream);
                return;
            }

            switch (FileStatus.Of(target).Kind)
            {
                case FileKind.Folder:
                    throw new GptGenException($"Cannot write '{path}': a folder has this name. Choose another name or remove the folder.");
                case FileKind.Pipe or FileKind.Device:
                    WriteDirectly(target, write);
                    break;
                case FileKind.Other:
                    throw new GptGenException($"Cannot write '{path}': it is a socket. Name a file.");
                default:
                    Replace(path, target, write);
                    break;
            }
        }
        // A file beyond what the file system or a limit allows (4 GB on FAT32) comes as ArgumentOutOfRangeException.
        catch (Exception error) when (InputFile.IsFailure(error) || error is ArgumentOutOfRangeException)
        {
            throw new GptGenException(
                $"Cannot write '{path}': {MessageText.Of(error)}. Free some space or choose a place that can be written; "
                + "nothing was overwritten.", error);
        }
    }

    /// <summary>Deletes a file that nobody needs; that it cannot be deleted is no reason to fail.</summary>
    internal static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (InputFile.IsFailure(error))
        {
        }
    }

    /// <summary>The path that links lead to, or the first on the way that is open already.</summary>
    private static string FollowLinks(string path)
    {
        for (var links = 0; links < MostLinks; links++)
        {
            if (OpenDescriptor.NumberOf(path) is not null || new FileInfo(path).LinkTarget is not { } next)
                return path;
            // Not made absolute: ".." in a link means the folder above the one that the system is in.
            path = Path.Combine(Path.GetDirectoryName(path)!, next);
        }

        throw new IOException("its links form a loop");
    }

    private static void WriteDirectly(string target, Action<Stream> write)
    {
        using var stream = new FileStream(target, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        write(stream);
        DiskSync.Flush(stream);
    }

    private static void Replace(string path, string target, Action<Stream> write)
    {
        var folder = Path.GetDirectoryName(target)!;
        Directory.CreateDirectory(folder);
        var name = Path.GetFileName(target);
        TemporaryFiles.Sweep(folder, name);
        var temporary = TemporaryFiles.NewPath(folder, name);
        try
        {
            // Open until it is renamed, so that it is locked as long as it has this name.
            using var stream = Create(temporary, folder);
            write(stream);
            FileTrial.Before(FileStep.Sync);
            DiskSync.Flush(stream);
            KeepPermissions(target, stream);
            FileTrial.Before(FileStep.Rename);
            File.Move(temporary, target, overwrite: true);
        }
        catch (Exception error)
        {
            TryDelete(temporary);
            // The unfinished file's name tells the user nothing.
            if (error is IOException && error.Message.Contains(temporary, StringComparison.Ordinal))
                throw new IOException(error.Message.Replace(temporary, path, StringComparison.Ordinal), error);
            throw;
        }

        try
        {
            FileTrial.Before(FileStep.SyncFolder);
            DiskSync.FlushFolder(folder);
        }
        catch (IOException error)
        {
            throw new GptGenException(
                $"'{path}' is written, but the system could not bring its name to the disk ({MessageText.Of(error)}): check the disk, "
                + "and write it again.", error);
        }
    }

    private static void KeepPermissions(string target, FileStream stream)
    {
        if (OperatingSystem.IsWindows() || !File.Exists(target))
            return;
        try
        {
            File.SetUnixFileMode(stream.SafeFileHandle, File.GetUnixFileMode(target));
        }
        catch (Exception error) when (InputFile.IsFailure(error))
        {
            // File systems without permissions have none to lose.
        }
    }

    private static FileTrial.Target Create(string temporary, string folder)
    {
        FileTrial.Before(FileStep.Create);
        try
        {
            return new(temporary);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new UnauthorizedAccessException($"nothing may be written into the folder '{folder}'", error);
        }
    }
}
