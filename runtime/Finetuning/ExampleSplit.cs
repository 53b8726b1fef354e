using GptGen.Training;

namespace GptGen.Finetuning;

/// <summary>Sets examples aside to validate on, for data that comes without such a file.</summary>
public static class ExampleSplit
{
    // Apart from every epoch's order.
    private const int Epoch = -1;

    /// <summary>Random examples to validate on, at least one, and the rest to train on; a function of the seed alone.</summary>
    /// <exception cref="GptGenException">The share is out of range, or nothing is left to train on.</exception>
    public static (IReadOnlyList<TaskExample> Training, IReadOnlyList<TaskExample> Validation) Of(
        IReadOnlyList<TaskExample> examples, double share, uint seed)
    {
        if (!(share is > 0 and < 1))
            throw new GptGenException(FormattableString.Invariant($"The validation share is {share}, but must be between 0 and 1, such as 0.1."));
        var count = Math.Max(1, (int)(examples.Count * share));
        if (count >= examples.Count)
            throw new GptGenException(
                $"{examples.Count} examples are too few to set some aside to validate on: give more, or name a file to validate on.");
        var order = BatchOrder.Shuffled(examples.Count, seed, Epoch, 0);
        return ([.. order[count..].Order().Select(index => examples[index])], [.. order[..count].Order().Select(index => examples[index])]);
    }
}
