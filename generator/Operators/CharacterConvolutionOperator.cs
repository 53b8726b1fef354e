using GptGen.Generator.Autodiff;
using GptGen.Generator.Graph;
using GptGen.Generator.Spec;

namespace GptGen.Generator.Operators;

/// <summary>Filters that see as many characters at once: a matrix with a row for each, and their biases.</summary>
internal sealed record CharacterFilters(Parameter Weight, Parameter Bias);

/// <summary>Features of words from their characters: the filters of each width write columns of the same rows.</summary>
internal sealed class CharacterConvolutionOperator(
    GraphInput characters, Parameter table, IReadOnlyList<CharacterFilters> filters, ActivationKind activation) : Operator
{
    private ActivationOperand Kind => new(activation);

    public override IReadOnlyList<Call> Calls(Node node) =>
    [
        .. filters.Select((group, index) => new Call(
            "CharacterConvolution",
            [
                Of(characters), Of(table), Of(group.Weight), Of(group.Bias), Kind, Columns(Of(node.Outputs[0]), index),
                node.Outputs.Count > 1 ? Of(node.Outputs[1 + index]) : new AbsentOperand(),
            ])),
    ];

    public override void Differentiate(Node node, GradientTape tape)
    {
        var dy = Of(tape.Upstream(node.Outputs[0]));
        for (var index = 0; index < filters.Count; index++)
        {
            var (weight, bias) = (filters[index].Weight, filters[index].Bias);
            var (dTable, tableWrite) = tape.Target(table);
            var (dWeight, write) = tape.Target(weight);
            tape.Call(
                "CharacterConvolutionBackward", Columns(dy, index), Of(characters), Of(table), Of(weight), Kind, Columns(Of(node.Outputs[0]), index),
                Of(node.Outputs[1 + index]), dTable, tableWrite, dWeight, tape.TargetOf(bias, write), write);
        }
    }

    private SliceOperand Columns(ValueOperand packed, int index) =>
        SliceOperand.From(packed, filters.Take(index).Sum(group => group.Weight.Rows.Size), filters[index].Weight.Rows);
}

internal static class CharacterConvolutionBuilder
{
    /// <summary>
    /// What the filters find in the characters of each row, all filters side by side. Table, filters and biases are frozen together or not at all.
    /// </summary>
    /// <param name="graph">The graph.</param>
    /// <param name="name">The features' name.</param>
    /// <param name="characters">The characters of the rows.</param>
    /// <param name="table">A row for each character.</param>
    /// <param name="features">The sum of the numbers of filters.</param>
    /// <param name="activation">Relu or Tanh.</param>
    /// <param name="filters">The filters of each width.</param>
    public static Value CharacterConvolution(
        this GraphBuilder graph, string name, GraphInput characters, Parameter table, Dimension features, ActivationKind activation,
        params CharacterFilters[] filters)
    {
        if (features.Size != filters.Sum(group => group.Weight.Rows.Size))
            throw new InvalidOperationException($"{name} has {features.Size} columns, but the filters are others in number.");
        graph.Extent = characters.Extent;
        var y = graph.NewRows(name, features, isConstant: table.IsFrozen);
        Value[] places = graph.IsDifferentiated && !table.IsFrozen
            ? [.. filters.Select((group, index) => graph.NewStatistics($"{name}Places{index + 1}", group.Weight.Rows.Size))]
            : [];
        graph.Add(new CharacterConvolutionOperator(characters, table, filters, activation), [], [y, .. places]);
        return y;
    }
}
