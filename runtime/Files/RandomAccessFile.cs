using Microsoft.Win32.SafeHandles;

namespace GptGen.Files;

/// <summary>
/// An ordinary file that is read piece by piece from any place, by several threads at once. It is read and not mapped into memory: a file that
/// becomes shorter meanwhile gives a message, where a mapping would end the process.
/// </summary>
internal sealed class RandomAccessFile : IDisposable
{
    private readonly SafeFileHandle handle;

    private RandomAccessFile(string path, FileOptions options)
    {
        Path = path;
        handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, options);
        Length = RandomAccess.GetLength(handle);
    }

    /// <summary>The path, as it was given.</summary>
    internal string Path { get; }

    /// <summary>Bytes of the file when it was opened.</summary>
    internal long Length { get; }

    /// <summary>Opens a file.</summary>
    /// <param name="path">The path.</param>
    /// <param name="need">What is needed, for messages, as "a file of weights".</param>
    /// <param name="options">How it will be read.</param>
    /// <exception cref="GptGenException">It is missing, cannot be read, or is no ordinary file.</exception>
    internal static RandomAccessFile Open(string path, string need, FileOptions options = FileOptions.None)
    {
        if (InputFile.Check(path, need).Kind != FileKind.File)
        {
            throw new GptGenException(
                $"'{path}' is a pipe or a device, but {need} is read from any place: save it to an ordinary file and name that.");
        }

        try
        {
            return new RandomAccessFile(path, options);
        }
        catch (Exception error) when (InputFile.IsFailure(error))
        {
            throw InputFile.Unreadable(path, error);
        }
    }

    /// <summary>Fills <paramref name="destination"/> with the bytes from <paramref name="offset"/> on.</summary>
    /// <exception cref="GptGenException">The file became shorter, or the system reports a failure.</exception>
    internal void Read(long offset, Span<byte> destination)
    {
        if (offset < 0 || offset > Length - destination.Length)
            throw new ArgumentOutOfRangeException(nameof(offset), $"{destination.Length} bytes at {offset} do not lie in a file of {Length}.");
        try
        {
            while (!destination.IsEmpty)
            {
                var count = RandomAccess.Read(handle, destination, offset);
                if (count == 0)
                {
                    throw new GptGenException(
                        $"'{Path}' became shorter while it was read: another program writes it. Wait until that has ended, and try again.");
                }

                destination = destination[count..];
                offset += count;
            }
        }
        catch (Exception error) when (InputFile.IsFailure(error))
        {
            throw InputFile.Unreadable(Path, error);
        }
    }

    /// <summary>A piece of the file.</summary>
    /// <exception cref="GptGenException">As <see cref="Read(long, Span{byte})"/>.</exception>
    internal byte[] Read(long offset, int count)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(count);
        Read(offset, bytes);
        return bytes;
    }

    /// <inheritdoc/>
    public void Dispose() => handle.Dispose();
}
