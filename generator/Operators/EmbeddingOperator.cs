using GptGen.Generator.Autodiff;
using GptGen.Generator.Graph;

namespace GptGen.Generator.Operators;

/// <summary>Token row + position row, then dropout.</summary>
internal sealed class EmbeddingOperator(Parameter tokens, Parameter positions, DropoutOperand dropout) : Operator
{
    public override Call Forward(Node node) =>
        new("Embed", [Of(GraphInput.Tokens), Of(GraphInput.Positions), Of(tokens), Of(positions), dropout, Of(node.Outputs[0])]);

    public override void Differentiate(Node node, GradientTape tape)
    {
        var (dTokens, tokenWrite) = tape.Target(tokens);
        var (dPositions, positionWrite) = tape.Target(positions);
        tape.Call(
            "EmbedBackward", Of(GraphInput.Tokens), Of(GraphInput.Positions), Of(tape.Upstream(node.Outputs[0])), dropout,
            dTokens, tokenWrite, dPositions, positionWrite);
    }
}

internal static class EmbeddingBuilder
{
    /// <summary>dropout(tokens[token] + positions[position]).</summary>
    public static Value Embed(this GraphBuilder graph, string name, Parameter tokens, Parameter positions)
    {
        var y = graph.NewRows(name, tokens.Columns!);
        graph.Add(new EmbeddingOperator(tokens, positions, graph.NextDropout()), [], [y]);
        return y;
    }
}
