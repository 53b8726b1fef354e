using GptGen.Generator.Autodiff;
using GptGen.Generator.Graph;

namespace GptGen.Generator.Operators;

/// <summary>
/// Multi-head attention over the sequences of a batch: of packed queries, keys and values to themselves, or of queries to the packed keys and values
/// of other rows.
/// </summary>
internal sealed class AttentionOperator(HeadsOperand heads, GraphInput queryLengths, GraphInput keyLengths, Operand dropout) : Operator
{
    public override Call Forward(Node node) => new(
        "Attention",
        [
            .. Parts(node, Of), heads, Of(queryLengths), Of(keyLengths), dropout, Of(node.Outputs[0]),
            node.Outputs.Count > 1 ? Of(node.Outputs[1]) : new AbsentOperand(),
        ]);

    public override void Differentiate(Node node, GradientTape tape)
    {
        var (y, logSumExp) = (node.Outputs[0], node.Outputs[1]);
        var dy = tape.Upstream(y);
        tape.Call(
            "AttentionBackward",
            [
                Of(dy), .. Parts(node, Of), Of(y), Of(logSumExp), heads, Of(queryLengths), Of(keyLengths), dropout,
                .. Parts(node, input => tape.WriteTarget(input)),
            ]);
    }

    /// <summary>Queries, keys and values, of the inputs or of their gradients.</summary>
    private SliceOperand[] Parts(Node node, Func<Value, ValueOperand> operandOf)
    {
        var operands = node.Inputs.Select(operandOf).ToArray();
        var (queries, keys) = (operands[0], operands[operands.Length - 1]);
        return
        [
            new(queries, operands.Length == 1 ? "Query" : "Columns", heads.Width), new(keys, "Key", heads.Width), new(keys, "Value", heads.Width),
        ];
    }
}

/// <summary>Self-attention over whole prompts, whose keys and values go to the cache.</summary>
internal sealed class AttentionPrefillOperator(HeadsOperand heads) : Operator
{
    public override Call Forward(Node node) => new(
        "AttentionPrefill",
        [
            Of(node.Inputs[0]), heads, Of(GraphInput.Lengths), Of(AttentionBuilder.Slots), AttentionBuilder.LayerCache, Of(node.Outputs[0]),
        ]);
}

/// <summary>Self-attention of one new token a sequence, against the cache.</summary>
internal sealed class AttentionDecodeOperator(HeadsOperand heads) : Operator
{
    public override Call Forward(Node node) => new(
        "AttentionDecode",
        [
            Of(node.Inputs[0]), heads, Of(GraphInput.Positions), Of(AttentionBuilder.Slots), AttentionBuilder.LayerCache, Of(node.Outputs[0]),
        ]);
}

/// <summary>Attention of one row a sequence to a source whose keys and values are in the cache.</summary>
internal sealed class AttentionCachedOperator(HeadsOperand heads) : Operator
{
    public override Call Forward(Node node) => new(
        "AttentionCached",
        [
            Of(node.Inputs[0]), heads, Of(AttentionBuilder.SourceEnds), Of(AttentionBuilder.SourceSlots), AttentionBuilder.SourceLayerCache,
            Of(node.Outputs[0]),
        ]);
}

/// <summary>Puts the keys and values of sources into their cache.</summary>
internal sealed class StoreKeysAndValuesOperator(HeadsOperand heads) : Operator
{
    public override Call Forward(Node node) => new(
        "StoreKeysAndValues",
        [
            Of(node.Inputs[0]), heads, Of(GraphInput.SourceLengths), Of(AttentionBuilder.SourceSlots), AttentionBuilder.SourceLayerCache,
        ]);
}

internal static class AttentionBuilder
{
    public static readonly GraphInput Slots = new("SlotIndices", InputKind.Integers, Extent.Sequence, "Cache slots, one a sequence.");

    /// <summary>The cache of what was decoded.</summary>
    public static readonly CacheOperand LayerCache = new("LayerCache", "Cache", "Slots", "Capacity");

    /// <summary>The cache of the sources.</summary>
    public static readonly CacheOperand SourceLayerCache = new("SourceLayerCache", "SourceCache", "Sources", "SourceCapacity");

    /// <summary>Where sources are in their cache: those that are read, or those that rows look at.</summary>
    public static readonly GraphInput SourceSlots = new(
        "SourceSlots", InputKind.Integers, Extent.Sequence, "Places in the sources' cache, one a sequence.");

    /// <summary>How far the sources go that rows look at.</summary>
    public static readonly GraphInput SourceEnds = new(
        "SourceEnds", InputKind.Integers, Extent.Sequence, "The last position of each row's source.");

    /// <summary>The heads' outputs side by side, of rows that look at each other.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="name">The outputs' name.</param>
    /// <param name="qkv">Queries, keys and values side by side.</param>
    /// <param name="heads">The heads.</param>
    /// <param name="dropout">What is dropped of the probabilities; null for a site of its own.</param>
    public static Value Attention(this GraphBuilder graph, string name, Value qkv, HeadsOperand heads, Operand? dropout = null)
    {
        var lengths = GraphInput.LengthsOf(qkv.Extent);
        return graph.Attention(new(heads, lengths, lengths, dropout ?? graph.NextDropout()), name, [qkv], heads);
    }

    /// <summary>The heads' outputs side by side, of rows that look at others; nothing is dropped.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="name">The outputs' name.</param>
    /// <param name="query">Queries.</param>
    /// <param name="keysAndValues">The others' keys and values side by side.</param>
    /// <param name="heads">The heads.</param>
    public static Value CrossAttention(this GraphBuilder graph, string name, Value query, Value keysAndValues, HeadsOperand heads) =>
        graph.Attention(
            new(heads, GraphInput.LengthsOf(query.Extent), GraphInput.LengthsOf(keysAndValues.Extent), new AbsentOperand()), name,
            [query, keysAndValues], heads);

    /// <summary>The heads' outputs side by side, keys and values into the cache.</summary>
    public static Value AttentionPrefill(this GraphBuilder graph, string name, Value qkv, HeadsOperand heads) =>
        graph.CachedAttention(new AttentionPrefillOperator(heads), name, qkv, heads);

    /// <summary>The heads' outputs side by side, of one new token a sequence.</summary>
    public static Value AttentionDecode(this GraphBuilder graph, string name, Value qkv, HeadsOperand heads) =>
        graph.CachedAttention(new AttentionDecodeOperator(heads), name, qkv, heads);

    /// <summary>The heads' outputs side by side, of one row a sequence that looks at a source's keys and values in the cache.</summary>
    public static Value AttentionCached(this GraphBuilder graph, string name, Value query, HeadsOperand heads) =>
        graph.CachedAttention(new AttentionCachedOperator(heads), name, query, heads);

    /// <summary>Puts keys and values side by side of sources into their cache.</summary>
    public static void StoreKeysAndValues(this GraphBuilder graph, Value keysAndValues, HeadsOperand heads) =>
        graph.Add(new StoreKeysAndValuesOperator(heads), [keysAndValues], []);

    private static Value Attention(this GraphBuilder graph, AttentionOperator op, string name, IReadOnlyList<Value> inputs, HeadsOperand heads)
    {
        var y = graph.NewRows(name, heads.Width);
        Value[] saved = graph.IsDifferentiated ? [graph.NewStatistics(name + "LogSumExp", heads.Count)] : [];
        graph.Add(op, inputs, [y, .. saved]);
        return y;
    }

    private static Value CachedAttention(this GraphBuilder graph, Operator op, string name, Value input, HeadsOperand heads)
    {
        var y = graph.NewRows(name, heads.Width);
        graph.Add(op, [input], [y]);
        return y;
    }
}
