namespace GptGen.Training;

/// <summary>
/// How batches that are made as wholes, as examples of similar lengths are, go into micro-batches: each batch is cut into as many even parts as the
/// shares ask for, and each part into pieces that are computed at once. What an example weighs in the step follows from its whole batch, so that the
/// step stays what it was. Of a batch with few examples some micro-batches have none.
/// </summary>
/// <param name="Batches">Batches of a step.</param>
/// <param name="Parts">Parts of a batch.</param>
/// <param name="Pieces">Pieces of a part.</param>
/// <param name="AtOnce">The most examples of a piece.</param>
internal readonly record struct BatchCut(int Batches, int Parts, int Pieces, int AtOnce)
{
    /// <summary>Micro-batches of a step, as many of each share.</summary>
    internal int MicroBatches => checked(Batches * Parts * Pieces);

    /// <summary>The cut of a run.</summary>
    /// <exception cref="GptGenException">A batch has fewer examples than parts.</exception>
    internal static BatchCut Of(TrainingOptions options)
    {
        var parts = options.Shares / StepCut.CommonDivisor(options.Shares, options.Accumulate);
        if (parts > options.Batch)
        {
            throw new GptGenException(
                $"TrainingOptions.Shares is {options.Shares}, for which each batch is cut into {parts} parts, but TrainingOptions.Batch is "
                + $"{options.Batch}: give {parts} or more, or TrainingOptions.Accumulate {options.Shares}.");
        }

        return Of(options.Accumulate, options.Batch, parts);
    }

    /// <summary>The cut of batches of some examples.</summary>
    internal static BatchCut Of(int batches, int examples, int parts, int atOnce = int.MaxValue)
    {
        var part = Quotient(examples, parts);
        atOnce = Math.Min(atOnce, part);
        return new(batches, parts, Quotient(part, atOnce), atOnce);

        static int Quotient(int all, int each) => (int)(((long)all + each - 1) / each);
    }

    /// <summary>Of which of the step's batches a micro-batch is.</summary>
    internal int BatchOf(int micro) => micro / (Parts * Pieces);

    /// <summary>Which examples of a batch a micro-batch has; there may be none.</summary>
    /// <param name="micro">The micro-batch within the step.</param>
    /// <param name="examples">The batch's examples.</param>
    internal (int First, int Count) Of(int micro, int examples)
    {
        var part = micro / Pieces % Parts;
        var end = (int)((long)examples * (part + 1) / Parts);
        var first = (int)Math.Min(end, ((long)examples * part / Parts) + ((long)(micro % Pieces) * AtOnce));
        return (first, Math.Min(AtOnce, end - first));
    }
}
