using System.Buffers.Binary;
using System.Text;
using GptGen.Files;

namespace GptGen.Checkpoints.Hdf5;

/// <summary>How wide a file's addresses and lengths are, and where its objects begin.</summary>
/// <param name="AddressSize">Bytes of an address.</param>
/// <param name="LengthSize">Bytes of a length.</param>
/// <param name="Root">The address of the root group.</param>
internal readonly record struct Hdf5Sizes(int AddressSize, int LengthSize, long Root);

/// <summary>Reads numbers one behind the other from a place of a file; what is not there is damage.</summary>
internal sealed class Hdf5Cursor
{
    /// <summary>The largest piece: no object's description is longer.</summary>
    private const int Longest = 1 << 20;

    private readonly RandomAccessFile file;
    private readonly Hdf5Sizes sizes;
    private readonly byte[] bytes;
    private readonly long start;
    private int at;

    /// <summary>Reads a piece of a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="sizes">Its sizes.</param>
    /// <param name="start">Where the piece begins.</param>
    /// <param name="length">How long it is.</param>
    /// <exception cref="GptGenException">The file ends before, or the piece is longer than any.</exception>
    public Hdf5Cursor(RandomAccessFile file, Hdf5Sizes sizes, long start, long length)
    {
        (this.file, this.sizes, this.start) = (file, sizes, start);
        if (start < 0 || length is < 0 or > Longest || start > file.Length - length)
            throw Damaged(file, $"it has no {length} bytes at {start}");
        bytes = file.Read(start, (int)length);
    }

    /// <summary>Bytes that are left.</summary>
    public int Left => bytes.Length - at;

    /// <summary>The place in the file of what comes next.</summary>
    public long Place => start + at;

    /// <summary>A number of 1, 2, 4 or 8 bytes.</summary>
    public ulong Number(int size)
    {
        Span<byte> number = stackalloc byte[sizeof(ulong)];
        number.Clear();
        Take(size).CopyTo(number);
        return BinaryPrimitives.ReadUInt64LittleEndian(number);
    }

    public byte Byte() => Take(1)[0];

    public int Short() => (int)Number(sizeof(ushort));

    /// <summary>An address; -1 where there is nothing.</summary>
    public long Address() => Signed(sizes.AddressSize);

    /// <summary>A length; -1 for one without end.</summary>
    public long Length() => Signed(sizes.LengthSize);

    /// <summary>Leaves bytes out.</summary>
    public void Skip(int count) => Take(count);

    /// <summary>Throws unless the next four bytes are those with which a structure begins.</summary>
    public void Expect(ReadOnlySpan<byte> signature)
    {
        var found = Take(signature.Length);
        if (!found.SequenceEqual(signature))
            throw Damaged(file, $"there is no {Encoding.ASCII.GetString(signature)} at {Place - signature.Length}");
    }

    /// <summary>The next bytes.</summary>
    public ReadOnlySpan<byte> Take(int count)
    {
        if ((uint)count > (uint)Left)
            throw Damaged(file, $"a structure ends at {Place}, in its middle");
        at += count;
        return bytes.AsSpan(at - count, count);
    }

    /// <summary>The next bytes as a part of its own.</summary>
    public Hdf5Cursor Part(int length)
    {
        var part = new Hdf5Cursor(file, sizes, Place, length);
        Skip(length);
        return part;
    }

    public static GptGenException Damaged(RandomAccessFile file, string cause) =>
        new($"'{file.Path}' cannot be read as an HDF5 file: {cause}. Download or save it again.");

    private long Signed(int size)
    {
        var number = Number(size);
        return number == ulong.MaxValue >> 64 - 8 * size ? -1 : number <= long.MaxValue ? (long)number
            : throw Damaged(file, $"the number at {Place - size} is larger than any file");
    }
}
