using GptGen.Generator.Autodiff;
using GptGen.Generator.Graph;

namespace GptGen.Generator.Operators;

/// <summary>The sum of the rows that inputs pick from tables.</summary>
internal sealed class LookupOperator(IReadOnlyList<(GraphInput Indices, Parameter Table)> parts) : Operator
{
    private const float Scale = 1;

    public override IReadOnlyList<Call> Calls(Node node) =>
    [
        .. parts.Select((part, index) => new Call(
            "Lookup",
            [
                Of(part.Indices), Of(part.Table), Of(Scale), Of(node.Outputs[0]),
                new WriteOperand(index == 0 ? GradientWriting.Overwrite : GradientWriting.Add),
            ])),
    ];

    public override void Differentiate(Node node, GradientTape tape)
    {
        var dy = Of(tape.Upstream(node.Outputs[0]));
        foreach (var (indices, table) in parts)
        {
            var (dTable, write) = tape.Target(table);
            tape.Call("LookupBackward", Of(indices), dy, Of(Scale), dTable, write);
        }
    }
}

internal static class LookupBuilder
{
    /// <summary>The sum over the tables of the row that each one's input picks.</summary>
    public static Value Lookup(this GraphBuilder graph, string name, params (GraphInput Indices, Parameter Table)[] parts)
    {
        var y = graph.NewRows(name, parts[0].Table.Columns!);
        graph.Add(new LookupOperator(parts), [], [y]);
        return y;
    }
}
