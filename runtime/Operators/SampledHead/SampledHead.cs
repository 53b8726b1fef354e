namespace GptGen;

public abstract partial class Device
{
    /// <summary>
    /// The loss of <c>HeadLoss</c> among a few sampled tokens in place of all, and its gradients (Jean et al., "On using very large target
    /// vocabulary", 2015; as TensorFlow's <c>sampled_softmax_loss</c>). With the score s(v) = x W[v] + b[v] - log q(v), where q(v) is how often
    /// token v is expected among the samples, losses[r] = log(e^s(target) + sum over the samples of e^s) - s(target), for samples that are not the row's
    /// target themselves. The gradients are those of sum over r of weights[r] x losses[r]; rows of W that nobody chose get none.
    /// </summary>
    /// <param name="x">The final states.</param>
    /// <param name="weight">A row for each token.</param>
    /// <param name="bias">A number for each token; may be absent.</param>
    /// <param name="targets">A token for each row, or <see cref="IgnoredTarget"/> for no loss.</param>
    /// <param name="weights">How much each row's loss counts.</param>
    /// <param name="samples">Tokens, the same for all rows, none of them twice.</param>
    /// <param name="sampleLogs">log q of each sample.</param>
    /// <param name="targetLogs">log q of each row's target.</param>
    /// <param name="losses">Written.</param>
    /// <param name="dx">Written.</param>
    /// <param name="dWeight">The gradient of W.</param>
    /// <param name="dBias">That of b; may be absent.</param>
    /// <param name="weightWrite">For the gradients of W and b.</param>
    /// <exception cref="ArgumentException">There is no sample.</exception>
    public void SampledHeadLossBackward<TVocabulary, TWidth>(
        Rows<TWidth> x, Matrix<TVocabulary, TWidth> weight, Vector<TVocabulary> bias, Integers targets, Statistics weights, Integers samples,
        Statistics sampleLogs, Statistics targetLogs, Statistics losses, Rows<TWidth> dx, Matrix<TVocabulary, TWidth> dWeight,
        Vector<TVocabulary> dBias, GradientWrite weightWrite)
        where TVocabulary : struct, IDimension
        where TWidth : struct, IDimension
    {
        using var call = Begin();
        Need(x, x.Count);
        NeedStored(weight);
        NeedStoredOrNone(bias);
        NeedChoices(targets, x.Count, IgnoredTarget, TVocabulary.Size);
        Need(weights, x.Count);
        NeedChoices(samples, samples.Count, 0, TVocabulary.Size);
        if (samples.Count == 0)
            throw new ArgumentException("A sampled softmax needs at least one sample.", nameof(samples));
        Need(sampleLogs, samples.Count);
        Need(targetLogs, x.Count);
        Need(losses, x.Count);
        Need(dx, x.Count);
        NeedStored(dWeight);
        NeedStoredOrNone(dBias);
        SampledHeadLossBackward(
            x.Start, weight.Start, bias.Start, targets.Start, weights.Start, new(samples.Start, sampleLogs.Start, targetLogs.Start, samples.Count),
            losses.Start, dx.Start, dWeight.Start, dBias.Start, weightWrite, Shape<TVocabulary, TWidth>(x.Count, SampledChunk));
    }

    /// <summary>Rows whose scores are there at once.</summary>
    private const int SampledChunk = 256;

    /// <summary>The untyped core of <c>SampledHeadLossBackward</c>.</summary>
    protected abstract void SampledHeadLossBackward(
        Location x, Location weight, Location bias, Location targets, Location weights, in SampledTokens samples, Location losses, Location dx,
        Location dWeight, Location dBias, GradientWrite weightWrite, in HeadShape shape);
}

/// <summary>The samples of a softmax.</summary>
/// <param name="Tokens">The tokens.</param>
/// <param name="Logs">The logarithm of how often each is expected.</param>
/// <param name="TargetLogs">The same of each row's target.</param>
/// <param name="Count">How many tokens.</param>
public readonly record struct SampledTokens(Location Tokens, Location Logs, Location TargetLogs, int Count);
