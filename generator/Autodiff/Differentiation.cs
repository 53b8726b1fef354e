using GptGen.Generator.Graph;
using GptGen.Generator.Operators;

namespace GptGen.Generator.Autodiff;

/// <summary>The backward pass: calls before the layers' loop, in it (run from the last layer to the first), and after it.</summary>
/// <param name="Before">From the loss to the last layer's output.</param>
/// <param name="Body">One layer.</param>
/// <param name="After">From the first layer's input to the embedding.</param>
internal sealed record BackwardPass(IReadOnlyList<Call> Before, IReadOnlyList<Call> Body, IReadOnlyList<Call> After);

/// <summary>The reverse walk over a training graph.</summary>
internal static class Differentiation
{
    public static BackwardPass Run(ModelGraph graph)
    {
        var tape = new GradientTape();
        VisitReversed(graph.Ends, tape);
        VisitReversed(graph.After, tape);
        var before = tape.Take();

        // The loop hands one gradient from layer to layer, so the body must leave it where it found it.
        var carried = graph.Repeat.Carried;
        var handed = tape.Pending(carried) ?? throw new InvalidOperationException("The loss does not depend on the layers.");
        tape.InLayer = true;
        VisitReversed(graph.Repeat.Body, tape);
        var left = tape.Pending(carried) ?? throw new InvalidOperationException("The layers do not depend on their input.");
        if (left != handed)
            throw new InvalidOperationException($"The gradient of {carried.Name} moved from {handed.Name} to {left.Name} inside a layer.");
        var body = tape.Take();

        tape.InLayer = false;
        VisitReversed(graph.Before, tape);
        return new(before, body, tape.Take());
    }

    private static void VisitReversed(IReadOnlyList<Node> nodes, GradientTape tape)
    {
        foreach (var node in nodes.Reverse())
            tape.Visit(node);
    }
}
