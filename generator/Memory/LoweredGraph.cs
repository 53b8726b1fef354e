using GptGen.Generator.Architectures;
using GptGen.Generator.Autodiff;
using GptGen.Generator.Graph;
using GptGen.Generator.Operators;
using GptGen.Generator.Spec;

namespace GptGen.Generator.Memory;

/// <summary>A graph as calls with places: what an emitter prints.</summary>
internal sealed class LoweredGraph
{
    /// <param name="graph">The graph.</param>
    /// <param name="recompute">What the backward pass computes anew.</param>
    public LoweredGraph(ModelGraph graph, RecomputationKind recompute = RecomputationKind.None)
    {
        Graph = graph;
        Forward =
        [
            .. graph.Sections.Select((section, position) =>
                new CallSection(CallsOf(section.Nodes), (section as Loop)?.Id, position) { LastOf = (section as Run)?.LastOf }),
        ];
        Ends = new(CallsOf(graph.Ends), null, graph.Sections.Count);
        Backward = graph.Kind.IsDifferentiated ? Recomputation.Insert(graph, Differentiation.Run(graph), recompute) : [];

        var made = Forward.SelectMany(section => section.Calls).SelectMany(call => call.Values);
        var kept = new HashSet<Value>(Backward.SelectMany(section => section.Calls).SelectMany(call => call.Values).Intersect(made));
        // Of what layers carry on the host reads the last state, which nothing overwrites, unless it asks for all of them.
        kept.UnionWith(graph.Results.Select(result => result.Value).Where(value => value.CarriedBy is null));
        kept.UnionWith(graph.States.SelectMany(state => state.Value.EndsAs is { } last ? new[] { state.Value, last } : [state.Value]));
        kept.UnionWith(Calls.SelectMany(call => call.Operands).OfType<LayersOperand>().Select(layers => layers.Carried.Value.Planned));
        Plan = MemoryPlanner.Run(graph, Sections, kept);
    }

    private LoweredGraph(LoweredGraph other, IReadOnlyList<CallSection> backward, MemoryPlan plan) =>
        (Graph, Forward, Ends, Backward, Plan) = (other.Graph, other.Forward, other.Ends, backward, plan);

    public ModelGraph Graph { get; }

    /// <summary>The forward pass, a section each.</summary>
    public IReadOnlyList<CallSection> Forward { get; }

    /// <summary>What ends it: losses or logits.</summary>
    public CallSection Ends { get; }

    /// <summary>The backward pass; empty where there is none.</summary>
    public IReadOnlyList<CallSection> Backward { get; }

    public MemoryPlan Plan { get; }

    /// <summary>Every call, in order.</summary>
    public IEnumerable<Call> Calls => Sections.SelectMany(section => section.Calls);

    private IEnumerable<CallSection> Sections => [.. Forward, Ends, .. Backward];

    public static LoweredGraph Lower(ModelSpec spec, GraphKind kind) =>
        new(Architecture.ByAttribute[spec.Attribute].Build(spec, kind), spec.Recompute);

    /// <summary>The same with another backward pass, for tests of what a wrong one does.</summary>
    internal LoweredGraph With(IReadOnlyList<CallSection> backward) => new(this, backward, Plan);

    /// <summary>The same with another plan, for tests of what a wrong one does.</summary>
    internal LoweredGraph With(MemoryPlan plan) => new(this, Backward, plan);

    private static Call[] CallsOf(IReadOnlyList<Node> nodes) => [.. nodes.SelectMany(CallsOf)];

    private static IEnumerable<Call> CallsOf(Node node)
    {
        try
        {
            return node.Operator.Calls(node).Select((call, index) => index == 0 ? call with { Heading = node.Heading } : call).ToArray();
        }
        catch (Exception fault)
        {
            throw new LoweringException(node.Operator, fault);
        }
    }
}
