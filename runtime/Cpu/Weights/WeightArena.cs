using GptGen.Checkpoints;
using GptGen.Checkpoints.Gguf;

namespace GptGen.Cpu;

/// <summary>
/// Parameters of which matrices are kept in a smaller type than f32: what is written is rounded to it, and what is read is what it holds. Operators
/// that decode what they read can use such matrices, and nothing can train them.
/// </summary>
internal sealed unsafe class WeightArena(CpuDevice device, ModelDescription model, WeightLayout layout)
    : CpuArena(device, BufferRole.Parameter, model.ParameterElements, layout.Bytes)
{
    /// <summary>Elements that are worth a thread of their own to encode.</summary>
    private const int Piece = 1 << 14;

    /// <inheritdoc/>
    public override float* FloatsAt(nint offset)
    {
        WeightSegment segment = layout.Find(offset);
        return segment.Type == ElementType.F32
            ? (float*)(Memory + segment.ByteOf(offset))
            : throw new GptGenException(
                $"These weights are kept as {segment.Type}, in which they can be used but not trained: use a device that keeps them as F32.");
    }

    /// <inheritdoc/>
    public override WeightMatrix MatrixAt(nint offset, int columns)
    {
        WeightSegment segment = layout.Find(offset);
        return new(Memory + segment.ByteOf(offset), (nint)segment.Type.BytesOf(columns), segment.Type);
    }

    /// <inheritdoc/>
    internal override Span<byte> Stored(nint offset, nint count, ElementType type)
    {
        WeightSegment segment = layout.Find(offset);
        var bytes = type.BytesOf(count);
        return segment.Type == type && segment.Run(offset, count, out nint inside) == count && inside == 0 && bytes <= int.MaxValue
            ? new(Memory + segment.ByteOf(offset), (int)bytes)
            : default;
    }

    /// <inheritdoc/>
    internal override void WriteColumns(nint offset, int rows, int columns, int first, ReadOnlySpan<float> values)
    {
        WeightSegment segment = layout.Find(offset);
        if (segment.Type == ElementType.F32)
        {
            base.WriteColumns(offset, rows, columns, first, values);
            return;
        }

        const int RowsAtOnce = 8;
        int count = values.Length / rows;
        Span<float> turned = stackalloc float[RowsAtOnce * ParameterLoading.ColumnsAtOnce];
        fixed (float* from = values, to = turned)
        {
            for (int row = 0; row < rows; row += RowsAtOnce)
            {
                int height = Math.Min(RowsAtOnce, rows - row);
                PanelPacking.WriteColumns(from + row, rows, height, count, to, count);
                for (int line = 0; line < height; line++)
                    Encode(segment, offset + (nint)(row + line) * columns + first, turned.Slice(line * count, count));
            }
        }
    }

    /// <inheritdoc/>
    protected override void WriteNumbers(nint offset, ReadOnlySpan<float> values)
    {
        Span<float> block = stackalloc float[QuantizedBlocks.Elements];
        for (nint count; !values.IsEmpty; offset += count, values = values[(int)count..])
        {
            WeightSegment segment = layout.Find(offset);
            count = segment.Run(offset, values.Length, out nint inside);
            if (inside == 0 && count % segment.Unit == 0)
            {
                Encode(segment, offset, values[..(int)count]);
                continue;
            }

            // Numbers of a block change: its others are rounded with them.
            Span<float> whole = block[..segment.Unit];
            Decode(segment, offset - inside, whole);
            values[..(int)count].CopyTo(whole[(int)inside..]);
            Encode(segment, offset - inside, whole);
        }
    }

    /// <inheritdoc/>
    protected override void ReadNumbers(nint offset, Span<float> values)
    {
        Span<float> block = stackalloc float[QuantizedBlocks.Elements];
        for (nint count; !values.IsEmpty; offset += count, values = values[(int)count..])
        {
            WeightSegment segment = layout.Find(offset);
            count = segment.Run(offset, values.Length, out nint inside);
            if (inside == 0 && count % segment.Unit == 0)
            {
                Decode(segment, offset, values[..(int)count]);
                continue;
            }

            Span<float> whole = block[..segment.Unit];
            Decode(segment, offset - inside, whole);
            whole.Slice((int)inside, (int)count).CopyTo(values);
        }
    }

    /// <inheritdoc/>
    protected override void ClearElements(nint offset, nint count)
    {
        Span<float> zeros = stackalloc float[QuantizedBlocks.Elements];
        zeros.Clear();
        for (nint end = offset + count; offset < end; offset += zeros.Length)
            WriteNumbers(offset, zeros[..(int)Math.Min(zeros.Length, end - offset)]);
    }

    private void Encode(in WeightSegment segment, nint offset, ReadOnlySpan<float> values)
    {
        ElementType type = segment.Type;
        byte* to = Memory + segment.ByteOf(offset);
        int count = values.Length;
        if (count <= Piece)
        {
            EncodePiece(type, values, to);
            return;
        }

        fixed (float* from = values)
        {
            float* start = from;
            Device.ForEach((count + Piece - 1) / Piece, index =>
            {
                int first = index * Piece;
                EncodePiece(type, new(start + first, Math.Min(Piece, count - first)), to + (nint)type.BytesOf(first));
            });
        }
    }

    private static void EncodePiece(ElementType type, ReadOnlySpan<float> values, byte* to)
    {
        if (!ElementBlocks.Encode(type, values, new(to, (int)type.BytesOf(values.Length))))
            throw new GptGenException($"The weights have numbers that do not fit {type}: keep them as F32, or check where they come from.");
    }

    private void Decode(in WeightSegment segment, nint offset, Span<float> values)
    {
        // Spans of bytes end at 2 GiB, long after those of numbers.
        ElementBlocks.Decode(segment.Type, new(Memory + segment.ByteOf(offset), checked((int)segment.Type.BytesOf(values.Length))), values);
    }
}
