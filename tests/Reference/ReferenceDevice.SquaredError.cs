namespace GptGen.Reference;

public sealed partial class ReferenceDevice
{
    /// <inheritdoc/>
    protected override void SquaredError(Location scores, Location grades, Location losses, int examples)
    {
        var values = Numbers(scores, examples);
        var targets = Numbers(grades, examples);
        var exampleLosses = Numbers(losses, examples);
        for (var example = 0; example < examples; example++)
            exampleLosses[example] = Math.Pow(values[example] - targets[example], 2);
    }

    /// <inheritdoc/>
    protected override void SquaredErrorBackward(Location scores, Location grades, Location weights, Location losses, Location dScores, int examples)
    {
        SquaredError(scores, grades, losses, examples);
        var values = Numbers(scores, examples);
        var targets = Numbers(grades, examples);
        var exampleWeights = Numbers(weights, examples);
        var gradient = Numbers(dScores, examples);
        for (var example = 0; example < examples; example++)
            gradient[example] = exampleWeights[example] * 2 * (values[example] - targets[example]);
    }
}
