using System.Globalization;
using System.Runtime.InteropServices;

namespace GptGen.Files;

/// <summary>
/// A file that this process was given open, named by a path: <c>/dev/stdout</c>, <c>/dev/fd/3</c>, <c>/proc/self/fd/3</c>. To open such a path again
/// would begin at the file's beginning, over what stands there; written through what is open already, the bytes go where the next ones belong.
/// </summary>
internal sealed unsafe partial class OpenDescriptor(int number) : Stream
{
    private const int Interrupted = 4;

    private static readonly string[] s_folders = ["/dev/fd/", "/proc/self/fd/", "/proc/thread-self/fd/", $"/proc/{Environment.ProcessId}/fd/"];

    private static readonly int s_wouldBlock = OperatingSystem.IsLinux() ? 11 : 35;

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>The number that a path names, or null for every other path. Links are not followed.</summary>
    internal static int? NumberOf(string path)
    {
        if (OperatingSystem.IsWindows())
            return null;
        switch (path)
        {
            case "/dev/stdin":
                return 0;
            case "/dev/stdout":
                return 1;
            case "/dev/stderr":
                return 2;
        }

        return Array.Find(s_folders, folder => path.StartsWith(folder, StringComparison.Ordinal)) is { } prefix
            && int.TryParse(path.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            for (nint done = 0; done < buffer.Length;)
            {
                var count = write(number, start + done, buffer.Length - done);
                if (count >= 0)
                {
                    done += count;
                    continue;
                }

                var error = Marshal.GetLastPInvokeError();
                if (error == s_wouldBlock)
                    Thread.Sleep(1);
                else if (error != Interrupted)
                    throw new IOException(Marshal.GetPInvokeErrorMessage(error), error);
            }
        }
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(int file, byte* bytes, nint count);
}
