namespace GptGen.Cpu;

/// <summary>What an LSTM carries from step to step, cells or outputs, where it lies in rows.</summary>
/// <param name="rows">After each step, [sequences x length, width].</param>
/// <param name="initial">Before the first step, [sequences, width]; null where that is zero.</param>
/// <param name="width">Numbers of a row.</param>
/// <param name="order">The sequences.</param>
/// <param name="toPrevious">Rows from one step's to that of the step before.</param>
internal readonly unsafe struct LstmStates(float* rows, float* initial, int width, LstmOrder order, int toPrevious)
{
    /// <summary>The sequences.</summary>
    public LstmOrder Order => order;

    /// <summary>Numbers of a row.</summary>
    public int Width => width;

    /// <summary>After a step; behind a sequence's end a row that does not count.</summary>
    public float* After(nint sequence, nint step) => rows + order.Row(sequence, step) * width;

    /// <summary>Before a step that the sequence has; null where that is zero.</summary>
    public float* Before(nint sequence, nint step) =>
        step > 0 ? rows + (order.Row(sequence, step) + toPrevious) * width : initial == null ? null : initial + sequence * width;

    /// <summary>
    /// Copies what each sequence has after its last step, or without steps before the first, to [sequences, width], unless that is null.
    /// </summary>
    public void CopyLast(float* final, int* lengths, nint sequences)
    {
        for (nint sequence = 0; final != null && sequence < sequences; sequence++)
            Copy(lengths[sequence] > 0 ? After(sequence, lengths[sequence] - 1) : Before(sequence, 0), final + sequence * width);
    }

    /// <summary>Copies a row, or clears where there is none.</summary>
    public void Copy(float* source, float* destination)
    {
        if (source == null)
            new CpuRange(destination, width).Clear();
        else
            CpuRange.Copy(source, destination, width);
    }
}
