using System.IO.MemoryMappedFiles;

namespace GptGen.Checkpoints;

/// <summary>A file mapped into memory for reading.</summary>
internal sealed unsafe class MappedFile : IDisposable
{
    private readonly MemoryMappedFile? file;
    private readonly MemoryMappedViewAccessor? view;
    private byte* start;

    private MappedFile(string path)
    {
        Path = path;
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
        Length = stream.Length;
        if (Length == 0)
            return;
        file = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        view = file.CreateViewAccessor(0, Length, MemoryMappedFileAccess.Read);
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        start += view.PointerOffset;
    }

    /// <summary>The path, as it was given.</summary>
    internal string Path { get; }

    /// <summary>Bytes of the file.</summary>
    internal long Length { get; }

    /// <exception cref="GptGenException">The file is missing or cannot be read.</exception>
    internal static MappedFile Open(string path)
    {
        if (Directory.Exists(path))
            throw new GptGenException($"'{path}' is a folder, but a file is needed here. Name a file inside it.");
        try
        {
            return new MappedFile(path);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new GptGenException($"The file '{path}' does not exist. Check the path.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new GptGenException($"Cannot read '{path}': {error.Message.TrimEnd('.')}. Check that it is a readable file.", error);
        }
    }

    /// <summary>Part of the file. Valid until the file is disposed of.</summary>
    internal ReadOnlySpan<byte> Slice(long offset, int count)
    {
        if (offset < 0 || count < 0 || offset > Length - count)
            throw new ArgumentOutOfRangeException(nameof(offset), $"{count} bytes at {offset} do not lie in a file of {Length}.");
        ObjectDisposedException.ThrowIf(Length > 0 && start is null, this);
        return new(start + offset, count);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (start is not null)
            view!.SafeMemoryMappedViewHandle.ReleasePointer();
        start = null;
        view?.Dispose();
        file?.Dispose();
    }
}
