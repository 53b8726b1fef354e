using GptGen.Generator.Graph;
using GptGen.Generator.Memory;
using GptGen.Generator.Spec;

namespace GptGen.Generator.Emit;

/// <summary>The inference graphs: prefills in one file, decoding in another.</summary>
internal static class InferenceEmitter
{
    public const string ClassName = "Inference";

    /// <summary>The line of the manifest for what inference calls outside its graphs.</summary>
    public static string SamplingManifest(ModelSpec spec) => ManifestEntry.Of("Sample", [spec.TableRows]);

    public static GeneratedFile EmitPrefill(ModelSpec spec, GraphClass graphClass, IReadOnlyList<LoweredGraph> graphs) =>
        FileFrame.Write(spec, "Prefill", "", null, writer =>
        {
            writer.Summary($"Inference with <see cref=\"{spec.Name}\"/>.");
            writer.Block($"public sealed partial class Inference : global::GptGen.{graphClass.Base}", () =>
            {
                writer.Line($"internal Inference({spec.Name} model, int slots, int capacity, int prefillRows, int logitRows)");
                writer.Line("    : base(model, slots, capacity, prefillRows, logitRows, GraphInputs)");
                writer.Line("{").Line("}").Line();
                GraphMembers.EmitInputs(writer, graphs);
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
                writer.Line("internal static nint ValueElements(int rows, int sequences) =>");
                writer.Line("    global::System.Math.Max(");
                writer.Line($"        {Size(graphs[0])},");
                writer.Line($"        global::System.Math.Max({Size(graphs[1])}, {Size(graphs[2])}));").Line();
                writer.Line("private global::GptGen.Tensors.KeyValueCache<Width> LayerCache(int layer) =>");
                writer.Line("    new(Cache.At(layer * global::GptGen.Tensors.KeyValueCache<Width>.Elements(Slots, Capacity)), Slots, Capacity);");
            });
        });

    public static GeneratedFile EmitDecode(ModelSpec spec, LoweredGraph decode) =>
        FileFrame.Write(spec, "Decode", "", null, writer => writer.Block("public sealed partial class Inference", () => Emit(writer, decode)));

    private static string Size(LoweredGraph graph) => $"{ActivationsEmitter.StructName(graph.Graph.Kind)}.ValueElements(rows, sequences)";

    private static void Emit(SourceWriter writer, LoweredGraph graph)
    {
        var printer = new CallPrinter(writer, graph);
        var (member, value) = graph.Graph.Results.Single();
        var values = $"new {ActivationsEmitter.StructName(graph.Graph.Kind)}({ActivationsEmitter.Arguments(graph, value.Extent.Property)})";
        var end = $"{member} = a.{printer.PrintResult(value)}.Start;";
        GraphMembers.EmitForward(writer, printer, graph, [.. graph.Forward, graph.Ends], values, end);
    }
}
