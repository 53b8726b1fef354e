using GptGen.Generator.Graph;
using GptGen.Generator.Memory;
using GptGen.Generator.Spec;

namespace GptGen.Generator.Emit;

/// <summary>The scoring graph of a model with a task head.</summary>
internal static class ScoringEmitter
{
    public static GeneratedFile Emit(ModelSpec spec, LoweredGraph graph) =>
        FileFrame.Write(spec, "Scoring", "", null, writer =>
        {
            var values = ActivationsEmitter.StructName(Phase.Score);
            writer.Summary($"Scoring with <see cref=\"{spec.Name}\"/>.");
            writer.Block("public sealed partial class Scoring : global::GptGen.ScoringGraph", () =>
            {
                writer.Line($"internal Scoring({spec.Name} model, int sequences, int length)");
                writer.Indented(() => writer.Line(
                    $": base(model, sequences, length, {values}.ValueElements)"));
                writer.Line("{").Line("}").Line();
                writer.Line($"private {values} Activations => new({ActivationsEmitter.Arguments(graph, "Values", "")});").Line();
                EmitScores(writer, graph.Graph.Scores!);
                writer.Line("/// <inheritdoc/>");
                writer.Block("protected override void ScoreExamples()", () =>
                {
                    writer.Line("var a = Activations;").Line("var w = new Tensors(Model.Parameters);").Line();
                    var printer = new CallPrinter(writer, graph);
                    printer.Print(graph.Before, "0");
                    printer.PrintLoop(graph.Body, "for (var layer = 0; layer < Layers; layer++)");
                    printer.Print(graph.After, "Layers");
                });
            });
        });

    /// <summary>The member that says where the scores are.</summary>
    public static void EmitScores(SourceWriter writer, Value scores)
    {
        writer.Line("/// <inheritdoc/>");
        writer.Line($"protected override global::GptGen.Location Scores => Activations.{scores.Name}.Start;");
        writer.Line();
    }
}
