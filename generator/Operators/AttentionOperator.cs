using GptGen.Generator.Autodiff;
using GptGen.Generator.Graph;

namespace GptGen.Generator.Operators;

/// <summary>Multi-head self-attention: over a batch in training, into the cache in prefill, from the cache in decoding.</summary>
internal sealed class AttentionOperator(Phase phase, DropoutOperand dropout) : Operator
{
    private static TextOperand Heads => Of("AttentionHeads");

    public override Call Forward(Node node) => phase switch
    {
        Phase.Train or Phase.Score => new(
            "Attention",
            [
                .. Parts(Of(node.Inputs[0])), Heads, Of("Lengths"), Of("Lengths"), dropout, Out(node, 0),
                node.Outputs.Count > 1 ? Of(node.Outputs[1]) : Of("default"),
            ]),
        Phase.Decode => new("AttentionDecode", [Of(node.Inputs[0]), Heads, Of("Positions"), Of("SlotIndices"), new CacheOperand(), Out(node, 0)]),
        _ => new("AttentionPrefill", [Of(node.Inputs[0]), Heads, Of("Lengths"), Of("SlotIndices"), new CacheOperand(), Out(node, 0)]),
    };

    public override void Differentiate(Node node, GradientTape tape)
    {
        var (qkv, y, logSumExp) = (node.Inputs[0], node.Outputs[0], node.Outputs[1]);
        var dy = tape.Upstream(y);
        var (dQkv, write) = tape.Target(qkv);
        if (write.Writing != GradientWriting.Overwrite)
            throw new InvalidOperationException($"{qkv.Name} is read by attention only.");
        tape.Call(
            "AttentionBackward",
            [Of(dy), .. Parts(Of(qkv)), Of(y), Of(logSumExp), Heads, Of("Lengths"), Of("Lengths"), dropout, .. Parts(dQkv)]);
    }

    private static Operand[] Parts(ValueOperand packed) =>
        [new SliceOperand(packed, "Query"), new SliceOperand(packed, "Key"), new SliceOperand(packed, "Value")];
}

internal static class AttentionBuilder
{
    /// <summary>The heads' outputs side by side.</summary>
    public static Value Attention(this GraphBuilder graph, string name, Value qkv, Dimension width, int heads)
    {
        var y = graph.NewRows(name, width);
        var dropout = new DropoutOperand(graph.NextSite(), graph.InLayer);
        Value[] saved = graph.Phase == Phase.Train ? [Value.OfStatistics(name + "LogSumExp", heads, graph.InLayer)] : [];
        graph.Add(new AttentionOperator(graph.Phase, dropout), [qkv], [y, .. saved]);
        return y;
    }
}
