namespace GptGen;

public abstract partial class Device
{
    /// <summary>The token that a row with no loss has as its target.</summary>
    public const int IgnoredTarget = -1;

    /// <summary>
    /// The cross-entropy of each row's target under softmax(x W^T + b), losses[r] = log sum exp(logits) - logits[target]: chunk after chunk of
    /// <paramref name="logits"/>'s rows, so that the logits of a whole batch never exist. Rows whose target is <see cref="IgnoredTarget"/> have loss
    /// 0. The bias may be absent. With smoothing e the loss is (1 - e) x that of the target + e x the mean of all tokens' losses (Szegedy et al.,
    /// "Rethinking the Inception architecture", 2016; as PyTorch's <c>label_smoothing</c>).
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="smoothing"/> does not lie between 0 and 1.</exception>
    public void HeadLoss<TVocabulary, TWidth>(
        Rows<TWidth> x, Matrix<TVocabulary, TWidth> weight, Vector<TVocabulary> bias, Integers targets, Rows<TVocabulary> logits, Statistics losses,
        float smoothing = 0)
        where TVocabulary : struct, IDimension
        where TWidth : struct, IDimension
    {
        using var call = Begin();
        Need(x, x.Count);
        NeedStored(weight);
        NeedStoredOrNone(bias);
        NeedChoices(targets, x.Count, IgnoredTarget, TVocabulary.Size);
        NeedStored(logits, Math.Min(1, x.Count));
        Need(losses, x.Count);
        NeedShare(smoothing);
        HeadLoss(
            x.Start, weight.Start, bias.Start, targets.Start, logits.Start, losses.Start, smoothing,
            Shape<TVocabulary, TWidth>(x.Count, logits.Count));
    }

    /// <summary>
    /// The losses as <c>HeadLoss</c>, and the gradients of sum over r of weights[r] x losses[r], with smoothing e and V tokens:
    /// dLogits[r, v] = weights[r] x (softmax[r, v] - (1 - e) [v = target] - e / V), dx = dLogits W, dW (+)= dLogits^T x, all while a chunk's logits
    /// are there, and db (+)= the sum of dLogits over the rows, unless absent.
    /// </summary>
    /// <inheritdoc cref="HeadLoss" path="/exception"/>
    public void HeadLossBackward<TVocabulary, TWidth>(
        Rows<TWidth> x, Matrix<TVocabulary, TWidth> weight, Vector<TVocabulary> bias, Integers targets, Statistics weights, Rows<TVocabulary> logits,
        Statistics losses, Rows<TWidth> dx, Matrix<TVocabulary, TWidth> dWeight, Vector<TVocabulary> dBias, GradientWrite weightWrite,
        float smoothing = 0)
        where TVocabulary : struct, IDimension
        where TWidth : struct, IDimension
    {
        using var call = Begin();
        Need(x, x.Count);
        NeedStored(weight);
        NeedStoredOrNone(bias);
        NeedChoices(targets, x.Count, IgnoredTarget, TVocabulary.Size);
        Need(weights, x.Count);
        NeedStored(logits, Math.Min(1, x.Count));
        Need(losses, x.Count);
        Need(dx, x.Count);
        NeedStored(dWeight);
        NeedStoredOrNone(dBias);
        NeedShare(smoothing);
        HeadLossBackward(
            x.Start, weight.Start, bias.Start, targets.Start, weights.Start, logits.Start, losses.Start, dx.Start, dWeight.Start, dBias.Start,
            weightWrite, smoothing, Shape<TVocabulary, TWidth>(x.Count, logits.Count));
    }

    /// <summary>
    /// logits = x W^T + b, [rows, vocabulary], each row <c>Stored</c> elements after the one before; padding columns are undefined. The bias may be
    /// absent.
    /// </summary>
    public void HeadLogits<TVocabulary, TWidth>(
        Rows<TWidth> x, Matrix<TVocabulary, TWidth> weight, Vector<TVocabulary> bias, Rows<TVocabulary> logits)
        where TVocabulary : struct, IDimension
        where TWidth : struct, IDimension
    {
        using var call = Begin();
        Need(x, x.Count);
        NeedStored(weight);
        NeedStoredOrNone(bias);
        NeedStored(logits, x.Count);
        HeadLogits(x.Start, weight.Start, bias.Start, logits.Start, Shape<TVocabulary, TWidth>(x.Count, logits.Count));
    }

    private static void NeedShare(float smoothing)
    {
        if (smoothing is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(smoothing), smoothing, "Label smoothing must be at least 0 and at most 1.");
    }

    private static HeadShape Shape<TVocabulary, TWidth>(int rows, int chunk)
        where TVocabulary : struct, IDimension
        where TWidth : struct, IDimension =>
        new(rows, chunk, TWidth.Size, TVocabulary.Size, TVocabulary.Stored);

    /// <summary>The untyped core of <c>HeadLoss</c>.</summary>
    protected abstract void HeadLoss(
        Location x, Location weight, Location bias, Location targets, Location logits, Location losses, float smoothing, in HeadShape shape);

    /// <summary>The untyped core of <c>HeadLossBackward</c>.</summary>
    protected abstract void HeadLossBackward(
        Location x, Location weight, Location bias, Location targets, Location weights, Location logits, Location losses,
        Location dx, Location dWeight, Location dBias, GradientWrite weightWrite, float smoothing, in HeadShape shape);

    /// <summary>The untyped core of <c>HeadLogits</c>.</summary>
    protected abstract void HeadLogits(Location x, Location weight, Location bias, Location logits, in HeadShape shape);
}

/// <summary>The sizes of a head.</summary>
/// <param name="Rows">Number of rows.</param>
/// <param name="Chunk">Rows whose logits fit at once.</param>
/// <param name="Width">Width of the final hidden state.</param>
/// <param name="Vocabulary">Number of tokens.</param>
/// <param name="Stride">Elements from one row of logits to the next, and rows of the table in memory.</param>
public readonly record struct HeadShape(int Rows, int Chunk, int Width, int Vocabulary, int Stride);
