using GptGen.Finetuning;

namespace GptGen.Models.Comparison;

/// <summary>Labelled examples of a task.</summary>
internal sealed record TaskSet(TaskKind Kind, List<TaskExample> Training, List<TaskExample> Validation, List<TaskExample> Test)
{
    /// <summary>The task, as the command line names it.</summary>
    internal string Name => Kind == TaskKind.MultipleChoice ? "choice" : Kind.ToString().ToLowerInvariant();

    /// <summary>The labels that training knows.</summary>
    internal LabelSet Labels => Kind == TaskKind.MultipleChoice
        ? LabelSet.OfChoices(Training, Training[0].Texts.Count - 1)
        : LabelSet.Of(Training);

    /// <summary>The share of the commonest label among the test examples: what is right without reading.</summary>
    internal double Chance => (double)Test.GroupBy(static example => example.Label).Max(static group => group.Count()) / Test.Count;

    /// <summary>The same with the first part of the training and validation examples.</summary>
    internal TaskSet Take(double share) => share >= 1
        ? this
        : this with { Training = First(Training, share), Validation = First(Validation, share) };

    private static List<TaskExample> First(List<TaskExample> examples, double share) =>
        [.. examples.Take((int)Math.Ceiling(examples.Count * share))];
}
