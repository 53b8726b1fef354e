using GptGen.Generator.Graph;

namespace GptGen.Generator.Operators;

/// <summary>What the examples of a task give to a graph.</summary>
internal static class ExampleInputs
{
    /// <summary>One an example.</summary>
    private static readonly Extent Example = new("examples", "Examples", Region.Sequences);

    /// <summary>One a sequence of an example.</summary>
    private static readonly Extent Member = new("members", "MemberCount", Region.Sequences);

    public static readonly GraphInput PooledRows = new(
        "PooledRows", InputKind.Integers, Member, "Rows of the classify tokens, in the examples' order.");
    private static readonly GraphInput Weights = new(
        "ExampleWeights", InputKind.Statistics, Example, "Weights of the task's losses, one an example.");
    private static readonly GraphInput Losses = new("ExampleLosses", InputKind.Statistics, Example, "The task's losses, one an example.");

    public static readonly LossInputs OfLabels = new(
        new("Labels", InputKind.Integers, Example, "Labels or right choices, one an example."), Weights, Losses);

    public static readonly LossInputs OfGrades = new(new("Grades", InputKind.Statistics, Example, "Grades, one an example."), Weights, Losses);
}
