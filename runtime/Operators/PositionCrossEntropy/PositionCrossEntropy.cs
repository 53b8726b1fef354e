namespace GptGen;

public abstract partial class Device
{
    /// <summary>
    /// Which position of a sequence is meant, by each column of scores: losses[s, c] = log sum over p &lt; lengths[s] of exp(scores[s, p, c])
    /// - scores[s, targets[s, c], c], and 0 where a sequence has no rows. Scores are [sequences x length, columns of <typeparamref name="TScores"/>]
    /// of as many sequences as there are lengths; targets and losses are [sequences, columns] (Devlin et al. 2018, section 4.2).
    /// </summary>
    public void PositionCrossEntropy<TScores>(Rows<TScores> scores, Integers lengths, Integers targets, Statistics losses)
        where TScores : struct, IDimension
    {
        using var call = Begin();
        var length = NeedPositions(scores, lengths, targets, losses);
        PositionCrossEntropy(scores.Start, lengths.Start, targets.Start, losses.Start, lengths.Count, length, TScores.Size);
    }

    /// <summary>
    /// The losses as <c>PositionCrossEntropy</c>, and the gradient of sum over s and c of weights[s, c] x losses[s, c]:
    /// dScores[s, p, c] = weights[s, c] x (softmax over p(scores[s, p, c]) - [p = target]), and 0 behind a sequence's end.
    /// </summary>
    public void PositionCrossEntropyBackward<TScores>(
        Rows<TScores> scores, Integers lengths, Integers targets, Statistics weights, Statistics losses, Rows<TScores> dScores)
        where TScores : struct, IDimension
    {
        using var call = Begin();
        var length = NeedPositions(scores, lengths, targets, losses);
        Need(weights, targets.Count);
        Need(dScores, scores.Count);
        PositionCrossEntropyBackward(
            scores.Start, lengths.Start, targets.Start, weights.Start, losses.Start, dScores.Start, lengths.Count, length, TScores.Size);
    }

    /// <summary>The untyped core of <c>PositionCrossEntropy</c>.</summary>
    protected abstract void PositionCrossEntropy(
        Location scores, Location lengths, Location targets, Location losses, int sequences, int length, int columns);

    /// <summary>The untyped core of <c>PositionCrossEntropyBackward</c>.</summary>
    protected abstract void PositionCrossEntropyBackward(
        Location scores, Location lengths, Location targets, Location weights, Location losses, Location dScores, int sequences, int length,
        int columns);

    /// <summary>Throws unless everything has its place; the rows of a sequence.</summary>
    private int NeedPositions<TScores>(Rows<TScores> scores, Integers lengths, Integers targets, Statistics losses)
        where TScores : struct, IDimension
    {
        Need(scores, scores.Count);
        var length = lengths.Count <= 0 ? 0 : scores.Count / lengths.Count;
        if ((long)length * lengths.Count != scores.Count || targets.Count != (long)lengths.Count * TScores.Size)
            throw new ArgumentException(
                $"{scores.Count} rows of {TScores.Size} scores and {targets.Count} targets do not belong to {lengths.Count} sequences alike.");
        NeedChoices(lengths, lengths.Count, 0, length + 1);
        NeedChoices(targets, targets.Count, 0, length);
        Need(losses, targets.Count);
        return length;
    }
}
