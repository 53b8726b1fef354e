using System.Text;
using GptGen.Files;

namespace GptGen.Checkpoints.Hdf5;

/// <summary>
/// The links of a group: a symbol table with names in a heap, as HDF5 writes it by default, or messages of the group's header, as newer files have
/// them (HDF5 File Format Specification 3.0, sections III.A, III.B, III.D and IV.A.2.g). Links to other places of the file are left out.
/// </summary>
internal static class Hdf5Group
{
    private const int MostNodes = 100_000;
    private const int LongestName = 1 << 12;

    /// <summary>Whether an object is a group.</summary>
    public static bool Is(List<(Hdf5MessageKind Kind, Hdf5Cursor Content)> messages) =>
        messages.Exists(static message => message.Kind is Hdf5MessageKind.SymbolTable or Hdf5MessageKind.LinkInfo or Hdf5MessageKind.Link);

    /// <summary>Names of the group's objects and their addresses.</summary>
    /// <exception cref="GptGenException">The group is damaged, or has its links in a form that is not read.</exception>
    public static List<(string Name, long Address)> Links(
        RandomAccessFile file, Hdf5Sizes sizes, List<(Hdf5MessageKind Kind, Hdf5Cursor Content)> messages)
    {
        var links = new List<(string Name, long Address)>();
        foreach (var (kind, content) in messages)
        {
            if (kind == Hdf5MessageKind.SymbolTable)
                AddTable(file, sizes, content.Address(), content.Address(), links);
            else if (kind == Hdf5MessageKind.Link)
                AddLink(file, content, links);
            else if (kind == Hdf5MessageKind.LinkInfo)
                RefuseDense(file, content);
        }

        return links;
    }

    private static void AddTable(RandomAccessFile file, Hdf5Sizes sizes, long tree, long heap, List<(string Name, long Address)> links)
    {
        var header = new Hdf5Cursor(file, sizes, heap, 8 + 2 * sizes.LengthSize + sizes.AddressSize);
        header.Expect("HEAP"u8);
        header.Skip(4 + 2 * sizes.LengthSize);
        var names = header.Address();
        var nodes = new Stack<(long Address, int Level)>([(tree, int.MaxValue)]);
        for (var read = 0; nodes.TryPop(out var next); read++)
        {
            if (read > MostNodes)
                throw Hdf5Cursor.Damaged(file, $"the group at {tree} has no end");
            // What is below level 0 holds the entries.
            if (next.Level < 0)
                AddSymbols(file, sizes, next.Address, names, links);
            else
                AddChildren(file, sizes, next.Address, next.Level, nodes);
        }
    }

    private static void AddChildren(RandomAccessFile file, Hdf5Sizes sizes, long address, int mostLevel, Stack<(long Address, int Level)> nodes)
    {
        var prefix = 8 + 2 * sizes.AddressSize;
        var cursor = new Hdf5Cursor(file, sizes, address, prefix);
        cursor.Expect("TREE"u8);
        var (type, level, count) = (cursor.Byte(), cursor.Byte(), cursor.Short());
        if (type != 0 || level > mostLevel)
            throw Hdf5Cursor.Damaged(file, $"the tree at {address} is none of a group");
        var children = new Hdf5Cursor(file, sizes, address + prefix, (long)count * (sizes.LengthSize + sizes.AddressSize));
        for (var i = 0; i < count; i++)
        {
            children.Skip(sizes.LengthSize);
            nodes.Push((children.Address(), level - 1));
        }
    }

    private static void AddSymbols(RandomAccessFile file, Hdf5Sizes sizes, long address, long names, List<(string Name, long Address)> links)
    {
        const int Soft = 2;
        const int Prefix = 8;
        var cursor = new Hdf5Cursor(file, sizes, address, Prefix);
        cursor.Expect("SNOD"u8);
        cursor.Skip(2);
        var count = cursor.Short();
        var entries = new Hdf5Cursor(file, sizes, address + Prefix, (long)count * (2 * sizes.AddressSize + 24));
        for (var i = 0; i < count; i++)
        {
            var (name, target) = (entries.Address(), entries.Address());
            var kind = entries.Number(4);
            entries.Skip(20);
            if (kind != Soft)
                links.Add((Name(file, sizes, names + name), target));
        }
    }

    /// <summary>A name in a heap, which a zero ends.</summary>
    private static string Name(RandomAccessFile file, Hdf5Sizes sizes, long address)
    {
        var cursor = new Hdf5Cursor(file, sizes, address, Math.Clamp(file.Length - address, 0, LongestName));
        var bytes = cursor.Take(cursor.Left);
        var end = bytes.IndexOf((byte)0);
        return end > 0 ? Encoding.UTF8.GetString(bytes[..end]) : throw Hdf5Cursor.Damaged(file, $"the name at {address} has no end");
    }

    private static void AddLink(RandomAccessFile file, Hdf5Cursor content, List<(string Name, long Address)> links)
    {
        var version = content.Byte();
        if (version != 1)
            throw Hdf5Cursor.Damaged(file, $"a link is of version {version}, not 1");
        var flags = content.Byte();
        var isHard = (flags & 0x08) == 0 || content.Byte() == 0;
        content.Skip(((flags & 0x04) != 0 ? 8 : 0) + ((flags & 0x10) != 0 ? 1 : 0));
        var length = content.Number(1 << (flags & 3));
        if (length is 0 or > LongestName)
            throw Hdf5Cursor.Damaged(file, $"a link's name has {length} bytes");
        var name = Encoding.UTF8.GetString(content.Take((int)length));
        if (isHard)
            links.Add((name, content.Address()));
    }

    private static void RefuseDense(RandomAccessFile file, Hdf5Cursor content)
    {
        content.Skip(1);
        content.Skip((content.Byte() & 1) != 0 ? 8 : 0);
        if (content.Address() >= 0)
        {
            throw new GptGenException(
                $"'{file.Path}' is an HDF5 file with large groups of the newest form, which are not read: "
                + "save it again with h5py's default libver, or as safetensors.");
        }
    }
}
