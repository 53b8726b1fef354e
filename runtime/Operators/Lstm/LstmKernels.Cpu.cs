namespace GptGen.Cpu;

/// <summary>
/// One step's gates, cells and hidden numbers, a sequence after the other. What a sequence has for this step alone lies by its rank, what it keeps by
/// its row.
/// </summary>
/// <param name="gates">What the inputs contribute, by row.</param>
/// <param name="products">What the outputs before contribute, by rank; null where they are zero.</param>
/// <param name="activated">The gates' values, by row.</param>
/// <param name="cells">The cells.</param>
/// <param name="hidden">What is projected, by rank.</param>
/// <param name="limit">The largest size of a cell.</param>
/// <param name="step">The step.</param>
internal readonly unsafe struct LstmCellKernel(
    float* gates, float* products, float* activated, LstmStates cells, float* hidden, float limit, nint step) : IRangeKernel
{
    /// <inheritdoc/>
    public void Run<TSimd, TVector>(nint first, nint last, int worker)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        nint width = cells.Width;
        for (nint rank = first; rank < last; rank++)
        {
            nint sequence = cells.Order.Sequence(rank), start = cells.Order.Row(sequence, step) * 4 * width;
            float* added = products == null ? null : products + rank * 4 * width;
            float* before = cells.Before(sequence, step), after = cells.After(sequence, step);
            for (nint i = 0; i < width; i += TSimd.Count)
            {
                nint count = Math.Min(TSimd.Count, width - i);
                TVector input = VectorMath.Sigmoid<TSimd, TVector>(Sum<TSimd, TVector>(gates + start, added, i, count));
                TVector candidate = VectorMath.Tanh<TSimd, TVector>(Sum<TSimd, TVector>(gates + start, added, width + i, count));
                TVector forget = VectorMath.Sigmoid<TSimd, TVector>(
                    TSimd.Add(Sum<TSimd, TVector>(gates + start, added, 2 * width + i, count), TSimd.Create(1f)));
                TVector exit = VectorMath.Sigmoid<TSimd, TVector>(Sum<TSimd, TVector>(gates + start, added, 3 * width + i, count));
                TVector old = before == null ? TSimd.Zero : VectorRuns.Load<TSimd, TVector>(before + i, count);
                TVector cell = TSimd.MultiplyAdd(forget, old, TSimd.Multiply(input, candidate));
                cell = TSimd.Minimum(TSimd.Create(limit), TSimd.Maximum(TSimd.Create(-limit), cell));
                float* kept = activated + start + i;
                VectorRuns.Store<TSimd, TVector>(kept, input, count);
                VectorRuns.Store<TSimd, TVector>(kept + width, candidate, count);
                VectorRuns.Store<TSimd, TVector>(kept + 2 * width, forget, count);
                VectorRuns.Store<TSimd, TVector>(kept + 3 * width, exit, count);
                VectorRuns.Store<TSimd, TVector>(after + i, cell, count);
                VectorRuns.Store<TSimd, TVector>(
                    hidden + rank * width + i, TSimd.Multiply(exit, VectorMath.Tanh<TSimd, TVector>(cell)), count);
            }
        }
    }

    private static TVector Sum<TSimd, TVector>(float* gate, float* added, nint place, nint count)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        TVector value = VectorRuns.Load<TSimd, TVector>(gate + place, count);
        return added == null ? value : TSimd.Add(value, VectorRuns.Load<TSimd, TVector>(added + place, count));
    }
}

/// <summary>Clips one step's outputs, by rank, and stores them; sequences without this step get a row of zeros in its place.</summary>
/// <param name="projected">The outputs, by rank; the next step reads them here.</param>
/// <param name="outputs">Where they are kept.</param>
/// <param name="limit">Their largest size.</param>
/// <param name="step">The step.</param>
/// <param name="going">How many sequences have it.</param>
internal readonly unsafe struct LstmProjectionKernel(float* projected, LstmStates outputs, float limit, nint step, nint going) : IRangeKernel
{
    /// <inheritdoc/>
    public void Run<TSimd, TVector>(nint first, nint last, int worker)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        nint width = outputs.Width;
        for (nint rank = first; rank < last; rank++)
        {
            float* after = outputs.After(outputs.Order.Sequence(rank), step);
            if (rank >= going)
            {
                outputs.Copy(null, after);
                continue;
            }

            float* values = projected + rank * width;
            for (nint i = 0; i < width; i += TSimd.Count)
            {
                nint count = Math.Min(TSimd.Count, width - i);
                TVector value = VectorRuns.Load<TSimd, TVector>(values + i, count);
                value = TSimd.Minimum(TSimd.Create(limit), TSimd.Maximum(TSimd.Create(-limit), value));
                VectorRuns.Store<TSimd, TVector>(values + i, value, count);
                VectorRuns.Store<TSimd, TVector>(after + i, value, count);
            }
        }
    }
}
