using System.Buffers.Binary;
using GptGen.Files;

namespace GptGen.Text;

/// <summary>What a token file begins with: llm.c's header, nothing in nanoGPT's files, or the signature of a file that is something else.</summary>
internal static class TokenFileHeader
{
    /// <summary>Bytes of llm.c's header: 256 integers of 32 bits.</summary>
    internal const int Length = 256 * sizeof(int);

    /// <summary>Bytes by which text is told from tokens, and the fewest that tell it.</summary>
    private const int LookedAt = 1024;
    private const int FewestOfText = 64;

    private const int Magic = 20240520;
    private const int Version = 1;

    /// <summary>Reads a file's beginning.</summary>
    /// <returns>The bytes before the tokens, and how many tokens there are.</returns>
    /// <exception cref="GptGenException">The file is empty, truncated or something else.</exception>
    internal static (int HeaderBytes, long Count) Read(RandomAccessFile file)
    {
        var (path, bytes) = (file.Path, file.Length);
        if (bytes == 0)
            throw new GptGenException($"'{path}' is empty: give a file of 16-bit tokens.");

        Span<byte> beginning = stackalloc byte[LookedAt];
        beginning.Clear();
        var read = (int)Math.Min(LookedAt, bytes);
        file.Read(0, beginning[..read]);
        var header = beginning[..(3 * sizeof(int))];
        if (BinaryPrimitives.ReadInt32LittleEndian(header) == Magic)
            return (Length, LlmcCount(header, bytes, path));
        if (FileContent.RecogniseBesideTokens(beginning[..read]) is { } format)
            throw new GptGenException($"'{path}' holds no 16-bit tokens: it is {FileContent.Name(format)}. {Remedy(format)}.");
        if (read >= FewestOfText && FileContent.IsText(beginning[..read]))
            throw new GptGenException($"'{path}' holds text, although its name (.bin) is that of token files: give it another name, such as .txt.");
        return bytes % sizeof(ushort) == 0
            ? (0, bytes / sizeof(ushort))
            : throw new GptGenException(
                $"'{path}' has {bytes} bytes, no whole number of 16-bit tokens: it is truncated or no token file; write it again.");
    }

    /// <summary>Writes llm.c's header.</summary>
    internal static void Write(Span<byte> header, int count)
    {
        header.Clear();
        BinaryPrimitives.WriteInt32LittleEndian(header, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], Version);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], count);
    }

    private static long LlmcCount(ReadOnlySpan<byte> header, long bytes, string path)
    {
        var version = BinaryPrimitives.ReadInt32LittleEndian(header[4..]);
        if (version != Version)
        {
            throw new GptGenException(
                $"'{path}' is an llm.c token file of version {version}, and only version 1 (16-bit tokens) can be read: "
                + "write it with GPT-2's tokenizer.");
        }

        var count = BinaryPrimitives.ReadInt32LittleEndian(header[8..]);
        if (count < 0 || bytes != Length + (long)count * sizeof(ushort))
        {
            throw new GptGenException(
                $"'{path}' announces {count} tokens but has {bytes} bytes instead of {Length + (long)count * sizeof(ushort)}: "
                + "it is truncated or damaged; write it again.");
        }

        return count;
    }

    private static string Remedy(FileFormat format) => format switch
    {
        FileFormat.NumpyArray => "Write the tokens with tofile instead of save",
        FileFormat.LlmcWeights => "Load it with ModelCheckpoint.Load",
        FileFormat.LlmcQuestions => "EvaluationFiles.HellaSwag reads their JSON lines",
        FileFormat.LlmcLlamaTokens => "Write it with GPT-2's tokenizer",
        _ => FileContent.Remedy(format) is { } remedy
            ? string.Concat(remedy[..1].ToUpperInvariant(), remedy.AsSpan(1))
            : "Give token files of nanoGPT or llm.c",
    };
}
