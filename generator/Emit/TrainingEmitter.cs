using GptGen.Generator.Graph;
using GptGen.Generator.Memory;
using GptGen.Generator.Operators;
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
            writer.Block($"public sealed partial class Training : global::GptGen.{(spec.Head is null ? "LanguageTrainingGraph" : "TaskTrainingGraph")}", () =>
            {
                writer.Line($"internal Training({spec.Name} model, int sequences, int length)");
                writer.Line("    : base(model, sequences, length)");
                writer.Line("{").Line("}").Line();
                writer.Line($"private {values} Activations => new({ActivationsEmitter.Arguments(graph, "Saved", "LogitRowsOf(RowCount)")});").Line();
                var printer = new CallPrinter(writer, graph);
                writer.Line("/// <inheritdoc/>");
                writer.Block("protected override void ComputeForward()", () =>
                {
                    writer.Line("var a = Activations;").Line("var w = new Tensors(Model.Parameters);").Line();
                    printer.Print(graph.Before, "0");
                    printer.PrintLoop(graph.Body, "for (var layer = 0; layer < Layers; layer++)");
                    printer.Print(graph.After, "Layers");
                });
                writer.Line().Line("/// <inheritdoc/>");
                writer.Block("protected override void ComputeLoss()", () =>
                {
                    writer.Line("var a = Activations;").Line("var w = new Tensors(Model.Parameters);");
                    printer.Print(graph.Ends, "Layers");
                });
                EmitReading(writer, graph);
                writer.Line("private static int LogitRowsOf(int rows) => global::System.Math.Min(rows, ChunkRows);");
            });
        });

    /// <summary>The members that what is read from a graph needs.</summary>
    private static void EmitReading(SourceWriter writer, LoweredGraph graph)
    {
        var (hidden, carried) = (graph.Graph.Hidden, graph.Graph.Repeat.Carried);
        var states = graph.Plan.Places[hidden].Instances > 1 ? $"{hidden.Name}(Layers)" : hidden.Name;
        if (graph.Plan.Places[carried].Instances <= graph.Graph.Layers)
            throw new InvalidOperationException($"{carried.Name} is not kept for every layer.");
        writer.Line().Line("/// <inheritdoc/>");
        writer.Line($"protected override global::GptGen.Location FinalStates => Activations.{states}.Start;");
        writer.Line().Line("/// <inheritdoc/>");
        writer.Line($"protected override global::GptGen.Location StatesOf(int layer) => Activations.{carried.Name}(layer).Start;");
        writer.Line();
        if (graph.Graph.Scores is { } scores)
            ScoringEmitter.EmitScores(writer, scores);
        var head = graph.Ends.Single(call => call.Method == "HeadLoss").Operands.OfType<ParameterOperand>().Single();
        writer.Line("/// <inheritdoc/>");
        writer.Block("protected override void ComputeLogits(int firstRow, int rows)", () => writer
            .Line($"var states = new global::GptGen.Rows<Width>(FinalStates.Plus((nint)firstRow * Width.Size), rows);")
            .Line(
                $"Device.HeadLogits(states, new Tensors(Model.Parameters).{head.Parameter!.Name}, "
                + "new global::GptGen.Rows<Vocabulary>(Workspace.At(0), rows));"));
        writer.Line();
    }

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
                writer.Block("protected override void ComputeBackward(bool accumulate)", () =>
                {
                    writer.Line("var a = Activations;").Line("var w = new Tensors(Model.Parameters);").Line("var d = new Tensors(Gradients);");
                    writer.Line("var first = accumulate ? global::GptGen.GradientWrite.Add : global::GptGen.GradientWrite.Write;").Line();
                    printer.Print(backward.Before, "Layers");
                    printer.PrintLoop(backward.Body, "for (var layer = Layers - 1; layer >= 0; layer--)");
                    printer.Print(backward.After, "0");
                });
            }));
}
