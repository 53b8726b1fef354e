using GptGen.Generator.Autodiff;
using GptGen.Generator.Graph;

namespace GptGen.Generator.Operators;

/// <summary>What was kept of the segments before, and behind it, sequence by sequence, this segment's rows.</summary>
internal sealed class JoinMemoryOperator(StateOperand memory) : Operator
{
    public override Call Forward(Node node) =>
        new("JoinMemory", [memory, Of(node.Inputs[0]), MemoryBuilder.Sequences, Of(node.Outputs[0])]);

    /// <summary>What was kept has no gradient.</summary>
    public override void Differentiate(Node node, GradientTape tape)
    {
        var (dx, write) = tape.Target(node.Inputs[0]);
        tape.Call("JoinMemoryBackward", Of(tape.Upstream(node.Outputs[0])), MemoryBuilder.Sequences, dx, write);
    }
}

/// <summary>Keeps the last rows for the next segment.</summary>
internal sealed class KeepMemoryOperator(StateOperand next) : Operator
{
    public override Call Forward(Node node) => new("KeepMemory", [Of(node.Inputs[0]), MemoryBuilder.Sequences, next]);
}

internal static class MemoryBuilder
{
    public static readonly MemberOperand Sequences = new("Sequences");

    /// <summary>A layer's memory of the segments before with this segment's rows behind it; the last of both are kept for the next segment.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="name">The joined rows' name.</param>
    /// <param name="x">This segment's rows.</param>
    public static Value JoinMemory(this GraphBuilder graph, string name, Value x)
    {
        var joined = graph.NewRows(name, Extent.JoinedRow, x.Width!);
        graph.Add(new JoinMemoryOperator(new("Memory", x.Width!)), [x], [joined]);
        graph.Add(new KeepMemoryOperator(new("NextMemory", x.Width!)), [joined], []);
        return joined;
    }
}
