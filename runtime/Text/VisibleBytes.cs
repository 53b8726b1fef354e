using System.Text;

namespace GptGen.Text;

/// <summary>
/// GPT-2's way of writing bytes in a vocabulary's files: each byte is a visible character. Printable bytes of Latin-1 stand for themselves, the
/// others for the characters from U+0100 on, in order.
/// </summary>
internal static class VisibleBytes
{
    private static readonly char[] s_characterOfByte = MakeCharacters();
    private static readonly Dictionary<char, byte> s_byteOfCharacter = s_characterOfByte.Select(static (character, value) => (character, value))
        .ToDictionary(static pair => pair.character, static pair => (byte)pair.value);

    /// <summary>The bytes in the order of their characters, in which GPT-2's vocabulary numbers them.</summary>
    public static ReadOnlySpan<byte> InOrder => s_inOrder;

    private static readonly byte[] s_inOrder = [.. s_byteOfCharacter.OrderBy(static pair => pair.Key).Select(static pair => pair.Value)];

    /// <summary>The characters for bytes.</summary>
    public static string Name(ReadOnlySpan<byte> bytes)
    {
        var name = new StringBuilder(bytes.Length);
        foreach (var value in bytes)
            name.Append(s_characterOfByte[value]);
        return name.ToString();
    }

    /// <summary>Whether every character of a name stands for a byte.</summary>
    public static bool AreIn(string name) => name.All(s_byteOfCharacter.ContainsKey);

    /// <summary>The bytes of a name; a special token's name may hold characters that stand for no byte, and is then plain UTF-8.</summary>
    public static byte[] BytesOf(string name)
    {
        var bytes = new byte[name.Length];
        for (var i = 0; i < name.Length; i++)
        {
            if (!s_byteOfCharacter.TryGetValue(name[i], out bytes[i]))
                return Encoding.UTF8.GetBytes(name);
        }

        return bytes;
    }

    private static char[] MakeCharacters()
    {
        var characters = new char[256];
        var next = '\u0100';
        for (var value = 0; value < characters.Length; value++)
        {
            var printable = value is (>= '!' and <= '~') or (>= '\u00A1' and <= '\u00AC') or (>= '\u00AE' and <= '\u00FF');
            characters[value] = printable ? (char)value : next++;
        }

        return characters;
    }
}
