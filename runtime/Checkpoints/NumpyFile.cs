using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace GptGen.Checkpoints;

/// <summary>A file of NumPy's (<c>.npy</c>) with one array of f32, mapped into memory and checked when it is opened.</summary>
internal sealed partial class NumpyFile : IDisposable
{
    // "\x93NUMPY", then major and minor version, then the header's length: 16 bits in version 1, 32 bits later.
    private const int PreludeSize = 8;
    private const int LongestHeader = 1 << 16;

    private readonly MappedFile file;
    private readonly int start;

    private NumpyFile(MappedFile file)
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
        var file = MappedFile.Open(path);
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
    internal void Read(long first, Span<float> destination)
    {
        // Spans of more than 2^31 bytes do not exist.
        const int Chunk = 1 << 28;
        for (; !destination.IsEmpty; first += Chunk)
        {
            var part = destination[..Math.Min(Chunk, destination.Length)];
            ElementTypes.Decode(ElementType.F32, file.Slice(start + (first * sizeof(float)), part.Length * sizeof(float)), part);
            destination = destination[part.Length..];
        }
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    private (int Start, long Count) ReadHeader()
    {
        if (file.Length < PreludeSize + sizeof(uint) || !file.Slice(0, Magic.Length).SequenceEqual(Magic))
            throw Damaged("it does not begin as a NumPy array does");
        var version = file.Slice(Magic.Length, 1)[0];
        var lengthSize = version == 1 ? sizeof(ushort) : sizeof(uint);
        var lengthBytes = file.Slice(PreludeSize, sizeof(uint));
        var length = version == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(lengthBytes) : BinaryPrimitives.ReadUInt32LittleEndian(lengthBytes);
        var headerStart = PreludeSize + lengthSize;
        if (length > LongestHeader || headerStart + length > file.Length)
            throw Damaged("its header is cut off");
        var header = Encoding.Latin1.GetString(file.Slice(headerStart, (int)length));
        if (!Description().IsMatch(header))
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

    [GeneratedRegex(@"(?=.*'descr': *'<f4')(?=.*'fortran_order': *False)")]
    private static partial Regex Description();

    [GeneratedRegex(@"'shape': *\(([0-9, ]*)\)")]
    private static partial Regex Shape();
}
