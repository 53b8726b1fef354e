using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Unicode;
using GptGen.Files;

namespace GptGen.Checkpoints;

/// <summary>
/// The header of a safetensors file, read and checked completely: afterwards every tensor is known to lie inside the file, to have as
/// many bytes as its shape says, and to share none of them; and no byte belongs to nobody.
/// Format: a u64 little-endian length, a JSON header of that length, the tensors' bytes.
/// </summary>
internal sealed class SafetensorsHeader
{
    /// <summary>Bytes of the length field.</summary>
    internal const int LengthSize = sizeof(ulong);

    // The reference implementation's limit: a header that lies must not make the reader take all memory.
    private const long MaximumLength = 100_000_000;
    private const int MaximumDepth = 8;
    private const int MostDimensions = 16;

    private static readonly Dictionary<string, int> ElementSizes = new()
    {
        ["BOOL"] = 1, ["U8"] = 1, ["I8"] = 1, ["F8_E4M3"] = 1, ["F8_E5M2"] = 1, ["U16"] = 2, ["I16"] = 2, ["F16"] = 2, ["BF16"] = 2,
        ["U32"] = 4, ["I32"] = 4, ["F32"] = 4, ["U64"] = 8, ["I64"] = 8, ["F64"] = 8, ["C64"] = 8,
    };

    private readonly string path;
    private readonly long dataStart;
    private readonly long dataLength;

    private SafetensorsHeader(string path, long dataStart, long dataLength)
    {
        this.path = path;
        this.dataStart = dataStart;
        this.dataLength = dataLength;
    }

    internal Dictionary<string, string> Metadata { get; } = [];

    /// <summary>The tensors by name.</summary>
    internal Dictionary<string, SafetensorsTensor> ByName { get; } = [];

    /// <summary>The tensors in the order of their bytes.</summary>
    internal List<SafetensorsTensor> InOrder { get; } = [];

    internal static SafetensorsHeader Read(RandomAccessFile file)
    {
        if (!IsBeginning(file))
            ForeignFile.Refuse(file);
        if (file.Length < LengthSize)
            throw Damaged(file.Path, $"it has {file.Length} bytes, too few for a header");
        var length = BinaryPrimitives.ReadUInt64LittleEndian(file.Read(0, LengthSize));
        if (length > MaximumLength)
            throw Damaged(file.Path, $"its header claims {length} bytes, more than the format's limit of {MaximumLength}");
        if ((long)length > file.Length - LengthSize)
            throw Damaged(file.Path, $"its header claims {length} bytes, but only {file.Length - LengthSize} follow");
        var start = LengthSize + (long)length;
        var header = new SafetensorsHeader(file.Path, start, file.Length - start);
        header.Parse(file.Read(LengthSize, (int)length));
        header.CheckLayout();
        return header;
    }

    /// <summary>Whether a file begins as the format does: a length that may be one, and a JSON object.</summary>
    internal static bool IsBeginning(RandomAccessFile file)
    {
        if (file.Length <= LengthSize)
            return false;
        ReadOnlySpan<byte> bytes = file.Read(0, LengthSize + 1);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes) <= MaximumLength && bytes[LengthSize] == '{';
    }

    private static GptGenException Damaged(string path, string what, Exception? cause = null)
    {
        var message = $"'{path}' is not a sound safetensors file: {what}. Download or export it again.";
        return cause is null ? new(message) : new(message, cause);
    }

    private GptGenException Damaged(string what) => Damaged(path, what);

    private void Parse(ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json))
            throw Damaged("its header is not UTF-8");
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaximumDepth });
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
                throw Damaged("its header is not a JSON object");
            var metadataSeen = false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString()!;
                reader.Read();
                if (reader.TokenType != JsonTokenType.StartObject)
                    throw Damaged($"its header's entry '{Quote(name)}' is not an object");
                if (name == "__metadata__")
                {
                    if (metadataSeen)
                        throw Damaged("'__metadata__' occurs twice");
                    metadataSeen = true;
                    ParseMetadata(ref reader);
                }
                else
                {
                    var tensor = ParseTensor(name, ref reader);
                    if (!ByName.TryAdd(name, tensor))
                        throw Damaged($"tensor '{Quote(name)}' occurs twice");
                    InOrder.Add(tensor);
                }
            }

            // Reads on to the end: nothing may follow the object but white space.
            while (reader.Read())
            {
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: an escape that is half a surrogate pair.
            throw Damaged(path, $"its header is not valid JSON ({MessageText.Of(error)})", error);
        }
    }

    private void ParseMetadata(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            reader.Read();
            if (reader.TokenType != JsonTokenType.String)
                throw Damaged($"the metadata '{Quote(key)}' is not a string");
            if (!Metadata.TryAdd(key, reader.GetString()!))
                throw Damaged($"the metadata '{Quote(key)}' occurs twice");
        }
    }

    private SafetensorsTensor ParseTensor(string name, ref Utf8JsonReader reader)
    {
        string? type = null;
        List<long>? shape = null, offsets = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            reader.Read();
            switch (key)
            {
                case "dtype" when type is null && reader.TokenType == JsonTokenType.String:
                    type = reader.GetString()!;
                    break;
                case "shape" when shape is null && reader.TokenType == JsonTokenType.StartArray:
                    shape = ParseNumbers(name, key, ref reader);
                    break;
                case "data_offsets" when offsets is null && reader.TokenType == JsonTokenType.StartArray:
                    offsets = ParseNumbers(name, key, ref reader);
                    break;
                case "dtype" or "shape" or "data_offsets":
                    throw Damaged($"tensor '{Quote(name)}' has a wrong or repeated '{key}'");
                default:
                    reader.Skip();
                    break;
            }
        }

        if (type is null || shape is null || offsets is not { Count: 2 })
            throw Damaged($"tensor '{Quote(name)}' needs a dtype, a shape and two data_offsets");
        if (!ElementSizes.TryGetValue(type, out var size))
            throw Damaged($"tensor '{Quote(name)}' has the unknown dtype '{Quote(type)}'");
        return CheckTensor(name, type, size, shape, offsets[0], offsets[1]);
    }

    private List<long> ParseNumbers(string name, string key, ref Utf8JsonReader reader)
    {
        var numbers = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var number) || number < 0)
                throw Damaged($"tensor '{Quote(name)}' has a '{key}' that is not a list of counts");
            if (numbers.Count == MostDimensions)
                throw Damaged($"tensor '{Quote(name)}' has a '{key}' of more than {MostDimensions} numbers");
            numbers.Add(number);
        }

        return numbers;
    }

    private SafetensorsTensor CheckTensor(string name, string type, int size, List<long> shape, long begin, long end)
    {
        long count = 1;
        foreach (var dimension in shape)
        {
            if (dimension > 0 && count > long.MaxValue / size / dimension)
                throw Damaged($"tensor '{Quote(name)}' has the impossible shape {SafetensorsTensor.FormatShape(shape)}");
            count *= dimension;
        }

        if (begin > end || end > dataLength)
            throw Damaged($"tensor '{Quote(name)}' lies at bytes {begin} to {end} of {dataLength}");
        if (end - begin != count * size)
            throw Damaged($"tensor '{Quote(name)}' has {end - begin} bytes, but {type} {SafetensorsTensor.FormatShape(shape)} takes {count * size}");
        return new(name, type, shape, count, dataStart + begin, end - begin);
    }

    private void CheckLayout()
    {
        InOrder.Sort(static (a, b) => a.Offset != b.Offset ? a.Offset.CompareTo(b.Offset) : a.ByteCount.CompareTo(b.ByteCount));
        var end = dataStart;
        foreach (var tensor in InOrder)
        {
            if (tensor.Offset < end)
                throw Damaged($"tensor '{Quote(tensor.Name)}' overlaps the one before it");
            if (tensor.Offset > end)
                throw Damaged($"{tensor.Offset - end} bytes before tensor '{Quote(tensor.Name)}' belong to no tensor");
            end += tensor.ByteCount;
        }

        if (end != dataStart + dataLength)
            throw Damaged($"{dataStart + dataLength - end} bytes at its end belong to no tensor");
    }

    private static string Quote(string text) => MessageText.Shorten(text);
}
