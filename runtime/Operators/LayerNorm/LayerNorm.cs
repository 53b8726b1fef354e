namespace GptGen;

public abstract partial class Device
{
    /// <summary>
    /// y = (x - mean) / sqrt(variance + epsilon) x gain + bias over each row (Ba, Kiros, Hinton 2016; the variance is the biased one).
    /// Mean and reciprocal deviation, one a row, are kept for the backward pass unless absent. The bias may be absent.
    /// </summary>
    public void LayerNorm<TWidth>(
        Rows<TWidth> x, Vector<TWidth> gain, Vector<TWidth> bias, float epsilon, Rows<TWidth> y, Statistics mean, Statistics reciprocalDeviation)
        where TWidth : struct, IDimension
    {
        using var call = Begin();
        Need(x, x.Count);
        Need(gain);
        NeedOrNone(bias);
        Need(y, x.Count);
        NeedOrNone(mean, x.Count);
        NeedOrNone(reciprocalDeviation, x.Count);
        LayerNorm(x.Start, gain.Start, bias.Start, epsilon, y.Start, mean.Start, reciprocalDeviation.Start, x.Count, TWidth.Size);
    }

    /// <summary>
    /// The gradients of LayerNorm: with n = (x - mean) / deviation and g = dy x gain, dx (+)= (g - mean(g) - n mean(g n)) / deviation;
    /// dGain (+)= sum of dy n over the rows; dBias (+)= sum of dy. <paramref name="dx"/> may be <paramref name="dy"/> itself.
    /// </summary>
    public void LayerNormBackward<TWidth>(
        Rows<TWidth> dy, Rows<TWidth> x, Vector<TWidth> gain, Statistics mean, Statistics reciprocalDeviation,
        Rows<TWidth> dx, GradientWrite inputWrite, Vector<TWidth> dGain, Vector<TWidth> dBias, GradientWrite parameterWrite)
        where TWidth : struct, IDimension
    {
        using var call = Begin();
        Need(dy, dy.Count);
        Need(x, dy.Count);
        Need(gain);
        Need(mean, dy.Count);
        Need(reciprocalDeviation, dy.Count);
        Need(dx, dy.Count);
        Need(dGain);
        NeedOrNone(dBias);
        LayerNormBackward(
            dy.Start, x.Start, gain.Start, mean.Start, reciprocalDeviation.Start, dx.Start, inputWrite, dGain.Start, dBias.Start, parameterWrite,
            dy.Count, TWidth.Size);
    }

    /// <summary>The untyped core of <c>LayerNorm</c>.</summary>
    protected abstract void LayerNorm(
        Location x, Location gain, Location bias, float epsilon, Location y, Location mean, Location reciprocalDeviation, int rows, int width);

    /// <summary>The untyped core of <c>LayerNormBackward</c>.</summary>
    protected abstract void LayerNormBackward(
        Location dy, Location x, Location gain, Location mean, Location reciprocalDeviation, Location dx, GradientWrite inputWrite,
        Location dGain, Location dBias, GradientWrite parameterWrite, int rows, int width);
}
