namespace GptGen.Cpu;

/// <summary>The sequences of a batch by falling length, so that those which have a step are always the first ones, without gaps.</summary>
/// <param name="lengths">Rows of each sequence that count.</param>
/// <param name="memory">Room for <see cref="Count"/> integers.</param>
/// <param name="shape">The scan.</param>
internal readonly unsafe struct LstmOrder(int* lengths, int* memory, in LstmShape shape)
{
    private readonly int length = shape.Length;
    private readonly int sequences = shape.Sequences;
    private readonly bool isBackward = shape.IsBackward;

    /// <summary>Integers that an order takes: the sequence of each rank, and of each step how many sequences have it.</summary>
    public static nint Count(in LstmShape shape) => shape.Sequences + 2 * (shape.Length + 1);

    private int* Going => memory + sequences;

    /// <summary>Sorts. Equal lengths keep their order.</summary>
    public void Sort()
    {
        int* going = Going;
        int* next = going + length + 1;
        new Span<int>(going, length + 1).Clear();
        for (nint sequence = 0; sequence < sequences; sequence++)
            going[lengths[sequence]]++;
        int longer = 0;
        for (nint step = length; step >= 0; step--)
        {
            int equal = going[step];
            going[step] = next[step] = longer;
            longer += equal;
        }

        for (int sequence = 0; sequence < sequences; sequence++)
            memory[next[lengths[sequence]]++] = sequence;
    }

    /// <summary>How many sequences are longer than <paramref name="step"/> rows.</summary>
    public int GoingAt(nint step) => Going[step];

    /// <summary>The sequence of a rank.</summary>
    public int Sequence(nint rank) => memory[rank];

    /// <summary>The row of a sequence's step; behind its end the rows from there on, in either direction.</summary>
    public nint Row(nint sequence, nint step)
    {
        nint count = lengths[sequence];
        return sequence * length + (isBackward && step < count ? count - 1 - step : step);
    }
}
