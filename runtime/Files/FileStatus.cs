using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace GptGen.Files;

/// <summary>What the system says of a path, links followed. Two paths to the same file or folder have the same <see cref="Identity"/>.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Identity">What tells it from every other; empty where there is nothing.</param>
/// <param name="Length">Bytes of an ordinary file, otherwise 0.</param>
/// <param name="OthersMayWrite">Whether another user owns it or may write to it; never where the system is not Linux and does not tell.</param>
internal readonly unsafe partial record struct FileStatus(FileKind Kind, string Identity, long Length, bool OthersMayWrite = false)
{
    private const int FollowingFromWorkingFolder = -100;
    private const int NotFollowing = 0x100;
    private const int OfHandleItself = 0x1000;
    private const int WritableByGroupOrOthers = 0x12;
    private const uint BasicFields = 0x7FF;
    private const int NoSuchEntry = 2;
    private const int NotAFolder = 20;

    /// <summary>Looks at a path. Nothing is opened, so that a pipe does not block and a device does nothing.</summary>
    internal static FileStatus Of(string path)
    {
        if (OperatingSystem.IsLinux())
        {
            try
            {
                return OfLinux(FollowingFromWorkingFolder, path, 0);
            }
            catch (EntryPointNotFoundException)
            {
                // A C library from before 2018.
            }
        }

        return Directory.Exists(path) ? new(FileKind.Folder, Resolved(new DirectoryInfo(path)), 0)
            : !File.Exists(path) ? default
            : path.StartsWith("/dev/", StringComparison.Ordinal) ? new(FileKind.Device, path, 0)
            : new(FileKind.File, Resolved(new FileInfo(path)), new FileInfo(path).Length);
    }

    /// <summary>Looks at a path itself: a link is <see cref="FileKind.Other"/>.</summary>
    internal static FileStatus OfEntry(string path)
    {
        if (OperatingSystem.IsLinux())
        {
            try
            {
                return OfLinux(FollowingFromWorkingFolder, path, NotFollowing);
            }
            catch (EntryPointNotFoundException)
            {
                // A C library from before 2018.
            }
        }

        return new FileInfo(path).LinkTarget is null ? Of(path) : new(FileKind.Other, path, 0);
    }

    /// <summary>Looks at an open file.</summary>
    internal static FileStatus Of(SafeFileHandle file)
    {
        if (!OperatingSystem.IsLinux())
            return new(FileKind.File, "", RandomAccess.GetLength(file));
        var added = false;
        try
        {
            file.DangerousAddRef(ref added);
            return OfLinux((int)file.DangerousGetHandle(), "", OfHandleItself);
        }
        catch (EntryPointNotFoundException)
        {
            return new(FileKind.File, "", RandomAccess.GetLength(file));
        }
        finally
        {
            if (added)
                file.DangerousRelease();
        }
    }

    private static FileStatus OfLinux(int folder, string path, int flags)
    {
        Status status;
        if (statx(folder, path, flags, BasicFields, &status) != 0)
            return new(Marshal.GetLastPInvokeError() is NoSuchEntry or NotAFolder ? FileKind.Missing : FileKind.Unreachable, "", 0);
        var kind = (status.Mode >> 12) switch
        {
            8 => FileKind.File,
            4 => FileKind.Folder,
            1 => FileKind.Pipe,
            2 or 6 => FileKind.Device,
            _ => FileKind.Other,
        };
        return new(kind, $"{status.DeviceMajor}:{status.DeviceMinor}:{status.Inode}", kind == FileKind.File ? (long)status.Size : 0,
            status.Owner != geteuid() || (status.Mode & WritableByGroupOrOthers) != 0);
    }

    private static string Resolved(FileSystemInfo entry) => (entry.ResolveLinkTarget(returnFinalTarget: true) ?? entry).FullName;

    // Unlike stat's, this layout is the same on every processor.
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int folder, string path, int flags, uint mask, Status* status);

    [LibraryImport("libc")]
    private static partial uint geteuid();

    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Status
    {
        [FieldOffset(20)]
        public uint Owner;

        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(40)]
        public ulong Size;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;
    }
}
