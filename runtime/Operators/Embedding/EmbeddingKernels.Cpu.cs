namespace GptGen.Cpu;

/// <summary>Rows of token plus position, with dropout.</summary>
internal readonly unsafe struct EmbedKernel(
    int* tokens, int* positions, WeightMatrix tokenTable, WeightMatrix positionTable, DropoutMask mask, float* y, int width) : IRangeKernel
{
    /// <inheritdoc/>
    public void Run<TSimd, TVector>(nint first, nint last, int worker)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        float* tokenBuffer = stackalloc float[tokenTable.IsFloat32 ? 1 : width];
        float* positionBuffer = stackalloc float[positionTable.IsFloat32 ? 1 : width];
        for (nint row = first; row < last; row++)
        {
            float* token = tokenTable.Row<TSimd, TVector>(tokens[row], width, tokenBuffer), to = y + row * width;
            float* position = positionTable.Row<TSimd, TVector>(positions[row], width, positionBuffer);
            nint i = 0;
            for (; i <= width - TSimd.Count; i += TSimd.Count)
                TSimd.Store(to + i, TSimd.Add(TSimd.Load(token + i), TSimd.Load(position + i)));
            for (; i < width; i++)
                to[i] = token[i] + position[i];
            if (mask.IsActive)
                mask.Apply(to, to, row * width, width);
        }
    }
}

/// <summary>
/// Adds each row, masked and times a factor, to the rows with its indices in one table or two (<paramref name="others"/> may be null), for some
/// columns: the rows are added in their order.
/// </summary>
internal readonly unsafe struct AddRowsKernel(
    int* indices, int* others, float* dy, DropoutMask mask, float scale, float* table, float* otherTable, int rows, int width) : IRangeKernel
{
    /// <inheritdoc/>
    public void Run<TSimd, TVector>(nint first, nint last, int worker)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        nint count = last - first;
        float* masked = stackalloc float[(int)count];
        for (nint row = 0; row < rows; row++)
        {
            float* gradient = dy + row * width + first;
            if (mask.IsActive)
            {
                mask.Apply(gradient, masked, row * width + first, count);
                gradient = masked;
            }

            VectorRuns.AddScaled<TSimd, TVector>(table + (nint)indices[row] * width + first, gradient, scale, count);
            if (others != null)
                VectorRuns.AddScaled<TSimd, TVector>(otherTable + (nint)others[row] * width + first, gradient, scale, count);
        }
    }
}
