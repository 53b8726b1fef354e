namespace GptGen;

public abstract partial class Device
{
    /// <summary>
    /// y = residual + dropout(branch). <paramref name="y"/> may be <paramref name="branch"/> itself. The dropout's element index is
    /// row x width + column.
    /// </summary>
    public void ResidualAdd<TWidth>(Rows<TWidth> residual, Rows<TWidth> branch, DropoutSite dropout, Rows<TWidth> y)
        where TWidth : struct, IDimension
    {
        using var call = Begin();
        Need(residual, y.Count);
        Need(branch, y.Count);
        Need(y, y.Count);
        ResidualAdd(residual.Start, branch.Start, dropout, y.Start, (nint)y.Count * TWidth.Size);
    }

    /// <summary>y = x.</summary>
    public void Copy<TWidth>(Rows<TWidth> x, Rows<TWidth> y)
        where TWidth : struct, IDimension
    {
        using var call = Begin();
        NeedStored(x, x.Count);
        NeedStored(y, x.Count);
        Copy(x.Start, y.Start, (nint)x.Count * TWidth.Stored);
    }

    /// <summary>The untyped core of <c>ResidualAdd</c>.</summary>
    protected abstract void ResidualAdd(Location residual, Location branch, DropoutSite dropout, Location y, nint count);

    /// <summary>The untyped core of <c>Copy</c>.</summary>
    protected abstract void Copy(Location x, Location y, nint count);
}
