using System.Buffers.Binary;
using System.Runtime.InteropServices;
using GptGen.Checkpoints;
using GptGen.Files;

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
    private readonly RandomAccessFile _file;
    private readonly int _vocabularySize;
    private readonly int _headerBytes;

    private TokenFile(RandomAccessFile file, int vocabularySize, int headerBytes, long count)
    {
        _file = file;
        _vocabularySize = vocabularySize;
        _headerBytes = headerBytes;
        Count = count;
        Name = $"'{file.Path}'";
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
        var file = RandomAccessFile.Open(path, "a file of 16-bit tokens", FileOptions.RandomAccess);
        try
        {
            var (headerBytes, count) = TokenFileHeader.Read(file);
            return new TokenFile(file, vocabularySize, headerBytes, count);
        }
        catch
        {
            file.Dispose();
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
        var count = tokens.Length;
        fixed (int* start = tokens)
        {
            // A span cannot be handed on into the writer, but stays where it is for as long as this lasts.
            var first = start;
            AtomicFile.Write(path, stream =>
            {
                using var writer = new TokenFileWriter(stream, format);
                writer.Add(new(first, count));
                writer.Complete();
            });
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
            _file.Read(_headerBytes + start * sizeof(ushort), MemoryMarshal.AsBytes(part));
            if (!BitConverter.IsLittleEndian)
                BinaryPrimitives.ReverseEndianness(part, part);

            for (var i = 0; i < part.Length; i++)
            {
                if (part[i] >= _vocabularySize)
                {
                    throw new GptGenException(
                        $"'{_file.Path}': token {part[i]} at position {start + i} is outside the vocabulary of {_vocabularySize}: "
                        + "use a file of the model's own tokenizer, or give the right tokenizer.");
                }

                destination[i] = part[i];
            }

            start += part.Length;
            destination = destination[part.Length..];
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => _file.Dispose();
}
