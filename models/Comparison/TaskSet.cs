using GptGen.Finetuning;
using GptGen.Training;

namespace GptGen.Models.Comparison;

/// <summary>Labelled examples of a task.</summary>
internal sealed record TaskSet(TaskKind Kind, List<TaskExample> Training, List<TaskExample> Validation, List<TaskExample> Test)
{
    // Apart from every epoch's order.
    private const int DrawEpoch = -1;

    /// <summary>The task, as the command line names it.</summary>
    internal string Name => Kind == TaskKind.MultipleChoice ? "choice" : Kind.ToString().ToLowerInvariant();

    /// <summary>The column of its accuracy.</summary>
    internal Measure Measure => Enum.Parse<Measure>(Name, ignoreCase: true);

    /// <summary>The labels of the training examples.</summary>
    internal LabelSet Labels { get; } = Kind == TaskKind.MultipleChoice
        ? LabelSet.OfChoices(Training, Training[0].Texts.Count - 1)
        : LabelSet.Of(Training);

    /// <summary>The accuracy of always saying the training examples' commonest label.</summary>
    internal double CommonestLabel()
    {
        var commonest = Training.GroupBy(Labels.IndexOf).MaxBy(static group => group.Count())!.Key;
        return (double)Test.Count(example => Labels.IndexOf(example) == commonest) / Test.Count;
    }

    /// <summary>
    /// The same with a share of the training and validation examples, drawn by a seed: of each label that share, and at least one.
    /// </summary>
    internal TaskSet Take(double share, uint seed) => share >= 1
        ? this
        : this with { Training = Some(Training, share, seed), Validation = Some(Validation, share, seed) };

    private List<TaskExample> Some(List<TaskExample> examples, double share, uint seed)
    {
        var order = BatchOrder.Shuffled(examples.Count, seed, DrawEpoch, 0);
        return [.. order.GroupBy(index => Labels.IndexOf(examples[index]))
            .SelectMany(label => label.Take(Math.Max(1, (int)Math.Round(share * label.Count())))).Order().Select(index => examples[index])];
    }
}
