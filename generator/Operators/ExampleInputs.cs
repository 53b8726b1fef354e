using GptGen.Generator.Graph;

namespace GptGen.Generator.Operators;

/// <summary>What the examples of a task give to a graph.</summary>
internal static class ExampleInputs
{
    /// <summary>One an example.</summary>
    private static readonly Extent Example = new("examples", "Examples", Region.Sequences);

    /// <summary>One a sequence of an example.</summary>
    private static readonly Extent Member = new("members", "MemberCount", Region.Sequences);

    /// <summary>One a token that has a label: fewer than there are rows.</summary>
    private static readonly Extent Labelled = new("labelled", "LabelledCount", Region.Rows);

    public static readonly GraphInput LabelledRows = new("LabelledRows", InputKind.Integers, Labelled, "The rows of the tokens that have labels.");

    public static readonly GraphInput PooledRows = new(
        "PooledRows", InputKind.Integers, Member, "Rows of the classify tokens, in the examples' order.");
    private static readonly GraphInput Weights = new(
        "ExampleWeights", InputKind.Statistics, Example, "Weights of the task's losses, one an example.");
    private static readonly GraphInput Losses = new("ExampleLosses", InputKind.Statistics, Example, "The task's losses, one an example.");

    public static readonly LossInputs OfLabels = new(
        new("Labels", InputKind.Integers, Example, "Labels or right choices, one an example."), Weights, Losses);

    public static readonly LossInputs OfRowLabels = new(
        new("RowLabels", InputKind.Integers, Labelled, "Labels of tokens, one a labelled row."),
        new("RowWeights", InputKind.Statistics, Labelled, "Weights of the tokens' losses."),
        new("RowLosses", InputKind.Statistics, Labelled, "Losses, one a labelled row."));

    /// <summary>Two a sequence, which has two rows at least.</summary>
    private static readonly Extent SpanEnd = new("spanEnds", "SpanEndCount", Region.Rows);

    public static readonly LossInputs OfSpans = new(
        new("SpanEnds", InputKind.Integers, SpanEnd, "Where each sequence's answer begins and ends."),
        new("SpanWeights", InputKind.Statistics, SpanEnd, "Weights of the losses of both."),
        new("SpanLosses", InputKind.Statistics, SpanEnd, "Losses of both."));

    public static readonly LossInputs OfGrades = new(new("Grades", InputKind.Statistics, Example, "Grades, one an example."), Weights, Losses);
}
