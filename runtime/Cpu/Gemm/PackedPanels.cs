using System.Runtime.CompilerServices;

namespace GptGen.Cpu;

/// <summary>
/// How a matrix lies that is kept as products read it: all panels of the first block of depth one behind the other, then those of the next. The last
/// panel is filled up with zeros.
/// </summary>
/// <param name="Lines">Rows of the matrix.</param>
/// <param name="Depth">Elements of a row.</param>
/// <param name="Width">Rows of a panel, the columns of a tile of the result.</param>
internal readonly unsafe record struct PackedPanels(nint Lines, nint Depth, int Width)
{
    private readonly nint block = Gemm.BlockOf(Depth);

    /// <summary>Floats of everything.</summary>
    public nint Floats => Panels * Width * Depth;

    private nint Panels => (Lines + Width - 1) / Width;

    /// <summary>Where a panel begins in the block from some depth on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public nint PanelAt(nint panel, nint depth) => (depth * Panels + panel * Math.Min(block, Depth - depth)) * Width;

    /// <summary>Writes elements that lie row by row, from any one on.</summary>
    /// <param name="panels">The matrix.</param>
    /// <param name="first">The first element, counted row by row.</param>
    /// <param name="values">They.</param>
    public void Write(float* panels, nint first, ReadOnlySpan<float> values)
    {
        fixed (float* start = values)
        {
            nint left = values.Length;
            for (float* from = start; left > 0;)
            {
                // Rows of one panel together, as far as they are whole.
                (nint line, nint depth) = (first / Depth, first % Depth);
                nint lines = depth == 0 ? Math.Clamp(left / Depth, 1, Width - line % Width) : 1;
                nint end = lines > 1 ? Depth : Math.Min(Depth, depth + left);
                float* row = from - depth;
                for (nint k = depth; k < end;)
                {
                    float* to = panels + RunAt(line, k, out nint count);
                    count = Math.Min(count, end - k);
                    PanelPacking.WriteColumns(row + k, Depth, count, (int)lines, to, Width);
                    k += count;
                }

                nint written = lines * (end - depth);
                from += written;
                first += written;
                left -= written;
            }
        }
    }

    /// <summary>Writes some columns, given one behind the other, of neighbouring rows.</summary>
    /// <param name="panels">The matrix.</param>
    /// <param name="line">The first row.</param>
    /// <param name="lines">How many rows.</param>
    /// <param name="first">The first column.</param>
    /// <param name="values">The columns, each of <paramref name="lines"/> elements.</param>
    public void WriteColumns(float* panels, nint line, int lines, nint first, ReadOnlySpan<float> values)
    {
        for (; !values.IsEmpty; values = values[lines..], first++)
        {
            for (int done = 0, count; done < lines; done += count)
            {
                count = (int)Math.Min(Width - (line + done) % Width, lines - done);
                values.Slice(done, count).CopyTo(new(panels + RunAt(line + done, first, out _), count));
            }
        }
    }

    /// <summary>Reads elements row by row, from any one on.</summary>
    /// <param name="panels">The matrix.</param>
    /// <param name="first">The first element, counted row by row.</param>
    /// <param name="values">Where they go.</param>
    public void Read(float* panels, nint first, Span<float> values)
    {
        for (int done = 0; done < values.Length;)
        {
            float* from = panels + RunAt(first / Depth, first % Depth, out nint count);
            count = Math.Min(count, values.Length - done);
            for (nint end = done + count; done < end; from += Width)
                values[done++] = *from;
            first += count;
        }
    }

    /// <summary>
    /// Where some elements of a row lie, <see cref="Width"/> floats from one to the next, and how many: as far as their block goes.
    /// </summary>
    private nint RunAt(nint line, nint depth, out nint count)
    {
        nint start = depth / block * block;
        count = Math.Min(start + block, Depth) - depth;
        return PanelAt(line / Width, start) + (depth - start) * Width + line % Width;
    }
}
