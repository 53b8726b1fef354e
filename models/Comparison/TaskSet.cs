using GptGen.Finetuning;

namespace GptGen.Models.Comparison;

/// <summary>Labelled examples of a task.</summary>
internal sealed record TaskSet(TaskKind Kind, List<TaskExample> Training, List<TaskExample> Validation, List<TaskExample> Test)
{
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

    /// <summary>The same with some of the training and validation examples, drawn by a seed.</summary>
    internal TaskSet Take(double share, uint seed) => share >= 1
        ? this
        : this with { Training = Some(Training, share, seed), Validation = Some(Validation, share, seed) };

    private static List<TaskExample> Some(List<TaskExample> examples, double share, uint seed) =>
        [.. ExampleSplit.Of(examples, share, seed).Validation];
}
