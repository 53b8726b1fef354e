using GptGen.Generator.Graph;
using GptGen.Generator.Memory;
using GptGen.Generator.Spec;

namespace GptGen.Generator.Emit;

/// <summary>The scoring graph of a model with a task head.</summary>
internal static class ScoringEmitter
{
    public const string ClassName = "Scoring";

    public static GeneratedFile Emit(ModelSpec spec, GraphClass graphClass, LoweredGraph graph) =>
        FileFrame.Write(spec, graphClass.Name, "", null, writer =>
        {
            writer.Summary($"Scoring with <see cref=\"{spec.Name}\"/>.");
            writer.Block($"public sealed partial class {graphClass.Name} : global::GptGen.{graphClass.Base}", () =>
            {
                writer.Line($"internal {graphClass.Name}({spec.Name} model, int sequences, int length)");
                writer.Indented(() => writer.Line(
                    $": base(model, sequences, length, {ActivationsEmitter.StructName(graph.Graph.Kind)}.ValueElements)"));
                writer.Line("{").Line("}").Line();
                GraphMembers.EmitActivations(writer, graph, "");
                var printer = new CallPrinter(writer, graph);
                GraphMembers.EmitResults(writer, printer, graph);
                writer.Line();
                GraphMembers.EmitForward(writer, printer, graph, graph.Forward);
            });
        });
}
