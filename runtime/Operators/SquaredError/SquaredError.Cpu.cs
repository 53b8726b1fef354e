namespace GptGen;

/// <content>A batch has few examples, too little work for vectors or another thread.</content>
public sealed unsafe partial class CpuDevice
{
    /// <inheritdoc/>
    protected override void SquaredError(Location scores, Location grades, Location losses, int examples) =>
        SquaredError(Floats(scores), Floats(grades), null, Floats(losses), null, examples);

    /// <inheritdoc/>
    protected override void SquaredErrorBackward(
        Location scores, Location grades, Location weights, Location losses, Location dScores, int examples) =>
        SquaredError(Floats(scores), Floats(grades), Floats(weights), Floats(losses), Floats(dScores), examples);

    private static void SquaredError(float* scores, float* grades, float* weights, float* losses, float* dScores, int examples)
    {
        for (nint example = 0; example < examples; example++)
        {
            float error = scores[example] - grades[example];
            losses[example] = error * error;
            if (dScores != null)
                dScores[example] = 2 * weights[example] * error;
        }
    }
}
