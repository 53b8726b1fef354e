using GptGen.Generator.Autodiff;
using GptGen.Generator.Graph;

namespace GptGen.Generator.Operators;

/// <summary>Rows that an input picks from a table, times a number.</summary>
internal sealed record LookupPart(GraphInput Indices, Parameter Table, float Scale = 1);

/// <summary>The sum of the rows that inputs pick from tables.</summary>
internal sealed class LookupOperator(IReadOnlyList<LookupPart> parts) : Operator
{
    public override IReadOnlyList<Call> Calls(Node node) =>
    [
        .. parts.Select((part, index) => new Call(
            "Lookup",
            [
                Of(part.Indices), Of(part.Table), Of(part.Scale), Of(node.Outputs[0]),
                new WriteOperand(index == 0 ? GradientWriting.Overwrite : GradientWriting.Add),
            ])),
    ];

    public override void Differentiate(Node node, GradientTape tape)
    {
        var dy = Of(tape.Upstream(node.Outputs[0]));
        foreach (var (indices, table, scale) in parts.Where(part => !part.Table.IsFrozen))
        {
            var (dTable, write) = tape.Target(table);
            tape.Call("LookupBackward", Of(indices), dy, Of(scale), dTable, write);
        }
    }
}

internal static class LookupBuilder
{
    /// <summary>The sum over the tables of the row that each one's input picks, scaled; one row for each of the first input's.</summary>
    public static Value Lookup(this GraphBuilder graph, string name, params LookupPart[] parts)
    {
        graph.Extent = parts[0].Indices.Extent;
        var y = graph.NewRows(name, parts[0].Table.Columns!, isConstant: parts.All(part => part.Table.IsFrozen));
        graph.Add(new LookupOperator(parts), [], [y]);
        return y;
    }
}
