namespace GptGen;

public abstract partial class Device
{
    /// <summary>y (+)= x: where the gradients of several uses of one value meet.</summary>
    public void Accumulate<TWidth>(Rows<TWidth> x, Rows<TWidth> y, GradientWrite write)
        where TWidth : struct, IDimension
    {
        using var call = Begin();
        Need(x, x.Count);
        Need(y, x.Count);
        var count = (nint)x.Count * TWidth.Size;
        if (write == GradientWrite.Add)
            ResidualAdd(y.Start, x.Start, default, y.Start, count);
        else
            Copy(x.Start, y.Start, count);
    }

    /// <summary>The same of a range of arenas: where the gradients of several shares meet.</summary>
    internal void Accumulate(Arena x, Arena y, nint first, nint count, GradientWrite write)
    {
        using var call = Begin();
        Numbers(x, first + count);
        Numbers(y, first + count);
        if (write == GradientWrite.Add)
            ResidualAdd(y.At(first), x.At(first), default, y.At(first), count);
        else
            Copy(x.At(first), y.At(first), count);
    }
}
