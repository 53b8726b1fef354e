using System.Buffers.Binary;
using System.Runtime.InteropServices;
using GptGen.Checkpoints;
using Microsoft.Win32.SafeHandles;

namespace GptGen.Text;

/// <summary>How a token file is laid out.</summary>
public enum TokenFileFormat
{
    /// <summary>nanoGPT's: nothing but little-endian 16-bit tokens.</summary>
    NanoGpt,

    /// <summary>llm.c's: a header of 256 little-endian 32-bit integers (20240520, version 1, number of tokens), then 16-bit tokens.</summary>
    LlmC,
}

/// <summary>
/// A file of 16-bit tokens (<c>.bin</c>) as nanoGPT and llm.c write them. It is read piecewise and on demand, so it may exceed memory. The
/// formats are told apart by llm.c's magic number, whose halves, 55432 and 308, no nanoGPT file of GPT-2's vocabulary begins with.
/// </summary>
public sealed class TokenFile : TokenSource
{
    private const int Magic = 20240520;
    private const int Version = 1;
    private const int HeaderBytes = 256 * sizeof(int);

    private readonly SafeFileHandle _handle;
    private readonly string _path;
    private readonly int _vocabularySize;
    private readonly int _headerBytes;

    private TokenFile(SafeFileHandle handle, string path, int vocabularySize, int headerBytes, long count)
    {
        _handle = handle;
        _path = path;
        _vocabularySize = vocabularySize;
        _headerBytes = headerBytes;
        Count = count;
    }

    /// <inheritdoc/>
    public override long Count { get; }

    /// <summary>The file's layout.</summary>
    public TokenFileFormat Format => _headerBytes == 0 ? TokenFileFormat.NanoGpt : TokenFileFormat.LlmC;

    /// <summary>Opens a token file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="vocabularySize">The model's vocabulary; reading a token beyond it is an error.</param>
    /// <exception cref="GptGenException">The file is missing, empty, truncated or of another format.</exception>
    public static TokenFile Open(string path, int vocabularySize)
    {
        SafeFileHandle? handle = null;
        try
        {
            handle = File.OpenHandle(path, options: FileOptions.RandomAccess);
            var (headerBytes, count) = ReadLayout(handle, path);
            return new TokenFile(handle, path, vocabularySize, headerBytes, count);
        }
        catch (Exception error)
        {
            handle?.Dispose();
            if (error is IOException or UnauthorizedAccessException)
                throw Unusable(path, error);
            throw;
        }
    }

    /// <summary>Writes a token file, completely or not at all (<see cref="AtomicFile"/>).</summary>
    /// <param name="path">The file; an existing one is replaced.</param>
    /// <param name="tokens">The tokens, each below 65,536.</param>
    /// <param name="format">The layout.</param>
    /// <exception cref="GptGenException">A token does not fit 16 bits, or the file cannot be written.</exception>
    public static unsafe void Write(string path, ReadOnlySpan<int> tokens, TokenFileFormat format)
    {
        if (tokens.IndexOfAnyExceptInRange(0, ushort.MaxValue) is >= 0 and var bad)
            throw new GptGenException($"Token {tokens[bad]} at position {bad} does not fit the 16 bits of a token file: use a vocabulary of at most 65536.");
        var count = tokens.Length;
        fixed (int* start = tokens)
        {
            // A span cannot be handed on into the writer, but stays where it is for as long as this lasts.
            var first = start;
            AtomicFile.Write(path, stream => WriteTo(stream, new(first, count), format));
        }
    }

    /// <inheritdoc/>
    public override void Read(long start, Span<int> destination)
    {
        CheckRange(start, destination.Length);
        Span<ushort> buffer = stackalloc ushort[1024];
        while (!destination.IsEmpty)
        {
            var part = buffer[..Math.Min(buffer.Length, destination.Length)];
            ReadExactly(_headerBytes + start * sizeof(ushort), MemoryMarshal.AsBytes(part));
            if (!BitConverter.IsLittleEndian)
                BinaryPrimitives.ReverseEndianness(part, part);

            for (var i = 0; i < part.Length; i++)
            {
                if (part[i] >= _vocabularySize)
                {
                    throw new GptGenException(
                        $"'{_path}': token {part[i]} at position {start + i} is outside the vocabulary of {_vocabularySize}: use a file of the model's own tokenizer, or name that with --tokenizer.");
                }

                destination[i] = part[i];
            }

            start += part.Length;
            destination = destination[part.Length..];
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => _handle.Dispose();

    private static (int HeaderBytes, long Count) ReadLayout(SafeFileHandle handle, string path)
    {
        var bytes = RandomAccess.GetLength(handle);
        if (bytes == 0)
            throw new GptGenException($"'{path}' is empty: give a file of 16-bit tokens.");

        Span<byte> header = stackalloc byte[3 * sizeof(int)];
        header.Clear();
        RandomAccess.Read(handle, header, 0);
        if (BinaryPrimitives.ReadInt32LittleEndian(header) != Magic)
        {
            return bytes % sizeof(ushort) == 0
                ? (0, bytes / sizeof(ushort))
                : throw new GptGenException($"'{path}' has {bytes} bytes, no whole number of 16-bit tokens: it is truncated or no token file; write it again.");
        }

        var version = BinaryPrimitives.ReadInt32LittleEndian(header[4..]);
        if (version != Version)
            throw new GptGenException($"'{path}' is an llm.c token file of version {version}, and only version 1 (16-bit tokens) can be read: write it with GPT-2's tokenizer.");

        var count = BinaryPrimitives.ReadInt32LittleEndian(header[8..]);
        if (count < 0 || bytes != HeaderBytes + (long)count * sizeof(ushort))
            throw new GptGenException($"'{path}' announces {count} tokens but has {bytes} bytes instead of {HeaderBytes + (long)count * sizeof(ushort)}: it is truncated or damaged; write it again.");
        return (HeaderBytes, count);
    }

    private static void WriteTo(Stream stream, ReadOnlySpan<int> tokens, TokenFileFormat format)
    {
        if (format == TokenFileFormat.LlmC)
        {
            Span<byte> header = stackalloc byte[HeaderBytes];
            header.Clear();
            BinaryPrimitives.WriteInt32LittleEndian(header, Magic);
            BinaryPrimitives.WriteInt32LittleEndian(header[4..], Version);
            BinaryPrimitives.WriteInt32LittleEndian(header[8..], tokens.Length);
            stream.Write(header);
        }

        Span<byte> buffer = stackalloc byte[4096];
        while (!tokens.IsEmpty)
        {
            var count = Math.Min(buffer.Length / sizeof(ushort), tokens.Length);
            for (var i = 0; i < count; i++)
                BinaryPrimitives.WriteUInt16LittleEndian(buffer[(i * sizeof(ushort))..], (ushort)tokens[i]);
            stream.Write(buffer[..(count * sizeof(ushort))]);
            tokens = tokens[count..];
        }
    }

    private void ReadExactly(long offset, Span<byte> destination)
    {
        try
        {
            for (int read; !destination.IsEmpty; destination = destination[read..], offset += read)
            {
                if ((read = RandomAccess.Read(_handle, destination, offset)) == 0)
                    throw new GptGenException($"'{_path}' has become shorter since it was opened: leave token files alone while they are in use.");
            }
        }
        catch (IOException error)
        {
            throw Unusable(_path, error);
        }
    }

    private static GptGenException Unusable(string path, Exception error) =>
        new($"The token file '{path}' cannot be read: {error.Message.ReplaceLineEndings(" ")} Check the path and its permissions.", error);
}
