namespace GptGen.Cpu;

/// <summary>
/// One step of the way back, up to the projection: the gradient of the outputs, cut where they were clipped, and what the step read. Rows that do not
/// count become zero.
/// </summary>
/// <param name="dy">The gradient from above, by row.</param>
/// <param name="outputs">The outputs.</param>
/// <param name="dOutputs">The gradient from the next step, by rank.</param>
/// <param name="dProjected">The result, by rank.</param>
/// <param name="dProjectedRows">The result, by row.</param>
/// <param name="beforeRows">The outputs before the step, by row.</param>
/// <param name="limit">The outputs' largest size.</param>
/// <param name="step">The step.</param>
/// <param name="goingOn">How many sequences have a next step.</param>
/// <param name="going">How many have this one.</param>
internal readonly unsafe struct LstmProjectionBackwardKernel(
    float* dy, LstmStates outputs, float* dOutputs, float* dProjected, float* dProjectedRows, float* beforeRows, float limit, nint step, nint goingOn,
    nint going) : IRangeKernel
{
    /// <inheritdoc/>
    public void Run<TSimd, TVector>(nint first, nint last, int worker)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        nint width = outputs.Width;
        for (nint rank = first; rank < last; rank++)
        {
            nint sequence = outputs.Order.Sequence(rank), start = outputs.Order.Row(sequence, step) * width;
            outputs.Copy(rank < going ? outputs.Before(sequence, step) : null, beforeRows + start);
            if (rank >= going)
            {
                outputs.Copy(null, dProjectedRows + start);
                continue;
            }

            float* after = outputs.After(sequence, step);
            for (nint i = 0; i < width; i += TSimd.Count)
            {
                nint count = Math.Min(TSimd.Count, width - i), place = rank * width + i;
                TVector gradient = VectorRuns.Load<TSimd, TVector>(dy + start + i, count);
                if (rank < goingOn)
                    gradient = TSimd.Add(gradient, VectorRuns.Load<TSimd, TVector>(dOutputs + place, count));
                TVector size = TSimd.Absolute(VectorRuns.Load<TSimd, TVector>(after + i, count));
                gradient = TSimd.SelectGreater(TSimd.Create(limit), size, gradient, TSimd.Zero);
                VectorRuns.Store<TSimd, TVector>(dProjected + place, gradient, count);
                VectorRuns.Store<TSimd, TVector>(dProjectedRows + start + i, gradient, count);
            }
        }
    }
}

/// <summary>One step of the way back through cells and gates. Rows that do not count become zero.</summary>
/// <param name="activated">The gates' values, by row.</param>
/// <param name="cells">The cells.</param>
/// <param name="dHidden">The gradient of what was projected, by rank.</param>
/// <param name="dCells">The gradient of the cells from the next step, by rank, and in its place that for the step before.</param>
/// <param name="dSums">The gradient of the gates, by rank.</param>
/// <param name="dGates">The same by row; may be <paramref name="activated"/>.</param>
/// <param name="hiddenRows">What was projected, by row.</param>
/// <param name="limit">The cells' largest size.</param>
/// <param name="step">The step.</param>
/// <param name="goingOn">How many sequences have a next step.</param>
/// <param name="going">How many have this one.</param>
internal readonly unsafe struct LstmCellBackwardKernel(
    float* activated, LstmStates cells, float* dHidden, float* dCells, float* dSums, float* dGates, float* hiddenRows, float limit, nint step,
    nint goingOn, nint going) : IRangeKernel
{
    /// <inheritdoc/>
    public void Run<TSimd, TVector>(nint first, nint last, int worker)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        nint width = cells.Width;
        TVector one = TSimd.Create(1f);
        for (nint rank = first; rank < last; rank++)
        {
            nint sequence = cells.Order.Sequence(rank), row = cells.Order.Row(sequence, step);
            if (rank >= going)
            {
                new CpuRange(dGates + row * 4 * width, 4 * width).Clear();
                cells.Copy(null, hiddenRows + row * width);
                continue;
            }

            float* before = cells.Before(sequence, step), after = cells.After(sequence, step);
            for (nint i = 0; i < width; i += TSimd.Count)
            {
                nint count = Math.Min(TSimd.Count, width - i), place = rank * width + i;
                float* kept = activated + row * 4 * width + i;
                TVector input = VectorRuns.Load<TSimd, TVector>(kept, count);
                TVector candidate = VectorRuns.Load<TSimd, TVector>(kept + width, count);
                TVector forget = VectorRuns.Load<TSimd, TVector>(kept + 2 * width, count);
                TVector exit = VectorRuns.Load<TSimd, TVector>(kept + 3 * width, count);
                TVector cell = VectorRuns.Load<TSimd, TVector>(after + i, count);
                TVector old = before == null ? TSimd.Zero : VectorRuns.Load<TSimd, TVector>(before + i, count);
                TVector bent = VectorMath.Tanh<TSimd, TVector>(cell), up = VectorRuns.Load<TSimd, TVector>(dHidden + place, count);
                VectorRuns.Store<TSimd, TVector>(hiddenRows + row * width + i, TSimd.Multiply(exit, bent), count);

                TVector gradient = TSimd.Multiply(TSimd.Multiply(up, exit), TSimd.MultiplySubtractFrom(bent, bent, one));
                if (rank < goingOn)
                    gradient = TSimd.Add(gradient, VectorRuns.Load<TSimd, TVector>(dCells + place, count));
                gradient = TSimd.SelectGreater(TSimd.Create(limit), TSimd.Absolute(cell), gradient, TSimd.Zero);
                VectorRuns.Store<TSimd, TVector>(dCells + place, TSimd.Multiply(gradient, forget), count);

                TVector dInput = TSimd.Multiply(TSimd.Multiply(gradient, candidate), Slope<TSimd, TVector>(input));
                TVector dCandidate = TSimd.Multiply(TSimd.Multiply(gradient, input), TSimd.MultiplySubtractFrom(candidate, candidate, one));
                TVector dForget = TSimd.Multiply(TSimd.Multiply(gradient, old), Slope<TSimd, TVector>(forget));
                TVector dExit = TSimd.Multiply(TSimd.Multiply(up, bent), Slope<TSimd, TVector>(exit));
                Write<TSimd, TVector>(rank, row, i, dInput, count);
                Write<TSimd, TVector>(rank, row, width + i, dCandidate, count);
                Write<TSimd, TVector>(rank, row, 2 * width + i, dForget, count);
                Write<TSimd, TVector>(rank, row, 3 * width + i, dExit, count);
            }
        }
    }

    /// <summary>The logistic function's slope, from its value.</summary>
    private static TVector Slope<TSimd, TVector>(TVector value)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged =>
        TSimd.MultiplySubtractFrom(value, value, value);

    private void Write<TSimd, TVector>(nint rank, nint row, nint place, TVector gradient, nint count)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        VectorRuns.Store<TSimd, TVector>(dSums + rank * 4 * cells.Width + place, gradient, count);
        VectorRuns.Store<TSimd, TVector>(dGates + row * 4 * cells.Width + place, gradient, count);
    }
}
