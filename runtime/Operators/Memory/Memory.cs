namespace GptGen;

public abstract partial class Device
{
    /// <summary>
    /// What a sequence remembers and its own rows, one behind the other: joined[s] = [memory[s]; x[s]] for each of so many sequences, to which all
    /// rows belong alike. There may be no memory.
    /// </summary>
    /// <exception cref="ArgumentException">The rows do not belong to so many sequences alike.</exception>
    public void JoinMemory<TWidth>(Rows<TWidth> memory, Rows<TWidth> x, int sequences, Rows<TWidth> joined)
        where TWidth : struct, IDimension
    {
        using var call = Begin();
        var (remembered, own) = (LengthOf(memory, sequences), LengthOf(x, sequences));
        Need(joined, memory.Count + x.Count);
        CopySlices(
            new(memory.Start, remembered, 0), new(joined.Start, remembered + own, 0), remembered, sequences, TWidth.Size, GradientWrite.Write);
        CopySlices(new(x.Start, own, 0), new(joined.Start, remembered + own, remembered), own, sequences, TWidth.Size, GradientWrite.Write);
    }

    /// <summary>dx[s] (+)= the last rows of dJoined[s], as many as a sequence of dx has: nothing goes back into the memory.</summary>
    /// <exception cref="ArgumentException">The rows do not belong to so many sequences alike, or there are too few.</exception>
    public void JoinMemoryBackward<TWidth>(Rows<TWidth> dJoined, int sequences, Rows<TWidth> dx, GradientWrite write)
        where TWidth : struct, IDimension
    {
        using var call = Begin();
        CopyLast(dJoined, dx, sequences, write);
    }

    /// <summary>
    /// memory[s] = the last rows of joined[s], as many as a sequence of the memory has: what the next segment remembers. The two do not overlap, and
    /// there is no gradient.
    /// </summary>
    /// <exception cref="ArgumentException">The rows do not belong to so many sequences alike, or there are too few.</exception>
    public void KeepMemory<TWidth>(Rows<TWidth> joined, int sequences, Rows<TWidth> memory)
        where TWidth : struct, IDimension
    {
        using var call = Begin();
        CopyLast(joined, memory, sequences, GradientWrite.Write);
    }

    private void CopyLast<TWidth>(Rows<TWidth> from, Rows<TWidth> to, int sequences, GradientWrite write)
        where TWidth : struct, IDimension
    {
        var (length, kept) = (LengthOf(from, sequences), LengthOf(to, sequences));
        AtLeast(length, kept, "rows a sequence", nameof(from));
        CopySlices(new(from.Start, length, length - kept), new(to.Start, kept, 0), kept, sequences, TWidth.Size, write);
    }

    private int LengthOf<TWidth>(Rows<TWidth> rows, int sequences)
        where TWidth : struct, IDimension
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sequences);
        Need(rows, rows.Count);
        return PerSequence(rows.Count, sequences);
    }

    /// <summary>
    /// Copies or adds <paramref name="rows"/> neighbouring rows of each sequence from one place to another; the core of all that joins and keeps
    /// memory.
    /// </summary>
    protected abstract void CopySlices(in SequenceSlice from, in SequenceSlice to, int rows, int sequences, int width, GradientWrite write);
}

/// <summary>Neighbouring rows of each sequence of a batch.</summary>
/// <param name="Start">The first sequence's first row.</param>
/// <param name="Length">Rows of a sequence.</param>
/// <param name="First">The first row of each that is meant.</param>
public readonly record struct SequenceSlice(Location Start, int Length, int First);
