using GptGen.Generator.Autodiff;
using GptGen.Generator.Graph;

namespace GptGen.Generator.Operators;

/// <summary>Token row + position row, then dropout.</summary>
internal sealed class EmbeddingOperator(Parameter tokens, Parameter positions, int site) : Operator
{
    private DropoutOperand Dropout => new(site, InLayer: false);

    public override Call Forward(Node node) =>
        new("Embed", [Of("Tokens"), Of("Positions"), Of(tokens), Of(positions), Dropout, Of(node.Outputs[0])]);

    public override void Differentiate(Node node, GradientTape tape)
    {
        var (dTokens, tokenWrite) = tape.Target(tokens);
        var (dPositions, positionWrite) = tape.Target(positions);
        tape.Call(
            "EmbedBackward", Of("Tokens"), Of("Positions"), Of(tape.Upstream(node.Outputs[0])), Dropout, dTokens, tokenWrite, dPositions, positionWrite);
    }
}

internal static class EmbeddingBuilder
{
    /// <summary>dropout(tokens[token] + positions[position]).</summary>
    public static Value Embed(this GraphBuilder graph, string name, Parameter tokens, Parameter positions)
    {
        var y = graph.NewRows(name, tokens.Columns!);
        graph.Add(new EmbeddingOperator(tokens, positions, graph.NextSite()), [], [y]);
        return y;
    }
}
