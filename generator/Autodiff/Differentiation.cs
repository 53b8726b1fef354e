using GptGen.Generator.Graph;
using GptGen.Generator.Operators;

namespace GptGen.Generator.Autodiff;

/// <summary>The reverse walk over a graph.</summary>
internal static class Differentiation
{
    /// <summary>The backward pass: from the graph's ends to its first section.</summary>
    public static IReadOnlyList<CallSection> Run(ModelGraph graph)
    {
        var tape = new GradientTape();
        var passes = new List<CallSection>();
        VisitReversed(graph.Ends, tape);
        for (var position = graph.Sections.Count - 1; position >= 0; position--)
        {
            if (graph.Sections[position] is not Loop loop)
            {
                var last = ((Run)graph.Sections[position]).LastOf;
                if (last is not null)
                    passes.Add(new(tape.Take(), null, position + 1));
                VisitReversed(graph.Sections[position].Nodes, tape);
                if (last is not null)
                    passes.Add(new(tape.Take(), null, position) { LastOf = last });
                continue;
            }

            // Without a pass what is carried is behind the loop what it was before, and so is its gradient.
            if (loop.Id.Passes == 0 || !loop.Carried.Any(tape.HasGradient))
                continue;

            // What has to be ready before the loop belongs to the calls before it.
            var handed = tape.Enter(loop);
            passes.Add(new(tape.Take(), null, position + 1));
            VisitReversed(loop.Nodes, tape);
            tape.Leave(handed);
            passes.Add(new(tape.Take(), loop.Id, position));
        }

        passes.Add(new(tape.Take(), null, 0));
        return passes;
    }

    private static void VisitReversed(IReadOnlyList<Node> nodes, GradientTape tape)
    {
        foreach (var node in nodes.Reverse())
            tape.Visit(node);
    }
}
