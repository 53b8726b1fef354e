using System.ComponentModel;
using System.Runtime.InteropServices;

namespace GptGen.Files;

/// <summary>
/// Standard output or standard error. The console's own stream hides that the reader of a pipe has ended; this one writes to the open descriptor itself,
/// so that every failure is seen. Nothing is kept back.
/// </summary>
/// <param name="descriptor">1 or 2.</param>
/// <param name="fail">What becomes of a failure: it throws, or takes note of it.</param>
internal sealed unsafe partial class OutputStream(int descriptor, Action<Exception> fail) : Stream
{
    private const int Interrupted = 4;
    private const int TryAgainOnLinux = 11;
    private const int TryAgainOnMacOS = 35;

    private readonly Stream? console = OperatingSystem.IsWindows() ? descriptor == 1 ? Console.OpenStandardOutput() : Console.OpenStandardError() : null;

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            if (console is not null)
                console.Write(buffer);
            else
                WriteAll(buffer);
        }
        catch (IOException error)
        {
            fail(error);
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

    private void WriteAll(ReadOnlySpan<byte> rest)
    {
        while (rest.Length > 0)
        {
            nint written;
            fixed (byte* start = rest)
                written = write(descriptor, start, rest.Length);
            if (written >= 0)
            {
                rest = rest[(int)written..];
                continue;
            }

            var code = Marshal.GetLastPInvokeError();
            // Somebody who shares a terminal or a pipe may have made it non-blocking.
            if (code is TryAgainOnLinux or TryAgainOnMacOS)
                Thread.Sleep(1);
            else if (code != Interrupted)
                throw new IOException(new Win32Exception(code).Message);
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(int descriptor, byte* bytes, nint count);
}
