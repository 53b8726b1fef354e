using GptGen.Generator.Graph;
using GptGen.Generator.Operators;
using GptGen.Generator.Spec;

namespace GptGen.Generator.Memory;

/// <summary>
/// Has the backward pass compute values of the layers anew that would otherwise be kept for every layer, after Chen et al., "Training Deep Nets with
/// Sublinear Memory Cost" (2016): only what takes no product, so that a step is hardly longer.
/// </summary>
internal static class Recomputation
{
    /// <summary>The backward pass with those calls.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="backward">Its backward pass, which reads what the forward pass computed.</param>
    /// <param name="choice">What is computed anew.</param>
    public static IReadOnlyList<CallSection> Insert(ModelGraph graph, IReadOnlyList<CallSection> backward, RecomputationKind choice)
    {
        // From the last node to the first: what computes one value anew may read another one that is.
        foreach (var (loop, node) in graph.Loops.SelectMany(loop => loop.Nodes.Select(node => (loop.Id, node))).Reverse())
        {
            var kept = node.Outputs.FirstOrDefault();
            if (kept is null or { HandedOnAs: not null })
                continue;
            var again = new Value(kept.Name + "Again", kept.Kind, kept.Extent, kept.Width, kept.PerExtent, kept.Loop);
            if (node.Operator.Recompute(node, again) is { } anew && anew.From <= choice)
                backward = [.. backward.Select(section => section.Loop == loop ? Insert(section, anew.Call, kept, again) : section)];
        }

        return backward;
    }

    private static CallSection Insert(CallSection section, Call anew, Value kept, Value again)
    {
        var calls = section.Calls.ToList();
        var first = calls.FindIndex(call => call.Values.Contains(kept));
        if (first < 0)
            return section;
        for (var index = first; index < calls.Count; index++)
            calls[index] = calls[index].Replacing(kept, by: again);
        calls.Insert(first, anew with { Heading = "computed anew" });
        return section with { Calls = calls };
    }
}
