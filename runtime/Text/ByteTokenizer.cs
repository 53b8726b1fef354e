using System.Runtime.InteropServices;

namespace GptGen.Text;

/// <summary>The simplest vocabulary: 256 tokens, each its own byte of UTF-8.</summary>
public sealed class ByteTokenizer : Tokenizer
{
    internal const string TokenizerName = "bytes";

    private static readonly byte[] s_bytes = [.. Enumerable.Range(0, 256).Select(value => (byte)value)];

    private ByteTokenizer()
    {
    }

    /// <summary>The tokenizer.</summary>
    public static ByteTokenizer Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => TokenizerName;

    /// <inheritdoc/>
    public override int VocabularySize => s_bytes.Length;

    internal override bool MayBeCut => true;

    /// <inheritdoc/>
    public override void Encode(ReadOnlySpan<byte> utf8, List<int> tokens)
    {
        var start = tokens.Count;
        CollectionsMarshal.SetCount(tokens, start + utf8.Length);
        var added = CollectionsMarshal.AsSpan(tokens)[start..];
        for (var i = 0; i < utf8.Length; i++)
            added[i] = utf8[i];
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Bytes(int token) =>
        (uint)token < (uint)s_bytes.Length ? s_bytes.AsSpan(token, 1) : throw UnknownToken(token);
}
