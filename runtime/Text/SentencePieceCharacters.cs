using System.Buffers.Binary;

namespace GptGen.Text;

/// <summary>
/// Which characters SentencePiece puts in the place of others, as compiled into its models (<c>precompiled_charsmap</c>): a double-array tree
/// (Aoe 1989, as the library darts-clone lays it out) from characters to places in a text where what replaces them ends with a zero.
/// </summary>
internal sealed class SentencePieceCharacters
{
    private readonly string _path;
    private readonly uint[] _units;
    private readonly byte[] _replacements;

    /// <param name="map">The map; not empty.</param>
    /// <param name="path">Its file, for messages.</param>
    /// <exception cref="GptGenException">The map is damaged.</exception>
    public SentencePieceCharacters(ReadOnlySpan<byte> map, string path)
    {
        _path = path;
        var size = map.Length > sizeof(uint) ? BinaryPrimitives.ReadUInt32LittleEndian(map) : 0;
        if (size < sizeof(uint) || size % sizeof(uint) != 0 || size > map.Length - sizeof(uint))
            throw Damaged();
        var units = map.Slice(sizeof(uint), (int)size);
        _units = new uint[units.Length / sizeof(uint)];
        for (var unit = 0; unit < _units.Length; unit++)
            _units[unit] = BinaryPrimitives.ReadUInt32LittleEndian(units[(unit * sizeof(uint))..]);
        _replacements = map[(sizeof(uint) + (int)size)..].ToArray();
        if (_replacements is not [.., 0])
            throw Damaged();
    }

    /// <summary>Finds the most characters at a text's beginning that are replaced.</summary>
    /// <param name="text">The text in UTF-8.</param>
    /// <param name="length">Their bytes.</param>
    /// <param name="replacement">What comes in their place, which may be nothing.</param>
    /// <returns>Whether there are some.</returns>
    /// <exception cref="GptGenException">The map is damaged.</exception>
    public bool TryReplace(ReadOnlySpan<byte> text, out int length, out ReadOnlySpan<byte> replacement)
    {
        length = 0;
        replacement = default;
        var place = Offset(_units[0]);
        var found = 0u;
        for (var at = 0; at < text.Length; at++)
        {
            place ^= text[at];
            var unit = Unit(place);
            // A label with the highest bit is none of a child.
            if ((unit & 0x800000ff) != text[at])
                break;
            place ^= Offset(unit);
            if ((unit & 0x100) != 0)
                (length, found) = (at + 1, Unit(place) & 0x7fffffff);
        }

        if (length == 0)
            return false;
        if (found >= _replacements.Length)
            throw Damaged();
        replacement = _replacements.AsSpan((int)found);
        replacement = replacement[..replacement.IndexOf((byte)0)];
        return true;
    }

    private static uint Offset(uint unit) => (unit >> 10) << (int)((unit & 0x200) >> 6);

    private uint Unit(uint place) => place < _units.Length ? _units[place] : throw Damaged();

    private GptGenException Damaged() => new($"'{_path}': the characters that are replaced (precompiled_charsmap) are damaged: download it again.");
}
