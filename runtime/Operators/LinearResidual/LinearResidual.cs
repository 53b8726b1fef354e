namespace GptGen;

public abstract partial class Device
{
    /// <summary>
    /// y = residual + dropout(x W^T + b): [rows, in] to [rows, out]. The bias may be absent; y is other memory than the residual. The dropout's
    /// element index is row x width + column. Its gradients are those of its parts: <c>DropoutBackward</c> and <c>Linear</c>'s.
    /// </summary>
    public void LinearResidual<TIn, TOut>(
        Rows<TIn> x, Matrix<TOut, TIn> weight, Vector<TOut> bias, Rows<TOut> residual, DropoutSite dropout, Rows<TOut> y)
        where TIn : struct, IDimension
        where TOut : struct, IDimension
    {
        using var call = Begin();
        Need(x, x.Count);
        Need(weight);
        NeedOrNone(bias);
        Need(residual, x.Count);
        Need(y, x.Count);
        LinearResidual(x.Start, weight.Start, bias.Start, residual.Start, dropout, y.Start, x.Count, TIn.Size, TOut.Size);
    }

    /// <summary>
    /// The untyped core of <c>LinearResidual</c>; a device without a body of its own makes one call after the other, the first into the sum's memory.
    /// </summary>
    protected virtual void LinearResidual(
        Location x, Location weight, Location bias, Location residual, DropoutSite dropout, Location y, int rows, int inWidth, int outWidth)
    {
        Linear(x, weight, bias, y, rows, inWidth, outWidth);
        ResidualAdd(residual, y, dropout, y, (nint)rows * outWidth);
    }
}
