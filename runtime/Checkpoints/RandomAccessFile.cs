using GptGen.Files;
using Microsoft.Win32.SafeHandles;

namespace GptGen.Checkpoints;

/// <summary>
/// An ordinary file that is read piece by piece from any place, by several threads at once. It is read and not mapped into memory: a file that becomes
/// shorter meanwhile gives a message, where a mapping would end the process.
/// </summary>
internal sealed class RandomAccessFile : IDisposable
{
    // Users of Hugging Face's libraries are used to names that are downloaded.
    private const string Need = "a file of weights or its folder on this machine, as nothing is downloaded";

    private readonly SafeFileHandle handle;

    private RandomAccessFile(string path)
    {
        Path = path;
        handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        Length = RandomAccess.GetLength(handle);
    }

    /// <summary>The path, as it was given.</summary>
    internal string Path { get; }

    /// <summary>Bytes of the file when it was opened.</summary>
    internal long Length { get; }

    /// <summary>Opens a file.</summary>
    /// <exception cref="GptGenException">It is missing, cannot be read, or is no ordinary file.</exception>
    internal static RandomAccessFile Open(string path)
    {
        var status = InputFile.Check(path, Need);
        if (status.Kind != FileKind.File)
            throw new GptGenException($"'{path}' is a pipe or a device, but weights are read from any place of a file: save them to an ordinary file and name that.");
        try
        {
            return new RandomAccessFile(path);
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
                    throw new GptGenException($"'{Path}' became shorter while it was read: another program writes it. Wait until that has ended, and try again.");
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

    /// <summary>Fills <paramref name="destination"/> with elements that are stored as <paramref name="type"/> from byte <paramref name="offset"/> on.</summary>
    /// <exception cref="GptGenException">As <see cref="Read(long, Span{byte})"/>.</exception>
    internal void Read(long offset, ElementType type, Span<float> destination)
    {
        // Spans of more than 2^31 bytes do not exist; what is converted goes through a buffer that fits the cache.
        var chunk = type == ElementType.F32 ? 1 << 28 : Math.Min(1 << 16, destination.Length);
        var buffer = type == ElementType.F32 ? [] : GC.AllocateUninitializedArray<byte>(chunk * type.Size());
        for (; !destination.IsEmpty; offset += (long)chunk * type.Size())
        {
            var part = destination[..Math.Min(chunk, destination.Length)];
            if (type == ElementType.F32)
            {
                Read(offset, System.Runtime.InteropServices.MemoryMarshal.AsBytes(part));
            }
            else
            {
                var bytes = buffer.AsSpan(0, part.Length * type.Size());
                Read(offset, bytes);
                ElementTypes.Decode(type, bytes, part);
            }

            destination = destination[part.Length..];
        }
    }

    /// <inheritdoc/>
    public void Dispose() => handle.Dispose();
}
