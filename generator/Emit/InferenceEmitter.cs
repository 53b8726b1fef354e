using GptGen.Generator.Graph;
using GptGen.Generator.Memory;
using GptGen.Generator.Operators;
using GptGen.Generator.Spec;

namespace GptGen.Generator.Emit;

/// <summary>The inference graphs: what sequences begin with in one file, decoding in another.</summary>
internal static class InferenceEmitter
{
    public const string ClassName = "Inference";

    private const string CacheType = "global::GptGen.Tensors.KeyValueCache<Width>";

    /// <summary>The members of the runtime's InferenceSize that regions and caches grow with, by the names that the graphs have for them.</summary>
    private static readonly Dictionary<string, string> SizeMembers = new(StringComparer.Ordinal)
    {
        [Region.Rows.Count] = "RowCapacity",
        [Region.Sequences.Count] = "Slots",
        [Region.SourceRows.Count] = "SourceRows",
        [Region.Distances.Count] = "Capacity",
        ["SourceCapacity"] = "SourceLength",
    };

    /// <summary>The line of the manifest for what inference calls outside its graphs.</summary>
    public static string SamplingManifest(ModelSpec spec) => ManifestEntry.Of("Sample", [spec.TableRows]);

    public static GeneratedFile EmitPrefill(ModelSpec spec, GraphClass graphClass, IReadOnlyList<LoweredGraph> graphs) =>
        FileFrame.Write(spec, "Prefill", "", null, writer =>
        {
            writer.Summary($"Inference with <see cref=\"{spec.Name}\"/>.");
            writer.Block($"public sealed partial class Inference : global::GptGen.{graphClass.Base}", () =>
            {
                writer.Line($"internal Inference({spec.Name} model, {FileFrame.Parameters(graphClass.Sizes)})");
                writer.Line($"    : base(model, {string.Join(", ", graphClass.Sizes)}, GraphInputs)");
                writer.Line("{").Line("}").Line();
                GraphMembers.EmitInputs(writer, graphs);
                GraphMembers.EmitStates(writer, graphs);
                writer.Line();
                foreach (var graph in graphs.Take(graphs.Count - 1))
                {
                    Emit(writer, graph);
                    writer.Line();
                }

                writer.Line("/// <inheritdoc/>");
                writer.Line("protected override void SampleTokens(int limit) =>");
                writer.Line(
                    "    Device.Sample(new global::GptGen.Tensors.Rows<Vocabulary>(Workspace.At(0), LogitRowCapacity), limit, Draws, SeenTokens, "
                    + "DrawnTokens);").Line();
                if (graphs.Any(graph => graph.Graph.Logits.Count > 1))
                    writer.Line("/// <inheritdoc/>").Line("protected override nint LogitStride => Vocabulary.Stored;").Line();
                writer.Line($"internal static nint ValueElements({FileFrame.Parameters(Regions(graphs).Select(region => region.Count))}) =>");
                writer.Line("    global::System.Math.Max(");
                writer.Line($"        {Size(graphs[0])},");
                writer.Line($"        {Largest(graphs, 1)});");
                foreach (var cache in Caches(graphs))
                {
                    writer.Line().Line($"private {CacheType} {cache.Name}(int layer) =>");
                    writer.Line(
                        $"    new({cache.Arena}.At(layer * {CacheType}.Elements({cache.Slots}, {cache.Capacity})), {cache.Slots}, "
                        + $"{cache.Capacity});");
                }
            });
        });

    public static GeneratedFile EmitDecode(ModelSpec spec, LoweredGraph decode) =>
        FileFrame.Write(spec, "Decode", "", null, writer => writer.Block("public sealed partial class Inference", () => Emit(writer, decode)));

    /// <summary>The member of the model's description that says what memory an inference graph takes.</summary>
    public static void Describe(SourceWriter writer, IReadOnlyList<LoweredGraph> graphs)
    {
        var inference = graphs.Where(graph => !graph.Graph.Kind.IsDifferentiated).ToArray();
        string[] sizes = [.. Regions(inference).Select(region => SizeOf(region.Count))];
        var layers = graphs.Single(graph => graph.Graph.Kind.IsDifferentiated).Graph.Loops.Last().Id.Count;
        writer.Line("InferenceElements = static size =>").Line("[");
        writer.Indented(() =>
        {
            writer
                .Line(
                    "(global::GptGen.Tensors.BufferRole.Token, global::GptGen.GraphInput.CountIntegers(Inference.GraphInputs, "
                    + $"{string.Join(", ", Regions(inference).Select(Argument))})),")
                .Line($"(global::GptGen.Tensors.BufferRole.Activation, Inference.ValueElements({string.Join(", ", sizes)})),")
                .Line(
                    "(global::GptGen.Tensors.BufferRole.Logit, (nint)size.LogitRowCapacity * "
                    + $"{ActivationsEmitter.WorkspacePerRow(inference.Last(graph => graph.Graph.Logits.Count > 0))}),");
            foreach (var (state, region) in inference.SelectMany(graph => graph.Calls).SelectMany(call => call.Operands).OfType<StateOperand>()
                .Distinct().Where(state => state.Kept is not null).Select(state => (state, state.Kept!)))
            {
                writer.Line(
                    $"(global::GptGen.Tensors.BufferRole.Activation, {layers} * (nint){SizeOf(region.Count)} * {state.Width.TypeName}.Stored),");
            }
            foreach (var cache in Caches(inference))
            {
                writer.Line(
                    $"(global::GptGen.Tensors.BufferRole.Cache, {layers} * {CacheType}.Elements({SizeOf(cache.Slots)}, "
                    + $"{SizeOf(cache.Capacity)})),");
            }
        });
        writer.Line("],");
    }

    /// <summary>A number of inputs; distances are not the next parameter.</summary>
    private static string Argument(Region region) =>
        region == Region.Distances ? $"{region.Count}: {SizeOf(region.Count)}" : SizeOf(region.Count);

    private static string SizeOf(string name) => "size." + (SizeMembers.TryGetValue(name, out var member) ? member : name);

    /// <summary>The caches that graphs use, in the order in which their memory lies: that of what is decoded first.</summary>
    private static IEnumerable<CacheOperand> Caches(IEnumerable<LoweredGraph> graphs) => graphs.SelectMany(graph => graph.Calls)
        .SelectMany(call => call.Operands).OfType<CacheOperand>().Distinct().OrderBy(cache => cache == AttentionBuilder.LayerCache ? 0 : 1);

    private static IEnumerable<Region> Regions(IEnumerable<LoweredGraph> graphs) => graphs.SelectMany(ActivationsEmitter.Regions).Distinct();

    private static string Largest(IReadOnlyList<LoweredGraph> graphs, int first) => first == graphs.Count - 1
        ? Size(graphs[first])
        : $"global::System.Math.Max({Size(graphs[first])}, {Largest(graphs, first + 1)})";

    private static string Size(LoweredGraph graph) =>
        $"{ActivationsEmitter.StructName(graph.Graph.Kind)}.ValueElements("
        + $"{string.Join(", ", ActivationsEmitter.Regions(graph).Select(region => region.Count))})";

    private static void Emit(SourceWriter writer, LoweredGraph graph)
    {
        var printer = new CallPrinter(writer, graph);
        var result = graph.Graph.Results.Select(result => ((string Member, Value Value)?)result).SingleOrDefault();
        var values = $"new {ActivationsEmitter.StructName(graph.Graph.Kind)}("
            + $"{ActivationsEmitter.Arguments(graph, result?.Value.Extent.Property ?? "")})";
        var end = result is { } found ? $"{found.Member} = a.{printer.PrintResult(found.Value)}.Start;" : null;
        GraphMembers.EmitForward(writer, printer, graph, [.. graph.Forward, graph.Ends], values, end);
    }
}
