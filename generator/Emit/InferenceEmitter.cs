using GptGen.Generator.Graph;
using GptGen.Generator.Memory;
using GptGen.Generator.Spec;

namespace GptGen.Generator.Emit;

/// <summary>The inference graph: prefill in one file, decoding in another.</summary>
internal static class InferenceEmitter
{
    /// <summary>The line of the manifest for what inference calls outside its graphs.</summary>
    public static string SamplingManifest(ModelSpec spec) => $"Sample {spec.TableRows}";

    public static GeneratedFile EmitPrefill(ModelSpec spec, LoweredGraph last, LoweredGraph all, LoweredGraph decode) =>
        FileFrame.Write(spec, "Prefill", "", null, writer =>
        {
            writer.Summary($"Inference with <see cref=\"{spec.Name}\"/>.");
            writer.Block("public sealed partial class Inference : global::GptGen.InferenceGraph", () =>
            {
                writer.Line($"internal Inference({spec.Name} model, int slots, int capacity, int prefillRows, int logitRows)");
                writer.Line("    : base(model, slots, capacity, prefillRows, logitRows)");
                writer.Line("{").Line("}").Line();
                Graph(writer, "PrefillLast", last);
                writer.Line();
                Graph(writer, "PrefillAll", all);
                writer.Line().Line("/// <inheritdoc/>");
                writer.Line("protected override void SampleTokens(int limit) =>");
                writer.Line("    Device.Sample(new global::GptGen.Rows<Vocabulary>(Workspace.At(0), LogitRowCapacity), limit, Draws, SeenTokens, DrawnTokens);").Line();
                writer.Line("internal static nint ValueElements(int rows, int sequences) =>");
                writer.Line("    global::System.Math.Max(");
                writer.Line($"        {Size(last)},");
                writer.Line($"        global::System.Math.Max({Size(all)}, {Size(decode)}));").Line();
                writer.Line("private global::GptGen.KeyValueCache<Width> LayerCache(int layer) =>");
                writer.Line("    new(Cache.At(layer * global::GptGen.KeyValueCache<Width>.Elements(Slots, Capacity)), Slots, Capacity);");
            });
        });

    public static GeneratedFile EmitDecode(ModelSpec spec, LoweredGraph decode) =>
        FileFrame.Write(spec, "Decode", "", null, writer =>
            writer.Block("public sealed partial class Inference", () => Graph(writer, "DecodeRows", decode)));

    private static string Size(LoweredGraph graph) => $"{ActivationsEmitter.StructName(graph.Graph.Phase)}.ValueElements(rows, sequences)";

    private static void Graph(SourceWriter writer, string method, LoweredGraph graph)
    {
        var printer = new CallPrinter(writer, graph);
        var logitRows = graph.Graph.Phase == Phase.PrefillAll ? "RowCount" : "Sequences";
        var hidden = graph.Graph.Hidden;
        writer.Line("/// <inheritdoc/>");
        writer.Block($"protected override void {method}()", () =>
        {
            writer.Line($"var a = new {ActivationsEmitter.StructName(graph.Graph.Phase)}({ActivationsEmitter.Arguments(graph, "Values", logitRows)});");
            writer.Line("var w = new Tensors(Model.Parameters);").Line();
            printer.Print(graph.Before, "0");
            printer.PrintLoop(graph.Body, "for (var layer = 0; layer < Layers; layer++)");
            printer.Print([.. graph.After, .. graph.Ends], "Layers");
            writer.Line($"FinalStates = a.{hidden.Name}{(graph.Plan.Places[hidden].Instances > 1 ? "(Layers)" : "")}.Start;");
        });
    }
}
