namespace GptGen;

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
        Gather(x.Start, indices.Start, y.Start, y.Count, TWidth.Size);
    }

    /// <summary>The untyped core of <c>Gather</c>.</summary>
    protected abstract void Gather(Location x, Location indices, Location y, int count, int width);
}
