using GptGen.Generator.Graph;
using GptGen.Generator.Memory;
using GptGen.Generator.Spec;

namespace GptGen.Generator.Emit;

/// <summary>Typed views of each graph's activations, at the places that the memory plan gave them.</summary>
internal static class ActivationsEmitter
{
    public static GeneratedFile Emit(ModelSpec spec, IReadOnlyList<LoweredGraph> graphs) =>
        FileFrame.Write(spec, "Activations", "", null, writer =>
        {
            for (var index = 0; index < graphs.Count; index++)
            {
                if (index > 0)
                    writer.Line();
                EmitStruct(writer, graphs[index]);
            }
        });

    /// <summary>The name of a graph's struct.</summary>
    public static string StructName(GraphKind kind) => kind.Name + "Values";

    /// <summary>What a graph's struct is made from, in the graph class's terms.</summary>
    public static string Arguments(LoweredGraph graph, string logitRows) => string.Join(
        ", ",
        Arenas(graph).Select(arena => arena.Property).Concat(Counts(graph).Select(count => count.Property))
            .Concat(HasLogits(graph) ? [logitRows] : []));

    /// <summary>The regions that a graph's memory grows with, in the order of the parameters of its sizes.</summary>
    public static IEnumerable<Region> Regions(LoweredGraph graph) =>
        [Region.Rows, Region.Sequences, .. graph.Plan.Values.Regions.Select(part => part.Region).Except([Region.Rows, Region.Sequences])];

    /// <summary>The same for a graph's statistics, few of which have one a sequence.</summary>
    public static IEnumerable<Region> StatisticRegions(LoweredGraph graph) =>
        Regions(graph).Where(region => region != Region.Sequences || graph.Plan.Statistics[region] > 0);

    /// <summary>Elements of the workspace for each row of logits, as code.</summary>
    public static string WorkspacePerRow(LoweredGraph graph)
    {
        var widest = graph.Graph.Logits.OrderByDescending(logits => logits.WorkspaceOffset + logits.Width!.Stored).First();
        return widest.WorkspaceOffset == 0
            ? $"{widest.Width!.TypeName}.Stored"
            : $"({widest.Width!.TypeName}.Stored + {widest.WorkspaceOffset})";
    }

    private static bool HasLogits(LoweredGraph graph) => graph.Graph.Logits.Count > 0;

    /// <summary>The arenas that a graph uses, as parameters and as the graph class's properties.</summary>
    private static IEnumerable<(string Parameter, string Property)> Arenas(LoweredGraph graph)
    {
        yield return ("values", "Values");
        if (graph.Plan.Statistics.Regions.Count > 0)
            yield return ("statistics", "Saved");
        if (HasLogits(graph))
            yield return ("workspace", "Workspace");
    }

    /// <summary>The numbers that offsets and views use: the regions', then those of smaller extents.</summary>
    private static IEnumerable<(string Parameter, string Property)> Counts(LoweredGraph graph) =>
        graph.Plan.Values.Regions.OrderBy(part => part.Region == Region.Rows ? 0 : 1).Select(part => (part.Region.Count, part.Region.Property))
            .Concat(graph.Plan.Places.Keys.Select(value => (value.Extent.Count, value.Extent.Property))).Distinct();

    private static void EmitStruct(SourceWriter writer, LoweredGraph graph)
    {
        var plan = graph.Plan;
        var parameters = Arenas(graph).Select(arena => "global::GptGen.Tensors.Arena " + arena.Parameter)
            .Concat(Counts(graph).Select(count => "int " + count.Parameter))
            .Concat(HasLogits(graph) ? ["int logitRows"] : []);
        writer.Line($"/// <summary>{graph.Graph.Kind.Summary} Short-lived values share memory.</summary>");
        writer.Block($"internal readonly struct {StructName(graph.Graph.Kind)}({string.Join(", ", parameters)})", () =>
        {
            // Rows and sequences are what every graph is made for; other regions follow where a graph has them.
            var sizes = Regions(graph).Skip(2);
            writer.Summary("Elements of the activation arena for some rows and sequences.");
            writer.Line(
                $"public static nint ValueElements({Sizes(Regions(graph))}) => "
                + $"(nint)({Sum(plan.Values, [Region.Rows, .. sizes, Region.Sequences])});");
            writer.Line();
            writer.Summary("Elements of the statistics arena for some rows.");
            writer.Line(
                $"public static nint StatisticElements({Sizes(StatisticRegions(graph))}) => "
                + $"(nint)({Sum(plan.Statistics, [.. StatisticRegions(graph)])});");
            foreach (var pair in InOrder(plan))
            {
                writer.Line();
                View(writer, plan, pair.Key, pair.Value);
            }

            foreach (var logits in graph.Graph.Logits)
            {
                writer.Line();
                writer.Summary($"(logit rows, {logits.Width!.TypeName})");
                var place = logits.WorkspaceOffset == 0 ? "0" : $"(nint)logitRows * {logits.WorkspaceOffset}";
                writer.Line($"public global::GptGen.Tensors.Rows<{logits.Width!.TypeName}> {logits.Name} => new(workspace.At({place}), logitRows);");
            }
        });
    }

    /// <summary>Kind by kind and region by region, as they lie in memory; where values do not share it, by their names.</summary>
    private static IEnumerable<KeyValuePair<Value, Storage>> InOrder(MemoryPlan plan)
    {
        var regions = plan.Values.Regions.Select(part => part.Region).ToList();
        return plan.Places.OrderBy(pair => pair.Key.Kind).ThenBy(pair => regions.IndexOf(pair.Key.Extent.Region))
            .ThenBy(pair => pair.Key.Extent.Region.SharesMemory ? pair.Value.Offset : 0).ThenBy(pair => pair.Key.Name, StringComparer.Ordinal);
    }

    private static void View(SourceWriter writer, MemoryPlan plan, Value value, Storage storage)
    {
        var count = value.Extent.Count;
        var (arena, layout, type, size) = value.Kind == ValueKind.Rows
            ? ("values", plan.Values, $"global::GptGen.Tensors.Rows<{value.Width!.TypeName}>", count)
            : ("statistics", plan.Statistics, "global::GptGen.Tensors.Statistics", value.PerExtent == 1 ? count : $"{count} * {value.PerExtent}");
        var width = value.Width is null
            ? $"{value.PerExtent}"
            : value.Width.TypeName.Replace("global::GptGen.Tensors.", "").Replace('<', '(').Replace('>', ')');
        writer.Summary(
            $"({count}, {width}){(storage.Instances > 1 ? value.CarriedBy is not null ? "; carried from layer to layer" : "; one a layer" : "")}");
        var instance = value.CarriedBy is not null && storage.Instances == 2 ? "(layer & 1)" : "layer";
        var member = storage.Instances > 1 ? $"{value.Name}(int layer)" : value.Name;
        var region = value.Extent.Region;
        var place = storage.Instances > 1
            ? $"{region.Count} * ({storage.Offset}L + ({instance} * {storage.PerInstance}L))"
            : $"{region.Count} * {storage.Offset}L";
        var before = layout.Regions.TakeWhile(part => part.Region != region).Select(part => $"({part.Region.Count} * {part.PerRow}L) + ").ToArray();
        var offset = before.Length == 0 ? place : $"{string.Concat(before)}({place})";
        writer.Line($"public {type} {member} => new({arena}.At((nint)({offset})), {size});");
    }

    private static string Sizes(IEnumerable<Region> regions) => string.Join(", ", regions.Select(region => "int " + region.Count));

    private static string Sum(ArenaPlan plan, IReadOnlyList<Region> regions)
    {
        var terms = regions.Select(region => $"{region.Count} * {plan[region]}L").ToArray();
        return terms.Length == 1 ? terms[0] : string.Join(" + ", terms.Select(term => $"({term})"));
    }
}
