namespace GptGen;

public abstract partial class Device
{
    /// <summary>
    /// y[s] = the mean of the first lengths[s] rows of sequence s, zero where there are none; x has the rows of as many sequences as y has rows,
    /// each of x.Count / y.Count positions. What the other rows hold counts for nothing.
    /// </summary>
    /// <exception cref="ArgumentException">The rows cannot be shared among the sequences, or a sequence is said to be longer.</exception>
    public void MeanRows<TWidth>(Rows<TWidth> x, Integers lengths, Rows<TWidth> y)
        where TWidth : struct, IDimension
    {
        using var call = Begin();
        Need(x, x.Count);
        Need(y, y.Count);
        var length = Members(x.Count, y.Count);
        NeedChoices(lengths, y.Count, 0, length + 1);
        MeanRows(x.Start, lengths.Start, y.Start, y.Count, length, TWidth.Size);
    }

    /// <summary>The untyped core of <c>MeanRows</c>.</summary>
    protected abstract void MeanRows(Location x, Location lengths, Location y, int sequences, int length, int width);
}
