using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;

namespace GptGen.Checkpoints;

/// <summary>Fills <paramref name="values"/> with a tensor's elements from <paramref name="first"/> on. Called in order, part by part.</summary>
public delegate void TensorReader(long first, Span<float> values);

/// <summary>A tensor to be written.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Shape">Its dimensions, the slowest first.</param>
/// <param name="Read">Where its elements come from.</param>
public sealed record TensorSource(string Name, IReadOnlyList<long> Shape, TensorReader Read)
{
    /// <summary>Number of elements.</summary>
    public long Count => Shape.Aggregate(1L, static (product, dimension) => checked(product * dimension));
}

/// <summary>Writes safetensors files: atomically, part by part, and with the same bytes for the same content.</summary>
public static class SafetensorsWriter
{
    private const int ChunkElements = 1 << 16;

    // Tensors begin at a multiple of this, as the reference implementation has it.
    private const int Alignment = 8;

    /// <summary>Writes <paramref name="tensors"/> in their order, all of type <paramref name="type"/>; metadata are sorted by key.</summary>
    /// <exception cref="GptGenException">The target cannot be written, or a finite number does not fit the type.</exception>
    public static void Write(
        string path, IReadOnlyList<TensorSource> tensors, ElementType type = ElementType.F32, IReadOnlyDictionary<string, string>? metadata = null) =>
        AtomicFile.Write(path, stream => Write(stream, tensors, type, metadata));

    /// <summary>The same into a stream, from where it stands.</summary>
    internal static void Write(Stream stream, IReadOnlyList<TensorSource> tensors, ElementType type, IReadOnlyDictionary<string, string>? metadata)
    {
        WriteHeader(stream, tensors, type, metadata);
        var values = new float[ChunkElements];
        var bytes = new byte[ChunkElements * type.Size()];
        foreach (var tensor in tensors)
        {
            for (long done = 0; done < tensor.Count; done += ChunkElements)
            {
                var part = values.AsSpan(0, (int)Math.Min(ChunkElements, tensor.Count - done));
                tensor.Read(done, part);
                WritePart(stream, tensor.Name, type, part, bytes);
            }
        }
    }

    /// <summary>Writes f32 numbers as elements of <paramref name="type"/>, through <paramref name="buffer"/>.</summary>
    internal static void WritePart(Stream stream, string name, ElementType type, ReadOnlySpan<float> values, Span<byte> buffer)
    {
        var bytes = buffer[..(values.Length * type.Size())];
        if (!ElementTypes.Encode(type, values, bytes))
            throw new GptGenException($"Tensor '{name}' has numbers that do not fit {type}. Write it as F32.");
        stream.Write(bytes);
    }

    private static void WriteHeader(
        Stream stream, IReadOnlyList<TensorSource> tensors, ElementType type, IReadOnlyDictionary<string, string>? metadata)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject("__metadata__");
                foreach (var (key, value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                    json.WriteString(key, value);
                json.WriteEndObject();
            }

            long offset = 0;
            foreach (var tensor in tensors)
                WriteEntry(json, tensor, type, ref offset);
            json.WriteEndObject();
        }

        var padded = (buffer.WrittenCount + Alignment - 1) / Alignment * Alignment;
        Span<byte> length = stackalloc byte[SafetensorsHeader.LengthSize];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)padded);
        stream.Write(length);
        stream.Write(buffer.WrittenSpan);
        for (var index = buffer.WrittenCount; index < padded; index++)
            stream.WriteByte((byte)' ');
    }

    private static void WriteEntry(Utf8JsonWriter json, TensorSource tensor, ElementType type, ref long offset)
    {
        json.WriteStartObject(tensor.Name);
        json.WriteString("dtype", type.ToString());
        json.WriteStartArray("shape");
        foreach (var dimension in tensor.Shape)
            json.WriteNumberValue(dimension);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(offset);
        offset = checked(offset + (tensor.Count * type.Size()));
        json.WriteNumberValue(offset);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
