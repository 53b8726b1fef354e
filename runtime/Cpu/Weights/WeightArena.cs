using System.Runtime.InteropServices;
using GptGen.Checkpoints;
using GptGen.Checkpoints.Gguf;

namespace GptGen.Cpu;

/// <summary>
/// Parameters whose matrices nothing trains: kept in a smaller type than f32, to which what is written is rounded and which operators decode as they
/// read it, or as f32 in the panels that products read.
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
        if (segment.Type != ElementType.F32)
        {
            throw new GptGenException(
                $"These weights are kept as {segment.Type}, in which they can be used but not trained: use a device that keeps them as F32.");
        }

        return !segment.IsPacked
            ? (float*)(Memory + segment.ByteOf(offset))
            : throw new GptGenException(
                "These weights are kept for inference only: train them on a device that is not opened for it alone.");
    }

    /// <inheritdoc/>
    public override WeightMatrix MatrixAt(nint offset, int columns)
    {
        WeightSegment segment = layout.Find(offset);
        if (segment.IsPacked)
        {
            return offset == segment.First
                ? new((float*)(Memory + segment.Start), segment.Panels)
                : throw new ArgumentOutOfRangeException(nameof(offset), offset, "A matrix in panels is used from its first row on.");
        }

        return new(Memory + segment.ByteOf(offset), (nint)segment.Type.BytesOf(columns), segment.Type);
    }

    /// <inheritdoc/>
    internal override Span<byte> Stored(nint offset, nint count, ElementType type)
    {
        WeightSegment segment = layout.Find(offset);
        var bytes = type.BytesOf(count);
        bool isAlike = segment.Type == type && !segment.IsPacked;
        return isAlike && segment.Run(offset, count, out nint inside) == count && inside == 0 && bytes <= int.MaxValue
            ? new(Memory + segment.ByteOf(offset), (int)bytes)
            : default;
    }

    /// <inheritdoc/>
    internal override void WriteColumns(nint offset, int rows, int columns, int first, ReadOnlySpan<float> values)
    {
        WeightSegment segment = layout.Find(offset);
        if (segment.IsPacked)
        {
            segment.Panels.WriteColumns(
                (float*)(Memory + segment.Start), (offset - segment.First) / columns, rows, (offset - segment.First) % columns + first, values);
            return;
        }

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
            if (segment.IsPacked)
            {
                segment.Panels.Write((float*)(Memory + segment.Start), offset - segment.First, values[..(int)count]);
                continue;
            }

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
            if (segment.IsPacked)
            {
                segment.Panels.Read((float*)(Memory + segment.Start), offset - segment.First, values[..(int)count]);
                continue;
            }

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
        for (nint end = offset + count, done; offset < end; offset += done)
        {
            WeightSegment segment = layout.Find(offset);
            if (offset == segment.First && end - offset >= segment.Elements)
            {
                // The bytes of zeros are zero in every type.
                NativeMemory.Clear(Memory + segment.Start, (nuint)segment.Bytes);
                done = segment.Elements;
                continue;
            }

            done = Math.Min(zeros.Length, Math.Min(end, segment.First + segment.Elements) - offset);
            WriteNumbers(offset, zeros[..(int)done]);
        }
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
