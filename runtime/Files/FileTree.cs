using System.IO.Enumeration;

namespace GptGen.Files;

/// <summary>A file that the user named, or that lies in a folder that the user named.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Named">The path that was named: its own, or that of a folder above it.</param>
/// <param name="Status">What the system says of it.</param>
internal readonly record struct FoundFile(string Path, string Named, FileStatus Status);

/// <summary>
/// The files that paths name. Of a folder all files are taken, those of its folders as well, but none whose name, or whose folder's, begins with a
/// dot. Links are followed. Each file is taken once, however many names and links lead to it, under a name that is no link if it has one. What is no
/// file is left out of a folder with a note, and refused where it is named itself.
/// </summary>
internal sealed class FileTree
{
    /// <summary>What .NET writes for bytes of a name that are not UTF-8; such a name leads nowhere.</summary>
    private const char NotUtf8 = '\uFFFD';

    private readonly string _need;
    private readonly CancellationToken _cancellation;
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly List<FoundFile> _files = [];
    private readonly LeftOut _repeated = new("is read once, although links or several names lead to it");
    private readonly LeftOut _broken = new("is left out: it is a link that leads nowhere");
    private readonly LeftOut _endless = new("is left out: it is a pipe, a device or a socket");

    private FileTree(string need, CancellationToken cancellation) => (_need, _cancellation) = (need, cancellation);

    /// <summary>Finds the files: path by path as they were named, those of one path in the ordinal order of their paths.</summary>
    /// <param name="paths">Files, folders, and what is read as a file is: pipes, <c>/dev/stdin</c>.</param>
    /// <param name="need">What is needed, for messages, as "a file or folder of UTF-8 text".</param>
    /// <param name="note">Receives what was left out.</param>
    /// <param name="cancellation">Ends the search.</param>
    /// <exception cref="GptGenException">A path does not exist or cannot be read, or something in a folder cannot be looked at.</exception>
    internal static IReadOnlyList<FoundFile> Find(
        IReadOnlyList<string> paths, string need, Action<string>? note, CancellationToken cancellation = default)
    {
        var tree = new FileTree(need, cancellation);
        foreach (var path in paths)
            tree.AddNamed(path);
        foreach (var leftOut in (LeftOut[])[tree._repeated, tree._broken, tree._endless])
            leftOut.Tell(note);
        return tree._files;
    }

    private void AddNamed(string path)
    {
        if (path == "-" && FileStatus.Of(path).Kind == FileKind.Missing)
            throw new GptGenException($"There is no file '-': the name of standard input is /dev/stdin; name {_need}.");
        if (FileStatus.Of(path) is not { Kind: FileKind.Folder } folder)
        {
            AddFiles([new(path, path, InputFile.Check(path, _need))]);
            return;
        }

        var first = _files.Count;
        var (found, links) = (new List<FoundFile>(), new SortedSet<string>(StringComparer.Ordinal));
        AddFolder(path, path, folder, found, links);
        AddFiles(found);
        while (links.Min is { } link)
        {
            links.Remove(link);
            found = [];
            AddEntry(link, isLink: true, path, found, links);
            AddFiles(found);
        }

        // The links' files came last; the order is that of the paths.
        _files.Sort(first, _files.Count - first, Comparer<FoundFile>.Create(static (a, b) => string.CompareOrdinal(a.Path, b.Path)));
    }

    private void AddFiles(List<FoundFile> found)
    {
        foreach (var file in found.OrderBy(static file => file.Path, StringComparer.Ordinal))
        {
            if (_seen.Add(file.Status.Identity))
                _files.Add(file);
            else
                _repeated.Add(file.Path);
        }
    }

    private void AddFolder(string path, string named, FileStatus status, List<FoundFile> files, SortedSet<string> links)
    {
        var folders = new Stack<(string Path, FileStatus Status)>([(path, status)]);
        while (folders.TryPop(out var folder))
        {
            _cancellation.ThrowIfCancellationRequested();
            if (!_seen.Add(folder.Status.Identity))
            {
                _repeated.Add(folder.Path);
                continue;
            }

            foreach (var (entry, isLink) in Entries(folder.Path))
            {
                if (isLink)
                    links.Add(entry);
                else if (FileStatus.Of(entry) is { Kind: FileKind.Folder } inner)
                    folders.Push((entry, inner));
                else
                    AddEntry(entry, isLink: false, named, files, links);
            }
        }
    }

    /// <summary>Adds what an entry of a folder leads to.</summary>
    private void AddEntry(string entry, bool isLink, string named, List<FoundFile> files, SortedSet<string> links)
    {
        var status = FileStatus.Of(entry);
        switch (status.Kind)
        {
            case FileKind.File:
                files.Add(new(entry, named, status));
                break;
            case FileKind.Folder:
                AddFolder(entry, named, status, files, links);
                break;
            case FileKind.Missing when isLink:
            case FileKind.Unreachable when isLink && IsLoop(entry):
                _broken.Add(entry);
                break;
            case FileKind.Missing when entry.Contains(NotUtf8):
                throw new GptGenException($"'{entry}' cannot be read, because its name is not UTF-8: rename it, or move it out of '{named}'.");
            case FileKind.Missing:
            case FileKind.Unreachable:
                throw new GptGenException($"'{entry}' cannot be reached: check the permissions of its folder, or move it out of '{named}'.");
            default:
                _endless.Add(entry);
                break;
        }
    }

    private static IEnumerable<(string Path, bool IsLink)> Entries(string folder)
    {
        try
        {
            return [.. new FileSystemEnumerable<(string, bool)>(
                folder,
                static (ref FileSystemEntry entry) => (entry.ToSpecifiedFullPath(), entry.Attributes.HasFlag(FileAttributes.ReparsePoint)),
                new() { AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false, ReturnSpecialDirectories = false })
            {
                ShouldIncludePredicate = static (ref FileSystemEntry entry) => !entry.FileName.StartsWith('.'),
            }];
        }
        catch (Exception error) when (InputFile.IsFailure(error))
        {
            throw InputFile.Unreadable(folder, error);
        }
    }

    /// <summary>Whether a link leads back to itself, as against to something that this user may not see.</summary>
    private static bool IsLoop(string link)
    {
        try
        {
            _ = File.ResolveLinkTarget(link, returnFinalTarget: true);
            return false;
        }
        catch (IOException)
        {
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Paths that are left out for one reason, told in one line however many they are.</summary>
    private sealed class LeftOut(string reason)
    {
        private string? _first;
        private int _count;

        internal void Add(string path)
        {
            _first ??= path;
            _count++;
        }

        internal void Tell(Action<string>? note)
        {
            if (_first is not null)
                note?.Invoke($"'{_first}' {reason}{(_count == 1 ? "" : $"; likewise {_count - 1} more")}.");
        }
    }
}
