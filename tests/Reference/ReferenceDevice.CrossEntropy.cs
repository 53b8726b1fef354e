namespace GptGen.Reference;

public sealed partial class ReferenceDevice
{
    /// <inheritdoc/>
    protected override void CrossEntropy(Location scores, Location labels, Location losses, int examples, int classes)
    {
        var values = Numbers(scores, (nint)examples * classes);
        var labelIds = Integers(labels, examples);
        var exampleLosses = Numbers(losses, examples);
        for (var example = 0; example < examples; example++)
        {
            var row = values.Slice(example * classes, classes);
            exampleLosses[example] = LogSumExp(row) - row[labelIds[example]];
        }
    }

    /// <inheritdoc/>
    protected override void CrossEntropyBackward(
        Location scores, Location labels, Location weights, Location losses, Location dScores, int examples, int classes)
    {
        CrossEntropy(scores, labels, losses, examples, classes);
        var values = Numbers(scores, (nint)examples * classes);
        var labelIds = Integers(labels, examples);
        var exampleWeights = Numbers(weights, examples);
        var gradient = Numbers(dScores, (nint)examples * classes);
        for (var example = 0; example < examples; example++)
        {
            var logSumExp = LogSumExp(values.Slice(example * classes, classes));
            for (var i = example * classes; i < (example + 1) * classes; i++)
                gradient[i] = exampleWeights[example] * (Math.Exp(values[i] - logSumExp) - (i - example * classes == labelIds[example] ? 1 : 0));
        }
    }
}
