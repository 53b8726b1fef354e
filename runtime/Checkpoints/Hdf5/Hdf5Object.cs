using GptGen.Files;

namespace GptGen.Checkpoints.Hdf5;

/// <summary>What a message of an object's header says.</summary>
internal enum Hdf5MessageKind
{
    Dataspace = 0x01,
    LinkInfo = 0x02,
    Datatype = 0x03,
    Link = 0x06,
    ExternalFiles = 0x07,
    Layout = 0x08,
    Filters = 0x0B,
    Continuation = 0x10,
    SymbolTable = 0x11,
}

/// <summary>
/// The header of a group or dataset: a list of messages, in the form of version 1 or 2 (HDF5 File Format Specification 3.0, section IV.A).
/// </summary>
internal static class Hdf5Object
{
    private const int MostMessages = 10_000;
    private const int FirstPrefixSize = 16;
    private const int ChecksumSize = 4;
    private const int SharedFlag = 2;

    /// <summary>The messages of the object at an address.</summary>
    /// <exception cref="GptGenException">The header is damaged, or a message lies in another object.</exception>
    public static List<(Hdf5MessageKind Kind, Hdf5Cursor Content)> Read(RandomAccessFile file, Hdf5Sizes sizes, long address)
    {
        var isSecondVersion = new Hdf5Cursor(file, sizes, address, 4).Take(4).SequenceEqual("OHDR"u8);
        var (start, length, hasOrder) = isSecondVersion ? SecondPrefix(file, sizes, address) : FirstPrefix(file, sizes, address);
        var messages = new List<(Hdf5MessageKind Kind, Hdf5Cursor Content)>();
        var blocks = new Queue<(long Start, long Length)>([(start, length)]);
        var read = 0;
        while (blocks.TryDequeue(out var block))
        {
            var cursor = new Hdf5Cursor(file, sizes, block.Start, block.Length);
            var prefix = isSecondVersion ? 4 + (hasOrder ? 2 : 0) : 8;
            while (cursor.Left >= prefix)
            {
                var kind = (Hdf5MessageKind)(isSecondVersion ? cursor.Byte() : cursor.Short());
                var size = cursor.Short();
                var flags = cursor.Byte();
                cursor.Skip(isSecondVersion ? prefix - 4 : 3);
                var content = cursor.Part(size);
                if (++read > MostMessages)
                    throw Hdf5Cursor.Damaged(file, $"the object at {address} has more than {MostMessages} messages");
                if (kind == Hdf5MessageKind.Continuation)
                {
                    var (next, count) = (content.Address(), content.Length());
                    if (isSecondVersion)
                    {
                        new Hdf5Cursor(file, sizes, next, count).Expect("OCHK"u8);
                        (next, count) = (next + 4, count - 4 - ChecksumSize);
                    }

                    blocks.Enqueue((next, count));
                }
                else if (Enum.IsDefined(kind))
                {
                    if ((flags & SharedFlag) != 0)
                        throw Hdf5Cursor.Damaged(file, $"the object at {address} shares its description with others, which is not read");
                    messages.Add((kind, content));
                }
            }
        }

        return messages;
    }

    private static (long Start, long Length, bool HasOrder) FirstPrefix(RandomAccessFile file, Hdf5Sizes sizes, long address)
    {
        var cursor = new Hdf5Cursor(file, sizes, address, FirstPrefixSize);
        var version = cursor.Byte();
        if (version != 1)
            throw Hdf5Cursor.Damaged(file, $"the object at {address} has a header of version {version}, not 1 or 2");
        cursor.Skip(7);
        return (address + FirstPrefixSize, (long)cursor.Number(4), false);
    }

    private static (long Start, long Length, bool HasOrder) SecondPrefix(RandomAccessFile file, Hdf5Sizes sizes, long address)
    {
        var start = new Hdf5Cursor(file, sizes, address, 6);
        start.Expect("OHDR"u8);
        var version = start.Byte();
        if (version != 2)
            throw Hdf5Cursor.Damaged(file, $"the object at {address} has a header of version {version}, not 1 or 2");
        var flags = start.Byte();
        // Four times, and the numbers of attributes at which their storage changes.
        var left = ((flags & 0x20) != 0 ? 16 : 0) + ((flags & 0x10) != 0 ? 4 : 0);
        var width = 1 << (flags & 3);
        var cursor = new Hdf5Cursor(file, sizes, start.Place + left, width);
        var length = (long)cursor.Number(width);
        return (cursor.Place, length, (flags & 4) != 0);
    }
}
