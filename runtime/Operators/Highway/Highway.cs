namespace GptGen;

public abstract partial class Device
{
    /// <summary>
    /// y = g x max(t, 0) + (1 - g) x, element by element, with g = sigmoid(c): a highway layer (Srivastava et al. 2015) behind its two linear maps,
    /// whose results t and c, the transformed rows and the carry gate, stand side by side in <paramref name="gates"/>. As in bilm-tf, the gate lets
    /// the transformed rows through.
    /// </summary>
    public void Highway<TWidth>(Rows<Double<TWidth>> gates, Rows<TWidth> x, Rows<TWidth> y)
        where TWidth : struct, IDimension
    {
        using var call = Begin();
        Need(gates, y.Count);
        Need(x, y.Count);
        Need(y, y.Count);
        if (y.Count > 0)
            Highway(gates.Start, x.Start, y.Start, y.Count, TWidth.Size);
    }

    /// <summary>
    /// The gradients of <c>Highway</c>: dt = dy x g where t > 0, otherwise 0; dc = dy x (max(t, 0) - x) x g x (1 - g); dx (+)= dy x (1 - g), unless
    /// absent.
    /// </summary>
    /// <param name="dy">The gradient of the result.</param>
    /// <param name="gates">As the forward pass had them.</param>
    /// <param name="x">As the forward pass had it.</param>
    /// <param name="dGates">Written; may be <paramref name="gates"/>.</param>
    /// <param name="dx">May be <paramref name="dy"/>, or absent.</param>
    /// <param name="inputWrite">For dx.</param>
    public void HighwayBackward<TWidth>(
        Rows<TWidth> dy, Rows<Double<TWidth>> gates, Rows<TWidth> x, Rows<Double<TWidth>> dGates, Rows<TWidth> dx, GradientWrite inputWrite)
        where TWidth : struct, IDimension
    {
        using var call = Begin();
        Need(dy, dy.Count);
        Need(gates, dy.Count);
        Need(x, dy.Count);
        Need(dGates, dy.Count);
        NeedOrNone(dx, dy.Count);
        if (dy.Count > 0)
            HighwayBackward(dy.Start, gates.Start, x.Start, dGates.Start, dx.Start, inputWrite, dy.Count, TWidth.Size);
    }

    /// <summary>The untyped core of <c>Highway</c>; there is at least one row.</summary>
    protected abstract void Highway(Location gates, Location x, Location y, int rows, int width);

    /// <summary>The untyped core of <c>HighwayBackward</c>; there is at least one row.</summary>
    protected abstract void HighwayBackward(
        Location dy, Location gates, Location x, Location dGates, Location dx, GradientWrite inputWrite, int rows, int width);
}
