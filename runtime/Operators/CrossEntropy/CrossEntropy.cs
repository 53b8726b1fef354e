namespace GptGen;

public abstract partial class Device
{
    /// <summary>
    /// losses[e] = log sum exp(scores[e]) - scores[e, labels[e]], where an example's scores are [examples, classes]: several rows of
    /// <typeparamref name="TScores"/> side by side when there are fewer examples than rows, as the single scores of an example's choices are.
    /// </summary>
    public void CrossEntropy<TScores>(Rows<TScores> scores, Integers labels, Statistics losses)
        where TScores : struct, IDimension
    {
        using var call = Begin();
        Need(scores, scores.Count);
        var classes = Classes(checked(scores.Count * TScores.Size), labels.Count);
        NeedChoices(labels, labels.Count, 0, classes);
        Need(losses, labels.Count);
        CrossEntropy(scores.Start, labels.Start, losses.Start, labels.Count, classes);
    }

    /// <summary>
    /// The losses as <c>CrossEntropy</c>, and the gradient of sum over e of weights[e] x losses[e]:
    /// dScores[e, c] = weights[e] x (softmax(scores[e])[c] - [c = label]).
    /// </summary>
    public void CrossEntropyBackward<TScores>(Rows<TScores> scores, Integers labels, Statistics weights, Statistics losses, Rows<TScores> dScores)
        where TScores : struct, IDimension
    {
        using var call = Begin();
        Need(scores, scores.Count);
        var classes = Classes(checked(scores.Count * TScores.Size), labels.Count);
        NeedChoices(labels, labels.Count, 0, classes);
        Need(weights, labels.Count);
        Need(losses, labels.Count);
        Need(dScores, scores.Count);
        CrossEntropyBackward(scores.Start, labels.Start, weights.Start, losses.Start, dScores.Start, labels.Count, classes);
    }

    /// <summary>The untyped core of <c>CrossEntropy</c>.</summary>
    protected abstract void CrossEntropy(Location scores, Location labels, Location losses, int examples, int classes);

    /// <summary>The untyped core of <c>CrossEntropyBackward</c>.</summary>
    protected abstract void CrossEntropyBackward(
        Location scores, Location labels, Location weights, Location losses, Location dScores, int examples, int classes);

    private static int Classes(int scores, int examples)
    {
        if (examples == 0)
            return 0;
        return scores % examples == 0
            ? scores / examples
            : throw new ArgumentException($"{scores} scores do not belong to {examples} examples alike.");
    }
}
