namespace GptGen;

public abstract partial class Device
{
    /// <summary>y = x W^T + b: [rows, in] to [rows, out]. The bias may be absent.</summary>
    public void Linear<TIn, TOut>(Rows<TIn> x, Matrix<TOut, TIn> weight, Vector<TOut> bias, Rows<TOut> y)
        where TIn : struct, IDimension
        where TOut : struct, IDimension
    {
        using var call = Begin();
        Need(x, x.Count);
        Need(weight);
        NeedOrNone(bias);
        Need(y, x.Count);
        Linear(x.Start, weight.Start, bias.Start, y.Start, x.Count, TIn.Size, TOut.Size);
    }

    /// <summary>
    /// y = x W: [rows, out] to [rows, in], what a weight that is shared with <c>Linear</c> does the other way round. Its gradients are
    /// dx = dy W^T (<c>Linear</c>) and dW (+)= x^T dy (<c>LinearBackwardWeight</c> of dy and x in each other's place).
    /// </summary>
    public void TransposedLinear<TIn, TOut>(Rows<TOut> x, Matrix<TOut, TIn> weight, Rows<TIn> y)
        where TIn : struct, IDimension
        where TOut : struct, IDimension => LinearBackwardInput(x, weight, y, GradientWrite.Write);

    /// <summary>dx (+)= dy W: [rows, out] to [rows, in].</summary>
    public void LinearBackwardInput<TIn, TOut>(Rows<TOut> dy, Matrix<TOut, TIn> weight, Rows<TIn> dx, GradientWrite write)
        where TIn : struct, IDimension
        where TOut : struct, IDimension
    {
        using var call = Begin();
        Need(dy, dy.Count);
        Need(weight);
        Need(dx, dy.Count);
        LinearBackwardInput(dy.Start, weight.Start, dx.Start, write, dy.Count, TIn.Size, TOut.Size);
    }

    /// <summary>dW (+)= dy^T x: [out, in]; db (+)= the sum of dy over the rows, unless absent.</summary>
    public void LinearBackwardWeight<TIn, TOut>(Rows<TIn> x, Rows<TOut> dy, Matrix<TOut, TIn> dWeight, Vector<TOut> dBias, GradientWrite write)
        where TIn : struct, IDimension
        where TOut : struct, IDimension
    {
        using var call = Begin();
        Need(x, x.Count);
        Need(dy, x.Count);
        Need(dWeight);
        NeedOrNone(dBias);
        LinearBackwardWeight(x.Start, dy.Start, dWeight.Start, dBias.Start, write, x.Count, TIn.Size, TOut.Size);
    }

    /// <summary>The untyped core of <c>Linear</c>.</summary>
    protected abstract void Linear(Location x, Location weight, Location bias, Location y, int rows, int inWidth, int outWidth);

    /// <summary>The untyped core of <c>LinearBackwardInput</c>.</summary>
    protected abstract void LinearBackwardInput(Location dy, Location weight, Location dx, GradientWrite write, int rows, int inWidth, int outWidth);

    /// <summary>The untyped core of <c>LinearBackwardWeight</c>.</summary>
    protected abstract void LinearBackwardWeight(
        Location x, Location dy, Location dWeight, Location dBias, GradientWrite write, int rows, int inWidth, int outWidth);
}
