using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace GptGen.Files;

/// <summary>What came of locking a file.</summary>
internal enum LockState
{
    /// <summary>It is locked for as long as it is open; the system frees it when the process dies.</summary>
    Taken,

    /// <summary>Another has it.</summary>
    InUse,

    /// <summary>The file system has no locks.</summary>
    Unsupported,
}

/// <summary>Opens files that only one process at a time may have open.</summary>
internal static partial class FileLock
{
    /// <summary>
    /// How a file is opened that nobody else may open but that may be renamed or deleted while it is open. Elsewhere than on Windows that is always
    /// allowed.
    /// </summary>
    internal static readonly FileShare Alone = OperatingSystem.IsWindows() ? FileShare.Delete : FileShare.None;

    private const int SharingViolation = unchecked((int)0x80070020);
    private const int Exclusively = 2;
    private const int AtOnce = 4;

    // EWOULDBLOCK of Linux and of the BSDs.
    private static readonly int s_wouldBlock = OperatingSystem.IsLinux() ? 11 : 35;

    /// <summary>Opens and locks a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mode">Whether it may or must exist.</param>
    /// <param name="stream">The file; null when another has it.</param>
    /// <exception cref="IOException">It cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be opened.</exception>
    internal static LockState TryOpen(string path, FileMode mode, out FileStream? stream)
    {
        stream = null;
        try
        {
            stream = new(path, mode, FileAccess.ReadWrite, Alone, bufferSize: 0);
        }
        catch (IOException error) when (error.HResult == (OperatingSystem.IsWindows() ? SharingViolation : s_wouldBlock))
        {
            return LockState.InUse;
        }

        // Opening has locked the file already, but does not say when the file system could not.
        var state = OperatingSystem.IsWindows() || flock(stream.SafeFileHandle, Exclusively | AtOnce) == 0 ? LockState.Taken
            : Marshal.GetLastPInvokeError() == s_wouldBlock ? LockState.InUse
            : LockState.Unsupported;
        if (state == LockState.InUse)
        {
            stream.Dispose();
            stream = null;
        }

        return state;
    }

    /// <summary>What a file holds that another may have locked; empty where that cannot be read.</summary>
    internal static string ReadLocked(string path)
    {
        if (OperatingSystem.IsWindows())
            return "";
        // Opened as .NET opens it, the lock would be asked for.
        using var handle = new SafeFileHandle(open(path, 0), ownsHandle: true);
        if (handle.IsInvalid)
            return "";
        try
        {
            var bytes = new byte[1000];
            return System.Text.Encoding.UTF8.GetString(bytes, 0, RandomAccess.Read(handle, bytes, 0));
        }
        catch (Exception error) when (InputFile.IsFailure(error))
        {
            return "";
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int flock(SafeFileHandle file, int operation);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);
}
