using GptGen.Files;

namespace GptGen.Checkpoints.Hdf5;

/// <summary>
/// A dataset whose numbers lie in one piece: its shape, the type of its numbers and their place (HDF5 File Format Specification 3.0, sections
/// IV.A.2.b, d and i).
/// </summary>
internal static class Hdf5Dataset
{
    private const int MostDimensions = 32;

    /// <summary>The dataset that an object's messages describe; null where they describe none.</summary>
    /// <exception cref="GptGenException">It is damaged, or its numbers lie in a form that is not read.</exception>
    public static SafetensorsTensor? Read(RandomAccessFile file, string name, List<(Hdf5MessageKind Kind, Hdf5Cursor Content)> messages)
    {
        Hdf5Cursor? Find(Hdf5MessageKind kind) => messages.Find(message => message.Kind == kind).Content;
        if ((Find(Hdf5MessageKind.Dataspace), Find(Hdf5MessageKind.Datatype), Find(Hdf5MessageKind.Layout)) is not
            ({ } space, { } type, { } layout))
            return null;
        if (Find(Hdf5MessageKind.Filters) is not null || Find(Hdf5MessageKind.ExternalFiles) is not null)
            throw Unread(file, name, "compressed or in other files");
        var shape = Shape(file, name, space);
        var (typeName, size) = Type(type);
        Int128 count = 1;
        foreach (var dimension in shape)
            count = Int128.Min(count * dimension, long.MaxValue);
        var (offset, bytes) = Place(file, name, layout);
        if (count * size != bytes || bytes > 0 && (offset < 0 || offset > file.Length - bytes))
        {
            throw Hdf5Cursor.Damaged(
                file, $"'{MessageText.Shorten(name)}' of shape {SafetensorsTensor.FormatShape(shape)} has {bytes} bytes at {offset}");
        }

        return new(name, typeName, shape, (long)count, offset, bytes);
    }

    private static long[] Shape(RandomAccessFile file, string name, Hdf5Cursor space)
    {
        const int Null = 2;
        var (version, rank, flags) = (space.Byte(), space.Byte(), space.Byte());
        var kind = space.Byte();
        if (version is not (1 or 2) || rank > MostDimensions || version == 2 && kind == Null)
            throw Unread(file, name, $"of {rank} dimensions in version {version}");
        space.Skip(version == 1 ? 4 : 0);
        var shape = new long[rank];
        for (var i = 0; i < rank; i++)
        {
            shape[i] = space.Length();
            if (shape[i] < 0)
                throw Hdf5Cursor.Damaged(file, $"'{MessageText.Shorten(name)}' has no size");
        }

        return shape;
    }

    /// <summary>The type as safetensors names it, and its size.</summary>
    private static (string Name, int Size) Type(Hdf5Cursor type)
    {
        const int FloatClass = 1;
        var kind = type.Byte() & 0xF;
        var flags = type.Number(3);
        var size = (int)Math.Min(type.Number(4), int.MaxValue);
        if (kind != FloatClass)
            return ($"HDF5 class {kind}", size);
        // Little-endian, whole, and with the parts of IEEE 754.
        type.Skip(5);
        var (exponent, _, mantissa) = (type.Byte(), type.Byte(), type.Byte());
        var bias = type.Number(4);
        return (flags & 0x41, size, exponent, mantissa, bias) switch
        {
            (0, 2, 5, 10, 15) => ("F16", size),
            (0, 4, 8, 23, 127) => ("F32", size),
            (0, 8, 11, 52, 1023) => ("F64", size),
            _ => ($"HDF5 float of {size} bytes", size),
        };
    }

    private static (long Offset, long Bytes) Place(RandomAccessFile file, string name, Hdf5Cursor layout)
    {
        const int Compact = 0, Contiguous = 1;
        var (version, kind) = (layout.Byte(), layout.Byte());
        if (version is not (3 or 4) || kind is not (Compact or Contiguous))
            throw Unread(file, name, "in chunks");
        if (kind == Contiguous)
            return (layout.Address(), layout.Length());
        var length = layout.Short();
        return (layout.Place, length);
    }

    private static GptGenException Unread(RandomAccessFile file, string name, string how) => new(
        $"'{file.Path}' has '{MessageText.Shorten(name)}' {how}, which is not read: save it again with h5py as it is by default, or as safetensors.");
}
