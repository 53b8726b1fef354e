namespace GptGen;

public abstract partial class Device
{
    /// <summary>y = dropout(x), a copy where nothing is dropped. The dropout's element index is row x width + column.</summary>
    public void Dropout<TWidth>(Rows<TWidth> x, DropoutSite dropout, Rows<TWidth> y)
        where TWidth : struct, IDimension
    {
        using var call = Begin();
        Need(x, x.Count);
        Need(y, x.Count);
        var count = (nint)x.Count * TWidth.Size;
        if (dropout.IsActive)
            Dropout(x.Start, dropout, y.Start, count);
        else
            Copy(x.Start, y.Start, count);
    }

    /// <summary>
    /// The gradient of what lies behind dropout: fills and returns <paramref name="dBranch"/>, or, when nothing is dropped, returns
    /// <paramref name="dSum"/> itself and spares the copy.
    /// </summary>
    public Rows<TWidth> DropoutBackward<TWidth>(Rows<TWidth> dSum, DropoutSite dropout, Rows<TWidth> dBranch)
        where TWidth : struct, IDimension
    {
        if (!dropout.IsActive)
            return dSum;
        using var call = Begin();
        Need(dSum, dSum.Count);
        Need(dBranch, dSum.Count);
        Dropout(dSum.Start, dropout, dBranch.Start, (nint)dSum.Count * TWidth.Size);
        return dBranch;
    }

    /// <summary>
    /// The untyped core of <c>Dropout</c> and, since the mask is the same, of <c>DropoutBackward</c>; called only when the site is active.
    /// </summary>
    protected abstract void Dropout(Location x, DropoutSite dropout, Location y, nint count);
}
