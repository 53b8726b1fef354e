namespace GptGen;

public abstract partial class Device
{
    /// <summary>losses[e] = (scores[e] - grades[e])²: one score an example, regressed on a real number.</summary>
    public void SquaredError<TScores>(Rows<TScores> scores, Statistics grades, Statistics losses)
        where TScores : struct, IDimension
    {
        using var call = Begin();
        Need(scores, scores.Count);
        Need(grades, grades.Count);
        Need(losses, grades.Count);
        SquaredError(scores.Start, grades.Start, losses.Start, Regressed(checked(scores.Count * TScores.Size), grades.Count));
    }

    /// <summary>
    /// The losses as <c>SquaredError</c>, and the gradient of sum over e of weights[e] x losses[e]:
    /// dScores[e] = 2 x weights[e] x (scores[e] - grades[e]).
    /// </summary>
    public void SquaredErrorBackward<TScores>(Rows<TScores> scores, Statistics grades, Statistics weights, Statistics losses, Rows<TScores> dScores)
        where TScores : struct, IDimension
    {
        using var call = Begin();
        Need(scores, scores.Count);
        Need(grades, grades.Count);
        Need(weights, grades.Count);
        Need(losses, grades.Count);
        Need(dScores, scores.Count);
        SquaredErrorBackward(
            scores.Start, grades.Start, weights.Start, losses.Start, dScores.Start, Regressed(checked(scores.Count * TScores.Size), grades.Count));
    }

    /// <summary>The untyped core of <c>SquaredError</c>.</summary>
    protected abstract void SquaredError(Location scores, Location grades, Location losses, int examples);

    /// <summary>The untyped core of <c>SquaredErrorBackward</c>.</summary>
    protected abstract void SquaredErrorBackward(Location scores, Location grades, Location weights, Location losses, Location dScores, int examples);

    private static int Regressed(int scores, int examples) =>
        scores == examples ? examples : throw new ArgumentException($"{scores} scores do not belong to {examples} examples, one each.");
}
