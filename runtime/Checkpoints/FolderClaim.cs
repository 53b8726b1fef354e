using System.Globalization;
using GptGen.Files;

namespace GptGen.Checkpoints;

/// <summary>
/// The right to write into a folder, which one process at a time has: a lock on the file <c>.lock</c> in it. The system frees it when the process
/// ends, however it ends; only the file itself then stays. Whoever has the right deletes the unfinished files of those who were killed before.
/// Network folders hold the promise as far as their file system passes locks on (NFS and SMB usually do); where it has none, that is said.
/// </summary>
internal sealed class FolderClaim : IDisposable
{
    internal const string FileName = ".lock";

    private const int Attempts = 10;

    private readonly FileStream file;
    private readonly List<string> made;
    private string? mark;

    private FolderClaim(string folder, FileStream file, List<string> made, string? killed)
    {
        (Folder, this.file, this.made, KilledUse) = (folder, file, made, killed);
        TemporaryFiles.Sweep(folder);
    }

    /// <summary>The folder's full path.</summary>
    internal string Folder { get; }

    /// <summary>What the process that was killed while it had the folder did there; null where none was.</summary>
    internal string? KilledUse { get; }

    /// <summary>Takes a folder, and makes it if there is none. A folder that was made and stayed empty goes again with the right.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="use">What it is taken for, as "training"; said to others who want it.</param>
    /// <param name="note">Told when the file system has no locks.</param>
    /// <exception cref="GptGenException">Another process has it, or it cannot be made or written.</exception>
    internal static FolderClaim Take(string folder, string use, Action<string>? note = null)
    {
        if (string.IsNullOrWhiteSpace(folder) || folder.Contains('\0'))
            throw new GptGenException("Cannot write to an empty path: name a folder.");
        var full = Path.GetFullPath(folder);
        var made = new List<string>();
        try
        {
            for (var attempt = 0; attempt < Attempts; attempt++)
            {
                Make(full, made);
                if (TryTake(folder, full, use, made, note) is { } claim)
                    return claim;
            }
        }
        catch (Exception error) when (InputFile.IsFailure(error))
        {
            RemoveEmpty(made);
            throw new GptGenException(
                $"The folder '{folder}' cannot be made or written ({MessageText.Of(error)}): name a writable folder.", error);
        }

        throw new GptGenException($"The folder '{folder}' is taken and given back all the time by other processes: name another folder.");
    }

    /// <summary>
    /// From here on the folder is half made, and whoever takes it next is told so, until <see cref="Finish"/>: whether this process is killed or
    /// fails.
    /// </summary>
    /// <param name="use">What it is taken for.</param>
    internal void Begin(string use) => mark = use;

    /// <summary>What was begun is whole.</summary>
    public void Finish() => mark = null;

    /// <summary>Gives the folder free as it was found, with what was said of it.</summary>
    internal void Refuse()
    {
        mark = KilledUse;
        Dispose();
    }

    /// <summary>Gives the folder free.</summary>
    public void Dispose()
    {
        if (mark is not null)
            Write(file, $"{mark}\n");
        else
            // Deleted while it is locked: afterwards it could be another's.
            AtomicFile.TryDelete(file.Name);
        file.Dispose();
        RemoveEmpty(made);
    }

    private static FolderClaim? TryTake(string folder, string full, string use, List<string> made, Action<string>? note)
    {
        var path = Path.Combine(full, FileName);
        // A link would lead to a file that is somebody's, and a pipe be waited for.
        if (FileStatus.OfEntry(path).Kind is not (FileKind.File or FileKind.Missing or FileKind.Unreachable))
            throw new IOException($"'{path}' is no file; remove it");
        LockState state;
        FileStream? file;
        try
        {
            state = FileLock.TryOpen(path, FileMode.OpenOrCreate, out file);
        }
        catch (DirectoryNotFoundException)
        {
            // Whoever made the folder has just given it up.
            return null;
        }

        if (file is null)
            throw new GptGenException($"The folder '{folder}' is in use{Owner(path)}: wait for that to end, or name another folder.");
        if (!IsStill(path, file))
        {
            // Whoever had it has deleted it between opening and locking.
            file.Dispose();
            return null;
        }

        if (state == LockState.Unsupported)
            note?.Invoke($"the file system of '{folder}' has no locks: a second process that writes there would not be noticed");
        var killed = Describe(file, use);
        return new(full, file, made, killed);
    }

    /// <summary>Leaves who has the folder, and gives what the one before, who did not live to delete the file, did in it.</summary>
    private static string? Describe(FileStream file, string use)
    {
        string? before = null;
        try
        {
            if (file.Length > 0)
            {
                var bytes = new byte[Math.Min(file.Length, 100)];
                file.ReadExactly(bytes);
                before = System.Text.Encoding.UTF8.GetString(bytes).Split('\n')[0];
            }

        }
        catch (IOException)
        {
            // As if there had been nothing.
        }

        Write(file, string.Create(
            CultureInfo.InvariantCulture,
            $"{use}\nprocess {Environment.ProcessId} on {Environment.MachineName} since {DateTime.UtcNow:yyyy-MM-dd HH:mm:ss} UTC\n"));
        return before;
    }

    private static void Write(FileStream file, string text)
    {
        try
        {
            // Shortened last: on a full disk the file keeps its place.
            var bytes = System.Text.Encoding.UTF8.GetBytes(text);
            file.Position = 0;
            file.Write(bytes);
            file.SetLength(bytes.Length);
        }
        catch (IOException)
        {
            // On a full disk nobody is named; the lock holds all the same.
        }
    }

    private static string Owner(string path)
    {
        // Who has just taken the folder takes a moment to leave a name.
        for (var attempt = 0; attempt < Attempts; attempt++, Thread.Sleep(10))
        {
            if (FileLock.ReadLocked(path).Split('\n') is [var use, var owner, ..])
                return $" ({MessageText.Shorten(use)}, {MessageText.Shorten(owner)})";
        }

        return "";
    }

    private static bool IsStill(string path, FileStream file)
    {
        if (!OperatingSystem.IsLinux())
            return true;
        var opened = FileStatus.Of($"/proc/self/fd/{file.SafeFileHandle.DangerousGetHandle()}");
        return opened.Kind == FileKind.Missing || opened.Identity == FileStatus.Of(path).Identity;
    }

    /// <summary>Makes a folder and remembers which had to be made, the innermost first.</summary>
    private static void Make(string folder, List<string> made)
    {
        for (var missing = folder; missing is not null && !Path.Exists(missing); missing = Path.GetDirectoryName(missing))
        {
            if (!made.Contains(missing))
                made.Add(missing);
        }

        Directory.CreateDirectory(folder);
    }

    private static void RemoveEmpty(List<string> made)
    {
        try
        {
            foreach (var folder in made)
                Directory.Delete(folder);
        }
        catch (Exception error) when (InputFile.IsFailure(error))
        {
            // It holds something, or somebody else has removed it.
        }
    }
}
