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
    public static string StructName(Phase phase) => $"{phase}Values";

    /// <summary>What a graph's struct is made from, in the graph class's terms.</summary>
    public static string Arguments(LoweredGraph graph, string statistics, string logitRows) =>
        string.Join(", ", Parts(graph).Select(part => part switch
        {
            "values" => "Values",
            "statistics" => statistics,
            "workspace" => "Workspace",
            "rows" => "RowCount",
            "sequences" => "Sequences",
            "pooled" => "PooledCount",
            _ => logitRows,
        }));

    /// <summary>The struct's parameters: only what its views use.</summary>
    private static IEnumerable<string> Parts(LoweredGraph graph)
    {
        yield return "values";
        if (graph.Plan.StatisticRows > 0)
            yield return "statistics";
        if (graph.Graph.Logits is not null)
            yield return "workspace";
        yield return "rows";
        if (graph.Plan.ValueSequences > 0)
            yield return "sequences";
        if (graph.Plan.Places.Keys.Any(value => value.Extent == Extent.Pooled))
            yield return "pooled";
        if (graph.Graph.Logits is not null)
            yield return "logitRows";
    }

    private static void EmitStruct(SourceWriter writer, LoweredGraph graph)
    {
        var plan = graph.Plan;
        writer.Line($"/// <summary>{Describe(graph.Graph.Phase)} Short-lived values share memory.</summary>");
        writer.Block(
            $"internal readonly struct {StructName(graph.Graph.Phase)}({string.Join(", ", Parts(graph).Select(Declare))})",
            () =>
            {
                writer.Summary($"Elements of the activation arena for some rows and sequences.");
                writer.Line($"public static nint ValueElements(int rows, int sequences) => (nint)((rows * {plan.ValueRows}L) + (sequences * {plan.ValueSequences}L));");
                writer.Line();
                writer.Summary($"Elements of the statistics arena for some rows.");
                writer.Line($"public static nint StatisticElements(int rows) => (nint)(rows * {plan.StatisticRows}L);");
                foreach (var pair in plan.Places.OrderBy(pair => pair.Key.Kind).ThenBy(pair => pair.Value.Rows).ThenBy(pair => pair.Key.Name, StringComparer.Ordinal))
                {
                    writer.Line();
                    View(writer, pair.Key, pair.Value);
                }

                if (graph.Graph.Logits is not { } logits)
                    return;
                writer.Line();
                writer.Summary($"(logit rows, {logits.Width!.TypeName})");
                writer.Line($"public global::GptGen.Rows<{logits.Width!.TypeName}> {logits.Name} => new(workspace.At(0), logitRows);");
            });
    }

    private static void View(SourceWriter writer, Value value, Storage storage)
    {
        var count = value.Extent switch { Extent.Row => "rows", Extent.Pooled => "pooled", _ => "sequences" };
        var (arena, type, size) = value.Kind == ValueKind.Rows
            ? ("values", $"global::GptGen.Rows<{value.Width!.TypeName}>", count)
            : ("statistics", "global::GptGen.Statistics", value.PerExtent == 1 ? count : $"{count} * {value.PerExtent}");
        var width = value.Width is null ? $"{value.PerExtent}" : value.Width.TypeName.Replace("global::GptGen.", "").Replace('<', '(').Replace('>', ')');
        writer.Summary($"({count}, {width}){(storage.Instances > 1 ? value.IsCarried ? "; carried from layer to layer" : "; one a layer" : "")}");
        var instance = value.IsCarried && storage.Instances == 2 ? "(layer & 1)" : "layer";
        var member = storage.Instances > 1 ? $"{value.Name}(int layer)" : value.Name;
        var offset = storage.Instances > 1 ? $"rows * ({storage.Rows}L + ({instance} * {storage.RowsPerInstance}L))" : $"rows * {storage.Rows}L";
        if (value.Extent != Extent.Row)
            offset = $"({offset}) + (sequences * {storage.Sequences}L)";
        writer.Line($"public {type} {member} => new({arena}.At((nint)({offset})), {size});");
    }

    private static string Declare(string part) => part is "values" or "statistics" or "workspace" ? $"global::GptGen.Arena {part}" : $"int {part}";

    private static string Describe(Phase phase) => phase switch
    {
        Phase.Train => "What training computes: values that the backward pass reads are kept for every layer.",
        Phase.PrefillLast => "What a prefill computes when only each prompt's last logits are wanted.",
        Phase.PrefillAll => "What a prefill computes when every row's logits are wanted.",
        Phase.Score => "What scoring computes: up to the task head's scores.",
        _ => "What decoding one token a sequence computes.",
    };
}
