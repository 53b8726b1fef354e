namespace GptGen;

public abstract partial class Device
{
    /// <summary>
    /// y = f(x W^T + b): [rows, in] to [rows, out]. What f is of, <c>x W^T + b</c>, is kept for the backward pass in <paramref name="before"/> unless
    /// that is absent. The bias may be absent. <see cref="Activation"/> has the formulas.
    /// </summary>
    public void LinearActivation<TIn, TOut>(
        Rows<TIn> x, Matrix<TOut, TIn> weight, Vector<TOut> bias, Activation activation, Rows<TOut> before, Rows<TOut> y)
        where TIn : struct, IDimension
        where TOut : struct, IDimension
    {
        using var call = Begin();
        Need(x, x.Count);
        Need(weight);
        NeedOrNone(bias);
        NeedOrNone(before, x.Count);
        Need(y, x.Count);
        LinearActivation(x.Start, weight.Start, bias.Start, activation, before.Start, y.Start, x.Count, TIn.Size, TOut.Size);
    }

    /// <summary>
    /// dBefore = (dy W) f'(before): the gradient of what an activation is of, by a layer that reads the activation's result and has
    /// [rows, out] gradients. Writes [rows, in].
    /// </summary>
    public void LinearBackwardActivation<TIn, TOut>(
        Rows<TOut> dy, Matrix<TOut, TIn> weight, Activation activation, Rows<TIn> before, Rows<TIn> dBefore)
        where TIn : struct, IDimension
        where TOut : struct, IDimension
    {
        using var call = Begin();
        Need(dy, dy.Count);
        Need(weight);
        Need(before, dy.Count);
        Need(dBefore, dy.Count);
        LinearBackwardActivation(dy.Start, weight.Start, activation, before.Start, dBefore.Start, dy.Count, TIn.Size, TOut.Size);
    }

    /// <summary>The untyped core of <c>LinearActivation</c>; a device without a body of its own makes one call after the other.</summary>
    protected virtual void LinearActivation(
        Location x, Location weight, Location bias, Activation activation, Location before, Location y, int rows, int inWidth, int outWidth)
    {
        var sum = before.IsNone ? y : before;
        Linear(x, weight, bias, sum, rows, inWidth, outWidth);
        Activate(activation, sum, y, (nint)rows * outWidth);
    }

    /// <summary>The untyped core of <c>LinearBackwardActivation</c>; a device without a body of its own makes one call after the other.</summary>
    protected virtual void LinearBackwardActivation(
        Location dy, Location weight, Activation activation, Location before, Location dBefore, int rows, int inWidth, int outWidth)
    {
        LinearBackwardInput(dy, weight, dBefore, GradientWrite.Write, rows, inWidth, outWidth);
        ActivateBackward(activation, before, dBefore, dBefore, (nint)rows * inWidth);
    }
}
