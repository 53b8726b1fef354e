using GptGen.Generator.Autodiff;
using GptGen.Generator.Graph;

namespace GptGen.Generator.Operators;

/// <summary>
/// Attention of a segment's rows to its memory and itself, by content and by distance (Dai et al. 2019, "Transformer-XL", section 3.3).
/// </summary>
internal sealed class RelativeAttentionOperator(Parameter contentBias, Parameter positionBias, HeadsOperand heads, Operand dropout) : Operator
{
    /// <summary>How many keys a query sees; 0 for all.</summary>
    private static readonly MemberOperand Window = new("Window");

    public override Call Forward(Node node) => new(
        "RelativeAttention",
        [
            Of(node.Inputs[0]), Of(node.Inputs[1]), Bias(Of(contentBias)), Bias(Of(positionBias)), heads, MemoryBuilder.Sequences, Window, dropout,
            Of(node.Outputs[0]), node.Outputs.Count > 1 ? Of(node.Outputs[1]) : new AbsentOperand(),
        ]);

    public override void Differentiate(Node node, GradientTape tape)
    {
        var (y, logSumExp) = (node.Outputs[0], node.Outputs[1]);
        var dy = Of(tape.Upstream(y));
        var (dContentBias, write) = tape.Target(contentBias);
        var dPositionBias = tape.TargetOf(positionBias, write);
        tape.Call(
            "RelativeAttentionBackward",
            [
                dy, Of(node.Inputs[0]), Of(node.Inputs[1]), Bias(Of(contentBias)), Bias(Of(positionBias)), Of(y), Of(logSumExp), heads,
                MemoryBuilder.Sequences, Window, dropout, tape.WriteTarget(node.Inputs[0]), tape.WriteTarget(node.Inputs[1]), Bias(dContentBias),
                Bias(dPositionBias), write,
            ]);
    }

    private FlattenedOperand Bias(ParameterOperand bias) => new(bias, heads.Width);
}

internal static class RelativeAttentionBuilder
{
    /// <summary>The heads' outputs side by side, of the rows that stand behind their memory.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="name">The outputs' name.</param>
    /// <param name="qkv">Queries, keys and values side by side, of memory and rows.</param>
    /// <param name="distances">A row for each distance.</param>
    /// <param name="contentBias">What is added to queries that meet keys, [heads, head size].</param>
    /// <param name="positionBias">What is added to queries that meet distances.</param>
    /// <param name="heads">The heads.</param>
    public static Value RelativeAttention(
        this GraphBuilder graph, string name, Value qkv, Value distances, Parameter contentBias, Parameter positionBias, HeadsOperand heads)
    {
        var y = graph.NewRows(name, heads.Width);
        Value[] saved = graph.IsDifferentiated ? [graph.NewStatistics(name + "LogSumExp", heads.Count)] : [];
        graph.Add(
            new RelativeAttentionOperator(contentBias, positionBias, heads, new AbsentOperand()), [qkv, distances], [y, .. saved]);
        return y;
    }
}
