namespace GptGen;

// Rows of activations are picked as those of a table are: the cores are those of Lookup.
public abstract partial class Device
{
    /// <summary>y[i] = x[indices[i]]: picks rows, such as each sequence's last.</summary>
    public void Gather<TWidth>(Rows<TWidth> x, Integers indices, Rows<TWidth> y)
        where TWidth : struct, IDimension
    {
        using var call = Begin();
        Need(x, x.Count);
        NeedChoices(indices, y.Count, 0, x.Count);
        Need(y, y.Count);
        Lookup(indices.Start, x.Start, 1, y.Start, GradientWrite.Write, y.Count, TWidth.Size);
    }

    /// <summary>
    /// dx[indices[i]] (+)= dy[i]; with <see cref="GradientWrite.Write"/> dx begins as zero. A row may be picked several times: what comes to it is
    /// added in the order of dy's rows, whatever the number of threads. No rows at all are allowed.
    /// </summary>
    public void GatherBackward<TWidth>(Rows<TWidth> dy, Integers indices, Rows<TWidth> dx, GradientWrite write)
        where TWidth : struct, IDimension
    {
        using var call = Begin();
        Need(dy, dy.Count);
        NeedChoices(indices, dy.Count, 0, dx.Count);
        Need(dx, dx.Count);
        LookupBackward(indices.Start, dy.Start, 1, dx.Start, write, dx.Count, dy.Count, TWidth.Size);
    }

    /// <summary>
    /// y[indices[i]] (+)= x[i]: puts rows where they belong, as <c>GatherBackward</c> does with gradients; with <see cref="GradientWrite.Write"/> the
    /// rows of y that no index names become zero. Its own gradient is <c>Gather</c>.
    /// </summary>
    public void Scatter<TWidth>(Rows<TWidth> x, Integers indices, Rows<TWidth> y, GradientWrite write)
        where TWidth : struct, IDimension => GatherBackward(x, indices, y, write);
}
