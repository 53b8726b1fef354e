using System.Buffers;
using System.Text;

namespace GptGen.Text;

/// <summary>What SentencePiece makes of a text before it is cut: characters are replaced as the model says, and spaces become U+2581.</summary>
/// <param name="file">The model's file.</param>
/// <param name="userDefined">Pieces whose characters stay as they are.</param>
internal sealed class SentencePieceNormalizer(SentencePieceFile file, ByteTrie userDefined)
{
    /// <summary>What stands for a space.</summary>
    public const string Space = "\u2581";

    private readonly SentencePieceCharacters? _characters = file.CharacterMap.Length > 0 ? new(file.CharacterMap, file.Path) : null;

    private static ReadOnlySpan<byte> SpaceBytes => "\u2581"u8;

    /// <summary>Appends what a text becomes.</summary>
    /// <param name="text">The text in UTF-8; each byte that belongs to no character becomes U+FFFD.</param>
    /// <param name="normalized">Receives it, in UTF-8.</param>
    /// <exception cref="GptGenException">The model's characters are damaged.</exception>
    public void Normalize(ReadOnlySpan<byte> text, List<byte> normalized)
    {
        while (file.RemovesSpaces && !text.IsEmpty && Next(text, out var length) is [(byte)' '])
            text = text[length..];
        if (text.IsEmpty)
            return;
        var start = normalized.Count;
        if (file.AddsSpace && !file.EndsWords)
            normalized.AddRange(SpaceBytes);
        var afterSpace = file.RemovesSpaces;
        while (!text.IsEmpty)
        {
            var next = Next(text, out var length);
            text = text[length..];
            if (afterSpace)
                next = next.TrimStart((byte)' ');
            if (next.IsEmpty)
                continue;
            foreach (var value in next)
            {
                if (value == ' ')
                    normalized.AddRange(SpaceBytes);
                else
                    normalized.Add(value);
            }

            afterSpace = file.RemovesSpaces && next[^1] == ' ';
        }

        while (file.RemovesSpaces && EndsWithSpace(normalized, start))
            normalized.RemoveRange(normalized.Count - SpaceBytes.Length, SpaceBytes.Length);
        if (file.AddsSpace && file.EndsWords)
            normalized.AddRange(SpaceBytes);
    }

    private static bool EndsWithSpace(List<byte> bytes, int start) => bytes.Count - start >= SpaceBytes.Length
        && System.Runtime.InteropServices.CollectionsMarshal.AsSpan(bytes).EndsWith(SpaceBytes);

    /// <summary>What the next characters of a text become, and how many bytes they are.</summary>
    private ReadOnlySpan<byte> Next(ReadOnlySpan<byte> text, out int length)
    {
        if (userDefined.TryFindLongest(text, out length, out _))
            return text[..length];
        if (_characters is not null && _characters.TryReplace(text, out length, out var replacement))
            return replacement;
        if (Rune.DecodeFromUtf8(text, out _, out length) == OperationStatus.Done)
            return text[..length];
        length = 1;
        return "\ufffd"u8;
    }
}
