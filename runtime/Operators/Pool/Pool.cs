namespace GptGen;

public abstract partial class Device
{
    /// <summary>
    /// y[i] = dropout(the sum over m of x[rows[i x members + m]]), where members = rows.Count / y.Count: picks rows, adds those of a group, and
    /// drops elements of the sum. The dropout's element index is i x width + column. No rows at all are allowed.
    /// </summary>
    public void Pool<TWidth>(Rows<TWidth> x, Integers rows, DropoutSite dropout, Rows<TWidth> y)
        where TWidth : struct, IDimension
    {
        using var call = Begin();
        Need(x, x.Count);
        NeedChoices(rows, rows.Count, 0, x.Count);
        Need(y, y.Count);
        Pool(x.Start, rows.Start, dropout, y.Start, Members(rows.Count, y.Count), y.Count, TWidth.Size);
    }

    /// <summary>
    /// dx[rows[i x members + m]] (+)= dy[i], masked as in the forward pass; with <see cref="GradientWrite.Write"/> every other row of dx becomes
    /// zero. A row is picked at most once.
    /// </summary>
    public void PoolBackward<TWidth>(Rows<TWidth> dy, Integers rows, DropoutSite dropout, Rows<TWidth> dx, GradientWrite write)
        where TWidth : struct, IDimension
    {
        using var call = Begin();
        Need(dy, dy.Count);
        NeedChoices(rows, rows.Count, 0, dx.Count);
        Need(dx, dx.Count);
        PoolBackward(dy.Start, rows.Start, dropout, dx.Start, write, Members(rows.Count, dy.Count), dy.Count, dx.Count, TWidth.Size);
    }

    /// <summary>The untyped core of <c>Pool</c>: <paramref name="count"/> sums of <paramref name="members"/> rows.</summary>
    protected abstract void Pool(Location x, Location rows, DropoutSite dropout, Location y, int members, int count, int width);

    /// <summary>The untyped core of <c>PoolBackward</c>; <paramref name="inputRows"/> is the number of rows of dx.</summary>
    protected abstract void PoolBackward(
        Location dy, Location rows, DropoutSite dropout, Location dx, GradientWrite write, int members, int count, int inputRows, int width);

    private static int Members(int rows, int sums)
    {
        if (sums == 0)
            return 0;
        return rows % sums == 0 ? rows / sums : throw new ArgumentException($"{rows} rows cannot be pooled into {sums} of equally many.");
    }
}
