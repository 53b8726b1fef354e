using GptGen.Generator.Architectures;
using GptGen.Generator.Autodiff;
using GptGen.Generator.Graph;
using GptGen.Generator.Operators;
using GptGen.Generator.Spec;

namespace GptGen.Generator.Memory;

/// <summary>A graph as calls with places: what an emitter prints.</summary>
internal sealed class LoweredGraph
{
    private LoweredGraph(ModelGraph graph)
    {
        Graph = graph;
        Before = Forward(graph.Before);
        Body = Forward(graph.Repeat.Body);
        After = Forward(graph.After);
        Ends = Forward(graph.Ends);
        Backward = graph.Phase == Phase.Train ? Differentiation.Run(graph) : null;

        var sections = new List<Section> { new(Before, false), new(Body, true), new(After, false), new(Ends, false) };
        var kept = new HashSet<Value> { graph.Hidden };
        if (graph.Scores is { } scores)
            kept.Add(scores);
        if (Backward is not null)
        {
            sections.AddRange([new(Backward.Before, false), new(Backward.Body, true), new(Backward.After, false)]);
            var forward = sections.Take(3).SelectMany(section => section.Calls).SelectMany(call => call.Values).ToArray();
            kept.UnionWith(sections.Skip(4).SelectMany(section => section.Calls).SelectMany(call => call.Values).Intersect(forward));
        }

        Plan = MemoryPlanner.Run(graph, sections, kept);
    }

    public ModelGraph Graph { get; }

    public IReadOnlyList<Call> Before { get; }

    public IReadOnlyList<Call> Body { get; }

    public IReadOnlyList<Call> After { get; }

    public IReadOnlyList<Call> Ends { get; }

    /// <summary>The backward pass; null but for training.</summary>
    public BackwardPass? Backward { get; }

    public MemoryPlan Plan { get; }

    /// <summary>Every call, in order.</summary>
    public IEnumerable<Call> Calls =>
        [.. Before, .. Body, .. After, .. Ends, .. Backward is null ? [] : Backward.Before.Concat(Backward.Body).Concat(Backward.After)];

    public static LoweredGraph Lower(ModelSpec spec, Phase phase) => new(Architecture.ByAttribute[spec.Attribute].Build(spec, phase));

    private static Call[] Forward(IReadOnlyList<Node> nodes) =>
        [.. nodes.Select(node => Forward(node) with { Heading = node.Heading })];

    private static Call Forward(Node node)
    {
        try
        {
            return node.Operator.Forward(node);
        }
        catch (Exception fault)
        {
            throw new LoweringException(node.Operator, fault);
        }
    }
}
