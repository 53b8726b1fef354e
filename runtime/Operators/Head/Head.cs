namespace GptGen;

public abstract partial class Device
{
    /// <summary>The token that a row with no loss has as its target.</summary>
    public const int IgnoredTarget = -1;

    /// <summary>
    /// The cross-entropy of each row's target under softmax(x W^T), losses[r] = log sum exp(logits) - logits[target]: chunk after chunk of
    /// <paramref name="logits"/>'s rows, so that the logits of a whole batch never exist. Rows whose target is <see cref="IgnoredTarget"/> have loss 0.
    /// </summary>
    public void HeadLoss<TVocabulary, TWidth>(
        Rows<TWidth> x, Matrix<TVocabulary, TWidth> weight, Integers targets, Rows<TVocabulary> logits, Statistics losses)
        where TVocabulary : struct, IDimension
        where TWidth : struct, IDimension
    {
        using var call = Begin();
        Need(x, x.Count);
        NeedStored(weight);
        NeedChoices(targets, x.Count, IgnoredTarget, TVocabulary.Size);
        NeedStored(logits, Math.Min(1, x.Count));
        Need(losses, x.Count);
        HeadLoss(x.Start, weight.Start, targets.Start, logits.Start, losses.Start, Shape<TVocabulary, TWidth>(x.Count, logits.Count));
    }

    /// <summary>
    /// The losses as <c>HeadLoss</c>, and the gradients of sum over r of weights[r] x losses[r]: dLogits[r, v] = weights[r] x (softmax[r, v] - [v = target]),
    /// dx = dLogits W, dW (+)= dLogits^T x, both while a chunk's logits are there.
    /// </summary>
    public void HeadLossBackward<TVocabulary, TWidth>(
        Rows<TWidth> x, Matrix<TVocabulary, TWidth> weight, Integers targets, Statistics weights, Rows<TVocabulary> logits, Statistics losses,
        Rows<TWidth> dx, Matrix<TVocabulary, TWidth> dWeight, GradientWrite weightWrite)
        where TVocabulary : struct, IDimension
        where TWidth : struct, IDimension
    {
        using var call = Begin();
        Need(x, x.Count);
        NeedStored(weight);
        NeedChoices(targets, x.Count, IgnoredTarget, TVocabulary.Size);
        Need(weights, x.Count);
        NeedStored(logits, Math.Min(1, x.Count));
        Need(losses, x.Count);
        Need(dx, x.Count);
        NeedStored(dWeight);
        HeadLossBackward(
            x.Start, weight.Start, targets.Start, weights.Start, logits.Start, losses.Start, dx.Start, dWeight.Start, weightWrite,
            Shape<TVocabulary, TWidth>(x.Count, logits.Count));
    }

    /// <summary>logits = x W^T, [rows, vocabulary], each row <c>Stored</c> elements after the one before; padding columns are undefined.</summary>
    public void HeadLogits<TVocabulary, TWidth>(Rows<TWidth> x, Matrix<TVocabulary, TWidth> weight, Rows<TVocabulary> logits)
        where TVocabulary : struct, IDimension
        where TWidth : struct, IDimension
    {
        using var call = Begin();
        Need(x, x.Count);
        NeedStored(weight);
        NeedStored(logits, x.Count);
        HeadLogits(x.Start, weight.Start, logits.Start, Shape<TVocabulary, TWidth>(x.Count, logits.Count));
    }

    private static HeadShape Shape<TVocabulary, TWidth>(int rows, int chunk)
        where TVocabulary : struct, IDimension
        where TWidth : struct, IDimension =>
        new(rows, chunk, TWidth.Size, TVocabulary.Size, TVocabulary.Stored);

    /// <summary>The untyped core of <c>HeadLoss</c>.</summary>
    protected abstract void HeadLoss(Location x, Location weight, Location targets, Location logits, Location losses, in HeadShape shape);

    /// <summary>The untyped core of <c>HeadLossBackward</c>.</summary>
    protected abstract void HeadLossBackward(
        Location x, Location weight, Location targets, Location weights, Location logits, Location losses,
        Location dx, Location dWeight, GradientWrite weightWrite, in HeadShape shape);

    /// <summary>The untyped core of <c>HeadLogits</c>.</summary>
    protected abstract void HeadLogits(Location x, Location weight, Location logits, in HeadShape shape);
}

/// <summary>The sizes of a head.</summary>
/// <param name="Rows">Number of rows.</param>
/// <param name="Chunk">Rows whose logits fit at once.</param>
/// <param name="Width">Width of the final hidden state.</param>
/// <param name="Vocabulary">Number of tokens.</param>
/// <param name="Stride">Elements from one row of logits to the next, and rows of the table in memory.</param>
public readonly record struct HeadShape(int Rows, int Chunk, int Width, int Vocabulary, int Stride);
