using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using GptGen.Files;

namespace GptGen.Checkpoints;

/// <summary>A file of NumPy's (<c>.npy</c>) with one array of f32, checked when it is opened.</summary>
internal sealed partial class NumpyFile : IDisposable
{
    // "\x93NUMPY", then major and minor version, then the header's length: 16 bits in version 1, 32 bits later.
    private const int PreludeSize = 8;
    private const int LongestHeader = 1 << 16;

    private readonly RandomAccessFile file;
    private readonly int start;

    private NumpyFile(RandomAccessFile file)
    {
        this.file = file;
        (start, Count) = ReadHeader();
    }

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>Number of elements, over all dimensions.</summary>
    internal long Count { get; }

    /// <summary>Opens and checks a file.</summary>
    /// <exception cref="GptGenException">The file is missing or damaged, or holds no f32 in the order of C.</exception>
    internal static NumpyFile Open(string path)
    {
        var file = RandomAccessFile.Open(path, WeightFiles.Need);
        try
        {
            return new(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Copies elements from <paramref name="first"/> on until <paramref name="destination"/> is full.</summary>
    internal void Read(long first, Span<float> destination) => file.Read(start + (first * sizeof(float)), ElementType.F32, destination);

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    private (int Start, long Count) ReadHeader()
    {
        if (file.Length < PreludeSize + sizeof(uint) || !file.Read(0, Magic.Length).AsSpan().SequenceEqual(Magic))
        {
            ForeignFile.Refuse(file);
            throw Damaged("it does not begin as a NumPy array does");
        }

        var version = file.Read(Magic.Length, 1)[0];
        var lengthSize = version == 1 ? sizeof(ushort) : sizeof(uint);
        var lengthBytes = file.Read(PreludeSize, sizeof(uint));
        var length = version == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(lengthBytes) : BinaryPrimitives.ReadUInt32LittleEndian(lengthBytes);
        var headerStart = PreludeSize + lengthSize;
        if (length > LongestHeader || headerStart + length > file.Length)
            throw Damaged("its header is cut off");
        var header = Encoding.Latin1.GetString(file.Read(headerStart, (int)length));
        if (!FloatType().IsMatch(header) || !RowMajor().IsMatch(header))
            throw Damaged("its elements are no f32 in the order of C ('<f4', 'fortran_order': False)");
        if (Shape().Match(header) is not { Success: true } shape || CountOf(shape.Groups[1].Value) is not { } count)
            throw Damaged("its header has no shape");
        var first = headerStart + (int)length;
        return file.Length - first == count * sizeof(float)
            ? (first, count)
            : throw Damaged($"it has {file.Length - first} bytes of numbers, but its header promises {count * sizeof(float)}");
    }

    private static long? CountOf(string shape)
    {
        Int128 count = 1;
        foreach (var dimension in shape.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!int.TryParse(dimension, NumberStyles.None, CultureInfo.InvariantCulture, out var size))
                return null;
            count *= size;
            if (count > long.MaxValue / sizeof(float))
                return null;
        }

        return (long)count;
    }

    private GptGenException Damaged(string cause) => new($"'{file.Path}' cannot be read as an array of numbers: {cause}. Download it again.");

    [GeneratedRegex("'descr': *'<f4'")]
    private static partial Regex FloatType();

    [GeneratedRegex("'fortran_order': *False")]
    private static partial Regex RowMajor();

    [GeneratedRegex(@"'shape': *\(([0-9, ]*)\)")]
    private static partial Regex Shape();
}
