using System.Buffers.Binary;

namespace GptGen.Text;

/// <summary>
/// Reads a message in the wire format of Protocol Buffers field by field (protobuf.dev/programming-guides/encoding). SentencePiece's models have
/// four messages of numbers and strings; Google's library for it would be one more package for whoever uses this one.
/// </summary>
/// <param name="message">The message.</param>
/// <param name="path">Its file, for messages.</param>
internal ref struct ProtobufReader(ReadOnlySpan<byte> message, string path)
{
    private const int Variable = 0;
    private const int Eight = 1;
    private const int Counted = 2;
    private const int Four = 5;

    private ReadOnlySpan<byte> _rest = message;
    private int _kind;
    private ulong _number;
    private ReadOnlySpan<byte> _bytes;

    /// <summary>Goes to the next field.</summary>
    /// <param name="field">Its number.</param>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="GptGenException">The message is cut short or none.</exception>
    public bool Next(out int field)
    {
        field = 0;
        if (_rest.IsEmpty)
            return false;
        var tag = Number();
        if (tag >> 3 is 0 or > int.MaxValue)
            throw Damaged();
        field = (int)(tag >> 3);
        _kind = (int)(tag & 7);
        _number = 0;
        _bytes = default;
        switch (_kind)
        {
            case Variable:
                _number = Number();
                break;
            case Eight:
                Take(sizeof(ulong));
                break;
            case Counted:
                _bytes = Take(Number());
                break;
            case Four:
                _number = BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)));
                break;
            default:
                throw Damaged();
        }

        return true;
    }

    /// <summary>The field as a whole number.</summary>
    public readonly int Integer => _kind == Variable ? (int)_number : throw Damaged();

    /// <summary>The field as a truth value.</summary>
    public readonly bool Flag => _kind == Variable ? _number != 0 : throw Damaged();

    /// <summary>The field as a number of 32 bits with a point.</summary>
    public readonly float Single => _kind == Four ? BitConverter.UInt32BitsToSingle((uint)_number) : throw Damaged();

    /// <summary>The field as bytes: a string or a message.</summary>
    public readonly ReadOnlySpan<byte> Bytes => _kind == Counted ? _bytes : throw Damaged();

    /// <summary>The field as a message.</summary>
    public readonly ProtobufReader Message => new(Bytes, path);

    private readonly GptGenException Damaged() => new($"'{path}' is damaged or no model of SentencePiece: download it again.");

    private ulong Number()
    {
        var number = 0ul;
        for (var (shift, at) = (0, 0); shift < 64 && at < _rest.Length; shift += 7, at++)
        {
            number |= (ulong)(_rest[at] & 0x7f) << shift;
            if (_rest[at] > 0x7f)
                continue;
            _rest = _rest[(at + 1)..];
            return number;
        }

        throw Damaged();
    }

    private ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)_rest.Length)
            throw Damaged();
        var taken = _rest[..(int)count];
        _rest = _rest[(int)count..];
        return taken;
    }
}
