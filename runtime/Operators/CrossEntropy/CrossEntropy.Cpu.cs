namespace GptGen;

/// <content>A task has few examples and classes in a batch, too little work for vectors or another thread.</content>
public sealed unsafe partial class CpuDevice
{
    /// <inheritdoc/>
    protected override void CrossEntropy(Location scores, Location labels, Location losses, int examples, int classes) =>
        CrossEntropy(Floats(scores), Integers(labels), null, Floats(losses), null, examples, classes);

    /// <inheritdoc/>
    protected override void CrossEntropyBackward(
        Location scores, Location labels, Location weights, Location losses, Location dScores, int examples, int classes) =>
        CrossEntropy(Floats(scores), Integers(labels), Floats(weights), Floats(losses), Floats(dScores), examples, classes);

    private static void CrossEntropy(float* scores, int* labels, float* weights, float* losses, float* dScores, int examples, int classes)
    {
        for (nint example = 0; example < examples; example++)
        {
            float* row = scores + example * classes;
            float largest = float.NegativeInfinity;
            for (nint i = 0; i < classes; i++)
                largest = MathF.Max(largest, row[i]);
            float sum = 0;
            for (nint i = 0; i < classes; i++)
                sum += MathF.Exp(row[i] - largest);
            losses[example] = largest - row[labels[example]] + MathF.Log(sum);
            if (dScores == null)
                continue;
            float* gradient = dScores + example * classes;
            for (nint i = 0; i < classes; i++)
                gradient[i] = weights[example] / sum * MathF.Exp(row[i] - largest);
            gradient[labels[example]] -= weights[example];
        }
    }
}
