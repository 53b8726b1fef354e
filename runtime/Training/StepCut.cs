namespace GptGen.Training;

/// <summary>
/// How the sequences of a step are cut into micro-batches, of which each share has as many: into the fewest that the shares divide and that are no
/// larger than asked for. The step's sequences stay what they were, whoever computes them.
/// </summary>
/// <param name="Sequences">Sequences of a micro-batch.</param>
/// <param name="MicroBatches">Micro-batches of a step.</param>
internal readonly record struct StepCut(int Sequences, int MicroBatches)
{
    /// <summary>The cut of a run.</summary>
    /// <exception cref="GptGenException">The shares do not divide the sequences.</exception>
    internal static StepCut Of(TrainingOptions options)
    {
        var all = (long)options.Batch * options.Accumulate;
        if (all % options.Shares != 0)
        {
            throw new GptGenException(
                $"TrainingOptions.Shares is {options.Shares}, which does not divide the {all} sequences of a step (TrainingOptions.Batch "
                + $"{options.Batch} x TrainingOptions.Accumulate {options.Accumulate}): give {Fitting(options)}.");
        }

        var share = all / options.Shares;
        var sequences = options.Batch;
        while (share % sequences != 0)
            sequences--;
        return new(sequences, checked((int)(all / sequences)));
    }

    /// <summary>The largest number that divides both.</summary>
    internal static int CommonDivisor(int first, int second) => second == 0 ? first : CommonDivisor(second, first % second);

    /// <summary>The batches next to the one that does not fit.</summary>
    private static string Fitting(TrainingOptions options)
    {
        var step = options.Shares / CommonDivisor(options.Shares, options.Accumulate);
        var below = options.Batch / step * step;
        return below > 0 ? $"TrainingOptions.Batch {below} or {below + (long)step}" : $"TrainingOptions.Batch {below + (long)step}";
    }
}
