namespace GptGen;

public abstract partial class Device
{
    /// <summary>y = f(x), element by element; <see cref="Activation"/> has the formulas.</summary>
    public void Activate<TWidth>(Activation activation, Rows<TWidth> x, Rows<TWidth> y)
        where TWidth : struct, IDimension
    {
        using var call = Begin();
        Need(x, x.Count);
        Need(y, x.Count);
        Activate(activation, x.Start, y.Start, (nint)x.Count * TWidth.Size);
    }

    /// <summary>dx = dy x f'(x). <paramref name="dx"/> may be <paramref name="dy"/> itself.</summary>
    public void ActivateBackward<TWidth>(Activation activation, Rows<TWidth> x, Rows<TWidth> dy, Rows<TWidth> dx)
        where TWidth : struct, IDimension
    {
        using var call = Begin();
        Need(x, x.Count);
        Need(dy, x.Count);
        Need(dx, x.Count);
        ActivateBackward(activation, x.Start, dy.Start, dx.Start, (nint)x.Count * TWidth.Size);
    }

    /// <summary>The untyped core of <c>Activate</c>.</summary>
    protected abstract void Activate(Activation activation, Location x, Location y, nint count);

    /// <summary>The untyped core of <c>ActivateBackward</c>.</summary>
    protected abstract void ActivateBackward(Activation activation, Location x, Location dy, Location dx, nint count);
}
