using System.Buffers.Binary;
using System.Text;

namespace GptGen.Checkpoints.Gguf;

/// <summary>A tensor to be written into a GGUF file.</summary>
/// <param name="Source">Its name there, its shape and its numbers.</param>
/// <param name="Type">How it is stored.</param>
internal sealed record GgufTensor(TensorSource Source, ElementType Type)
{
    /// <summary>Bytes that it takes.</summary>
    internal long Size => Type.BytesOf(Source.Count);
}

/// <summary>Writes a GGUF file into a stream, part by part, and with the same bytes for the same content.</summary>
internal sealed class GgufWriter(Stream stream)
{
    private const int ChunkElements = 1 << 16;

    private long position;

    /// <summary>Writes a whole file.</summary>
    /// <param name="values">
    /// The metadata: uint, int, float, bool, string, and arrays of string and int; each key once.
    /// </param>
    /// <param name="tensors">The tensors.</param>
    /// <exception cref="GptGenException">A number does not fit its tensor's type.</exception>
    internal void Write(IReadOnlyList<(string Key, object Value)> values, IReadOnlyList<GgufTensor> tensors)
    {
        Put(GgufFormat.Magic);
        Put(GgufFormat.Version);
        Put((ulong)tensors.Count);
        Put((ulong)values.Count);
        foreach (var (key, value) in values)
        {
            Put(key);
            PutValue(value);
        }

        ulong offset = 0;
        foreach (var tensor in tensors)
        {
            PutInfo(tensor, offset);
            offset += (ulong)Padded(tensor.Size);
        }

        Pad();
        foreach (var tensor in tensors)
        {
            PutNumbers(tensor);
            Pad();
        }
    }

    private static long Padded(long size) => (size + GgufFormat.Alignment - 1) / GgufFormat.Alignment * GgufFormat.Alignment;

    private void PutInfo(GgufTensor tensor, ulong offset)
    {
        Put(tensor.Source.Name);
        Put((uint)tensor.Source.Shape.Count);
        foreach (var size in tensor.Source.Shape.Reverse())
            Put((ulong)size);
        Put(GgufTensorTypes.Number(tensor.Type));
        Put(offset);
    }

    private void PutNumbers(GgufTensor tensor)
    {
        var source = tensor.Source;
        var values = new float[(int)Math.Min(ChunkElements, source.Count)];
        var bytes = new byte[tensor.Type.BytesOf(values.Length)];
        for (long done = 0; done < source.Count; done += values.Length)
        {
            var part = values.AsSpan(0, (int)Math.Min(values.Length, source.Count - done));
            source.Read(done, part);
            var encoded = bytes.AsSpan(0, (int)tensor.Type.BytesOf(part.Length));
            if (!ElementBlocks.Encode(tensor.Type, part, encoded))
                throw new GptGenException($"Tensor '{source.Name}' has numbers that do not fit {tensor.Type}. Write it as F32.");
            Put(encoded);
        }
    }

    private void PutValue(object value)
    {
        switch (value)
        {
            case string[] texts:
                PutArray(GgufValueType.String, texts.Length);
                foreach (var text in texts)
                    Put(text);
                break;
            case int[] numbers:
                PutArray(GgufValueType.Int32, numbers.Length);
                foreach (var number in numbers)
                    Put((uint)number);
                break;
            case string text:
                Put(GgufValueType.String);
                Put(text);
                break;
            case uint number:
                Put(GgufValueType.UInt32);
                Put(number);
                break;
            case float number:
                Put(GgufValueType.Float32);
                Put(BitConverter.SingleToUInt32Bits(number));
                break;
            case bool flag:
                Put(GgufValueType.Bool);
                Put([flag ? (byte)1 : (byte)0]);
                break;
            default:
                throw new ArgumentException($"A value of {value.GetType()} has no type in GGUF.", nameof(value));
        }
    }

    private void PutArray(GgufValueType type, int count)
    {
        Put(GgufValueType.Array);
        Put(type);
        Put((ulong)count);
    }

    private void Put(GgufValueType type) => Put((uint)type);

    private void Put(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Put((ulong)bytes.Length);
        Put(bytes);
    }

    private void Put(uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        Put(bytes);
    }

    private void Put(ulong value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        Put(bytes);
    }

    private void Put(ReadOnlySpan<byte> bytes)
    {
        stream.Write(bytes);
        position += bytes.Length;
    }

    private void Pad()
    {
        Span<byte> zeros = stackalloc byte[GgufFormat.Alignment];
        zeros.Clear();
        Put(zeros[..(int)(Padded(position) - position)]);
    }
}
