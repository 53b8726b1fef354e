using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace GptGen.Files;

/// <summary>
/// Brings what was written to the disk. .NET's own way there ignores the system's answer on Unix, and a lost write shows nowhere else: an error
/// here is the last word on the file.
/// </summary>
internal static partial class DiskSync
{
    private const int Interrupted = 4;
    private const int BadDescriptor = 9;
    private const int Invalid = 22;
    private const int ReadOnlySystem = 30;

    /// <summary>Brings a file's bytes to the disk. Devices and pipes have nothing to bring.</summary>
    /// <exception cref="IOException">The system could not write them.</exception>
    internal static void Flush(FileStream file)
    {
        // Also what only macOS does: the disk's own cache.
        file.Flush(flushToDisk: !OperatingSystem.IsLinux());
        if (!OperatingSystem.IsWindows())
            Flush(file.SafeFileHandle);
    }

    /// <summary>
    /// Brings a folder's names to the disk, as after a file was renamed in it. File systems that cannot do this are taken as they are.
    /// </summary>
    /// <exception cref="IOException">The system could not write them.</exception>
    internal static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;
        using var handle = new SafeFileHandle(open(folder, 0), ownsHandle: true);
        // A folder that may be written but not listed cannot be opened.
        if (!handle.IsInvalid)
            Flush(handle);
    }

    private static void Flush(SafeFileHandle handle)
    {
        while (fsync(handle) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error == Interrupted)
                continue;
            var isUnsupported = error is BadDescriptor or Invalid or ReadOnlySystem || error == (OperatingSystem.IsLinux() ? 95 : 45);
            if (isUnsupported)
                return;
            throw new IOException(Marshal.GetPInvokeErrorMessage(error), error);
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(SafeFileHandle file);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);
}
