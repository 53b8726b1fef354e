using GptGen.Generator.Graph;
using GptGen.Generator.Memory;
using GptGen.Generator.Spec;

namespace GptGen.Generator.Emit;

/// <summary>A graph without gradients over whole sequences: scoring by a task head, or encoding.</summary>
internal static class EncodingEmitter
{
    public static GeneratedFile Emit(ModelSpec spec, GraphClass graphClass, LoweredGraph graph) =>
        FileFrame.Write(spec, graphClass.Name, "", null, writer =>
        {
            writer.Summary($"{graphClass.Name} with <see cref=\"{spec.Name}\"/>.");
            writer.Block($"public sealed partial class {graphClass.Name} : global::GptGen.{graphClass.Base}", () =>
            {
                writer.Line($"internal {graphClass.Name}({spec.Name} model, int sequences, int length)");
                writer.Indented(() => writer.Line(
                    $": base(model, sequences, length, GraphInputs, {ActivationsEmitter.StructName(graph.Graph.Kind)}.ValueElements)"));
                writer.Line("{").Line("}").Line();
                GraphMembers.EmitInputs(writer, [graph]);
                writer.Line();
                GraphMembers.EmitActivations(writer, graph, "");
                GraphMembers.EmitStates(writer, [graph]);
                var printer = new CallPrinter(writer, graph);
                GraphMembers.EmitResults(writer, printer, graph);
                GraphMembers.EmitLayerStates(writer, graph);
                writer.Line();
                GraphMembers.EmitForward(writer, printer, graph, graph.Forward);
            });
        });
}
