using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace GptGen.Text;

/// <summary>Writes the tokens of a token file into a stream, some at a time.</summary>
internal sealed class TokenFileWriter : IDisposable
{
    private const int BufferTokens = 1 << 16;

    private readonly Stream stream;
    private readonly TokenFileFormat format;
    private ushort[] buffer = new ushort[BufferTokens];
    private int filled;

    /// <summary>Begins a file.</summary>
    /// <exception cref="GptGenException">llm.c's header comes before tokens that are not counted yet, which needs a file.</exception>
    public TokenFileWriter(Stream stream, TokenFileFormat format)
    {
        (this.stream, this.format) = (stream, format);
        if (format != TokenFileFormat.LlmC)
            return;
        if (!stream.CanSeek)
            throw new GptGenException("llm.c's header says how many tokens follow, so it can only be written into a file: name one.");
        stream.Write(new byte[TokenFileHeader.Length]);
    }

    /// <summary>Tokens so far.</summary>
    public long Count { get; private set; }

    /// <summary>Adds tokens.</summary>
    /// <exception cref="GptGenException">One does not fit 16 bits.</exception>
    public void Add(ReadOnlySpan<int> tokens)
    {
        if (tokens.IndexOfAnyExceptInRange(0, ushort.MaxValue) is >= 0 and var bad)
        {
            throw new GptGenException(
                $"Token {tokens[bad]} at position {Count + bad} does not fit the 16 bits of a token file: use a vocabulary of at most 65536.");
        }

        Count += tokens.Length;
        foreach (var token in tokens)
        {
            buffer[filled++] = (ushort)token;
            if (filled == buffer.Length)
                Flush();
        }
    }

    /// <summary>Ends the file.</summary>
    /// <exception cref="GptGenException">There are more tokens than llm.c's header can say.</exception>
    public void Complete()
    {
        Flush();
        if (format != TokenFileFormat.LlmC)
            return;
        if (Count > int.MaxValue)
        {
            throw new GptGenException(
                $"llm.c's files have at most {int.MaxValue} tokens, and these are {Count}: give less text, or use nanoGPT's format.");
        }

        Span<byte> header = stackalloc byte[TokenFileHeader.Length];
        TokenFileHeader.Write(header, (int)Count);
        stream.Position = 0;
        stream.Write(header);
        stream.Position = stream.Length;
    }

    /// <summary>Lets go of the buffer; the stream stays open.</summary>
    public void Dispose() => buffer = [];

    private void Flush()
    {
        var part = buffer.AsSpan(0, filled);
        if (!BitConverter.IsLittleEndian)
            BinaryPrimitives.ReverseEndianness(part, part);
        stream.Write(MemoryMarshal.AsBytes(part));
        filled = 0;
    }
}
