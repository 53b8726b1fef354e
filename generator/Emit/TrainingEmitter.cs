using GptGen.Generator.Graph;
using GptGen.Generator.Memory;
using GptGen.Generator.Spec;

namespace GptGen.Generator.Emit;

/// <summary>The training graph: forward in one file, backward in another.</summary>
internal static class TrainingEmitter
{
    public static GeneratedFile EmitForward(ModelSpec spec, LoweredGraph graph) =>
        FileFrame.Write(spec, "Forward", "", null, writer =>
        {
            var values = ActivationsEmitter.StructName(Phase.Train);
            writer.Summary($"Training of <see cref=\"{spec.Name}\"/>.");
            writer.Block($"public sealed partial class Training : global::GptGen.{(spec.Head is null ? "TrainingGraph" : "TaskTrainingGraph")}", () =>
            {
                writer.Line($"internal Training({spec.Name} model, int sequences, int length)");
                writer.Indented(() => writer
                    .Line(": base(model, sequences, length, global::GptGen.GraphMemory.Allocate(")
                    .Line("    model.Device,")
                    .Line($"    {values}.ValueElements(checked(sequences * length), sequences),")
                    .Line($"    {values}.StatisticElements(checked(sequences * length)),")
                    .Line("    (nint)LogitRowsOf(checked(sequences * length)) * Vocabulary.Stored))"));
                writer.Line("{").Line("}").Line();
                writer.Line($"private {values} Activations => new({ActivationsEmitter.Arguments(graph, "Saved", "LogitRowsOf(RowCount)")});").Line();
                var printer = new CallPrinter(writer, graph);
                writer.Line("/// <inheritdoc/>");
                writer.Block("public override void Forward()", () =>
                {
                    writer.Line("var a = Activations;").Line("var w = new Tensors(Model.Parameters);").Line();
                    printer.Print(graph.Before, "0");
                    printer.PrintLoop(graph.Body, "for (var layer = 0; layer < Layers; layer++)");
                    printer.Print(graph.After, "Layers");
                });
                writer.Line().Line("/// <inheritdoc/>");
                writer.Block("public override void Loss()", () =>
                {
                    writer.Line("var a = Activations;").Line("var w = new Tensors(Model.Parameters);");
                    printer.Print(graph.Ends, "Layers");
                });
                writer.Line().Line("/// <inheritdoc/>");
                var hidden = graph.Graph.Hidden;
                var view = graph.Plan.Places[hidden].Instances > 1 ? $"{hidden.Name}(Layers)" : hidden.Name;
                writer.Block("public override void ReadHidden(global::System.Span<float> hidden)", () => writer
                    .Line($"var start = Activations.{view}.Start;")
                    .Line("start.Arena.Read(start.Offset, hidden[..(RowCount * Width.Size)]);"));
                writer.Line();
                if (graph.Graph.Scores is { } scores)
                    ScoringEmitter.EmitReadScores(writer, scores);
                writer.Line("private static int LogitRowsOf(int rows) => global::System.Math.Min(rows, global::GptGen.GraphMemory.ChunkRows);");
            });
        });

    public static GeneratedFile EmitBackward(ModelSpec spec, LoweredGraph graph) =>
        FileFrame.Write(spec, "Backward", "", null, writer =>
            writer.Block("public sealed partial class Training", () =>
            {
                var backward = graph.Backward!;
                var printer = new CallPrinter(writer, graph);
                writer.Line("/// <inheritdoc/>");
                writer.Line("/// <remarks>");
                writer.Line("/// The forward pass in reverse; gradients have the forward names with a D before. A parameter's first gradient is written, or added to the");
                writer.Line("/// micro-batches before; later uses of the same parameter always add.");
                writer.Line("/// </remarks>");
                writer.Block("public override void Backward(bool accumulate)", () =>
                {
                    writer.Line("var a = Activations;").Line("var w = new Tensors(Model.Parameters);").Line("var d = new Tensors(Gradients);");
                    writer.Line("var first = accumulate ? global::GptGen.GradientWrite.Add : global::GptGen.GradientWrite.Write;").Line();
                    printer.Print(backward.Before, "Layers");
                    printer.PrintLoop(backward.Body, "for (var layer = Layers - 1; layer >= 0; layer--)");
                    printer.Print(backward.After, "0");
                });
            }));
}
