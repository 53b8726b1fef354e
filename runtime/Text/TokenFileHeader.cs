using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Microsoft.Win32.SafeHandles;

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
    private const int Llama3Magic = 20240801;

    /// <summary>The first bytes of files that are named <c>.bin</c> as well.</summary>
    private static readonly (byte[] Start, string What)[] s_others =
    [
        ([0x50, 0x4B, 0x03, 0x04], "a ZIP archive, as PyTorch saves weights"),
        ([0x80, 0x02, 0x8A, 0x0A], "a file of PyTorch's older kind"),
        ([0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'], "a NumPy array with a header; write the tokens with tofile instead of save"),
        ("GGUF"u8.ToArray(), "weights in GGUF"),
        ("PAR1"u8.ToArray(), "a Parquet table"),
        ("ARROW1"u8.ToArray(), "an Arrow table"),
        ([0x28, 0xB5, 0x2F, 0xFD], "compressed (zstd): unpack it first"),
        ([0x7F, (byte)'E', (byte)'L', (byte)'F'], "a program"),
    ];

    /// <summary>The files of llm.c by their first number. As 16-bit tokens these begin with one beyond 55,000, which GPT-2's vocabulary does not have.</summary>
    private static readonly (int Magic, string What)[] s_llmc =
    [
        (20240326, "weights of llm.c: name them with --weights"),
        (20240327, "a file of llm.c with values to compare with"),
        (20240328, "a tokenizer of llm.c"),
        (20240522, "a file of llm.c with multiple-choice questions; 'evaluate --task hellaswag' reads their JSON lines"),
        (20240527, "the state of a training run of llm.c"),
        (Llama3Magic, "a file of llm.c with 32-bit tokens of Llama 3: write it with GPT-2's tokenizer"),
        (20240803, "weights of llm.c for Llama 3"),
    ];

    /// <summary>Reads a file's beginning.</summary>
    /// <returns>The bytes before the tokens, and how many tokens there are.</returns>
    /// <exception cref="GptGenException">The file is empty, truncated or something else.</exception>
    internal static (int HeaderBytes, long Count) Read(SafeFileHandle handle, string path)
    {
        var bytes = RandomAccess.GetLength(handle);
        if (bytes == 0)
            throw new GptGenException($"'{path}' is empty: give a file of 16-bit tokens.");

        Span<byte> beginning = stackalloc byte[LookedAt];
        beginning.Clear();
        var read = RandomAccess.Read(handle, beginning, 0);
        var header = beginning[..(3 * sizeof(int))];
        var first = BinaryPrimitives.ReadInt32LittleEndian(header);
        if (first == Magic)
            return (Length, LlmcCount(header, bytes, path));
        if (Other(header, first) is { } other)
            throw new GptGenException($"'{path}' holds no 16-bit tokens: it is {other}. Give token files of nanoGPT or llm.c.");
        if (IsText(beginning[..read]))
            throw new GptGenException($"'{path}' holds text, although its name (.bin) is that of token files: give it another name, such as .txt.");
        return bytes % sizeof(ushort) == 0
            ? (0, bytes / sizeof(ushort))
            : throw new GptGenException($"'{path}' has {bytes} bytes, no whole number of 16-bit tokens: it is truncated or no token file; write it again.");
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
            throw new GptGenException($"'{path}' is an llm.c token file of version {version}, and only version 1 (16-bit tokens) can be read: write it with GPT-2's tokenizer.");

        var count = BinaryPrimitives.ReadInt32LittleEndian(header[8..]);
        if (count < 0 || bytes != Length + (long)count * sizeof(ushort))
            throw new GptGenException($"'{path}' announces {count} tokens but has {bytes} bytes instead of {Length + (long)count * sizeof(ushort)}: it is truncated or damaged; write it again.");
        return count;
    }

    private static string? Other(ReadOnlySpan<byte> header, int first)
    {
        foreach (var (start, what) in s_others)
        {
            if (header.StartsWith(start))
                return what;
        }

        // Weights in the form of safetensors begin with the length of their header, which is JSON.
        return header[4..8].IndexOfAnyExcept((byte)0) < 0 && header[8..].StartsWith("{\""u8)
            ? "weights in the form of safetensors"
            : Array.Find(s_llmc, entry => entry.Magic == first).What;
    }

    /// <summary>Whether bytes are text in UTF-8 without control characters. Tokens are not: their high bytes are small numbers.</summary>
    private static bool IsText(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < FewestOfText || bytes.ContainsAnyInRange((byte)0, (byte)8))
            return false;
        while (Rune.DecodeFromUtf8(bytes, out _, out var length) is var status && !bytes.IsEmpty)
        {
            // The last character may be cut.
            if (status != OperationStatus.Done)
                return status == OperationStatus.NeedMoreData;
            bytes = bytes[length..];
        }

        return true;
    }
}
