namespace GptGen.Files;

/// <summary>
/// Reads what the user names, whatever kind of file it is: an ordinary file, a pipe or standard input (<c>/dev/stdin</c>) to its end. Each failure is
/// one line that says which path, why, and what to do.
/// </summary>
internal static class InputFile
{
    /// <summary>All bytes.</summary>
    /// <param name="path">The path.</param>
    /// <param name="need">What is needed, for messages, as "a UTF-8 text".</param>
    /// <exception cref="GptGenException">It is missing, no file that can be read to an end, closed to this user, or too large for memory.</exception>
    internal static byte[] ReadAll(string path, string need)
    {
        var status = Check(path, need);
        if (status.Length > Array.MaxLength)
            throw new GptGenException($"'{path}' is larger than {Array.MaxLength} bytes: split it.");
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception error) when (IsFailure(error))
        {
            throw Unreadable(path, error);
        }
    }

    /// <summary>
    /// As <see cref="ReadAll"/>, for a file that was found beside another and not named: a pipe of that name must not be waited for.
    /// </summary>
    /// <exception cref="GptGenException">As there; or it is a pipe or a device.</exception>
    internal static byte[] ReadFound(string path, string need)
    {
        if (FileStatus.Of(path).Kind is FileKind.Pipe or FileKind.Device or FileKind.Other)
            throw new GptGenException($"'{path}' is no ordinary file, so it cannot be read as {need}: remove it, or name a folder without it.");
        return ReadAll(path, need);
    }

    /// <summary>Refuses what cannot be read to an end.</summary>
    /// <returns>What the path leads to: a file or a pipe.</returns>
    /// <exception cref="GptGenException">As <see cref="ReadAll"/>.</exception>
    internal static FileStatus Check(string path, string need)
    {
        if (string.IsNullOrWhiteSpace(path) || path.Contains('\0'))
            throw new GptGenException($"The path '{path}' is none: name {need}.");
        var status = FileStatus.Of(path);
        return status.Kind switch
        {
            FileKind.File or FileKind.Pipe => status,
            // The one device that has an end.
            FileKind.Device when path == "/dev/null" => status,
            FileKind.Missing when new FileInfo(path).LinkTarget is { } target => throw new GptGenException(
                $"'{path}' is a link to '{MessageText.Shorten(target)}', which does not exist: copy or download that file again."),
            FileKind.Missing => throw new GptGenException($"'{path}' does not exist: check the path, and name {need}."),
            FileKind.Unreachable =>
                throw new GptGenException(
                    $"'{path}' cannot be reached: check the permissions of the folders on the way, and links that form a loop."),
            FileKind.Folder => throw new GptGenException($"'{path}' is a folder: name {need}."),
            _ => throw new GptGenException($"'{path}' is a device or a socket, which has no end to read to: name {need}."),
        };
    }

    /// <summary>Whether an exception is the system's word that a file cannot be read or written, and no fault of the program.</summary>
    internal static bool IsFailure(Exception error) => error is IOException or UnauthorizedAccessException or NotSupportedException;

    /// <summary>The message of a file that the system does not let be read.</summary>
    internal static GptGenException Unreadable(string path, Exception error) => error is UnauthorizedAccessException
        ? new($"'{path}' cannot be read: access is denied. Check its permissions.", error)
        : new($"'{path}' cannot be read ({MessageText.Of(error)}): check the path and its permissions.", error);
}
