using GptGen.Generator.Autodiff;
using GptGen.Generator.Graph;

namespace GptGen.Generator.Operators;

/// <summary>Multi-head self-attention over the sequences of a batch.</summary>
internal sealed class AttentionOperator(HeadsOperand heads, DropoutOperand dropout) : Operator
{
    public override Call Forward(Node node) => new(
        "Attention",
        [
            .. Parts(Of(node.Inputs[0])), heads, Of(GraphInput.Lengths), Of(GraphInput.Lengths), dropout, Of(node.Outputs[0]),
            node.Outputs.Count > 1 ? Of(node.Outputs[1]) : new AbsentOperand(),
        ]);

    public override void Differentiate(Node node, GradientTape tape)
    {
        var (qkv, y, logSumExp) = (node.Inputs[0], node.Outputs[0], node.Outputs[1]);
        var dy = tape.Upstream(y);
        tape.Call(
            "AttentionBackward",
            [
                Of(dy), .. Parts(Of(qkv)), Of(y), Of(logSumExp), heads, Of(GraphInput.Lengths), Of(GraphInput.Lengths), dropout,
                .. Parts(tape.WriteTarget(qkv)),
            ]);
    }

    private SliceOperand[] Parts(ValueOperand packed) =>
        [new(packed, "Query", heads.Width), new(packed, "Key", heads.Width), new(packed, "Value", heads.Width)];
}

/// <summary>The same over whole prompts, whose keys and values go to the cache.</summary>
internal sealed class AttentionPrefillOperator(HeadsOperand heads) : Operator
{
    public override Call Forward(Node node) => new(
        "AttentionPrefill",
        [Of(node.Inputs[0]), heads, Of(GraphInput.Lengths), Of(AttentionBuilder.Slots), new CacheOperand(), Of(node.Outputs[0])]);
}

/// <summary>The same for one new token a sequence, against the cache.</summary>
internal sealed class AttentionDecodeOperator(HeadsOperand heads) : Operator
{
    public override Call Forward(Node node) => new(
        "AttentionDecode",
        [Of(node.Inputs[0]), heads, Of(GraphInput.Positions), Of(AttentionBuilder.Slots), new CacheOperand(), Of(node.Outputs[0])]);
}

internal static class AttentionBuilder
{
    public static readonly GraphInput Slots = new("SlotIndices", InputKind.Integers, Extent.Sequence, "Cache slots, one a sequence.");

    /// <summary>The heads' outputs side by side.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="name">The outputs' name.</param>
    /// <param name="qkv">Queries, keys and values side by side.</param>
    /// <param name="heads">The heads.</param>
    public static Value Attention(this GraphBuilder graph, string name, Value qkv, HeadsOperand heads)
    {
        var y = graph.NewRows(name, heads.Width);
        Value[] saved = graph.IsDifferentiated ? [graph.NewStatistics(name + "LogSumExp", heads.Count)] : [];
        graph.Add(new AttentionOperator(heads, graph.NextDropout()), [qkv], [y, .. saved]);
        return y;
    }

    /// <summary>The heads' outputs side by side, keys and values into the cache.</summary>
    public static Value AttentionPrefill(this GraphBuilder graph, string name, Value qkv, HeadsOperand heads) =>
        graph.CachedAttention(new AttentionPrefillOperator(heads), name, qkv, heads);

    /// <summary>The heads' outputs side by side, of one new token a sequence.</summary>
    public static Value AttentionDecode(this GraphBuilder graph, string name, Value qkv, HeadsOperand heads) =>
        graph.CachedAttention(new AttentionDecodeOperator(heads), name, qkv, heads);

    private static Value CachedAttention(this GraphBuilder graph, Operator op, string name, Value qkv, HeadsOperand heads)
    {
        var y = graph.NewRows(name, heads.Width);
        graph.Add(op, [qkv], [y]);
        return y;
    }
}
