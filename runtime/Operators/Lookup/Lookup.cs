namespace GptGen;

public abstract partial class Device
{
    /// <summary>y[r] (+)= scale x table[indices[r]].</summary>
    public void Lookup<TCount, TWidth>(Integers indices, Matrix<TCount, TWidth> table, float scale, Rows<TWidth> y, GradientWrite write)
        where TCount : struct, IDimension
        where TWidth : struct, IDimension
    {
        using var call = Begin();
        NeedChoices(indices, y.Count, 0, TCount.Size);
        NeedStored(table);
        Need(y, y.Count);
        Lookup(indices.Start, table.Start, scale, y.Start, write, y.Count, TWidth.Size);
    }

    /// <summary>
    /// dTable[indices[r]] (+)= scale x dy[r], in the order of the rows, so that the sum is the same whatever the number of threads.
    /// <see cref="GradientWrite.Write"/> makes the rows of unused entries zero.
    /// </summary>
    public void LookupBackward<TCount, TWidth>(Integers indices, Rows<TWidth> dy, float scale, Matrix<TCount, TWidth> dTable, GradientWrite write)
        where TCount : struct, IDimension
        where TWidth : struct, IDimension
    {
        using var call = Begin();
        NeedChoices(indices, dy.Count, 0, TCount.Size);
        Need(dy, dy.Count);
        NeedStored(dTable);
        LookupBackward(indices.Start, dy.Start, scale, dTable.Start, write, TCount.Stored, dy.Count, TWidth.Size);
    }

    /// <summary>The untyped core of <c>Lookup</c> and <c>Gather</c>: the table may also consist of activations.</summary>
    protected abstract void Lookup(Location indices, Location table, float scale, Location y, GradientWrite write, int rows, int width);

    /// <summary>
    /// The untyped core of <c>LookupBackward</c> and <c>GatherBackward</c>; <paramref name="tableRows"/> is the number of rows of dTable.
    /// </summary>
    protected abstract void LookupBackward(
        Location indices, Location dy, float scale, Location dTable, GradientWrite write, int tableRows, int rows, int width);
}
