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
}
