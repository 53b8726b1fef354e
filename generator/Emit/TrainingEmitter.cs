using GptGen.Generator.Graph;
using GptGen.Generator.Memory;
using GptGen.Generator.Operators;
using GptGen.Generator.Spec;

namespace GptGen.Generator.Emit;

/// <summary>The training graph: forward in one file, backward in another.</summary>
internal static class TrainingEmitter
{
    public const string ClassName = "Training";

    public static GeneratedFile EmitForward(ModelSpec spec, GraphClass graphClass, LoweredGraph graph) =>
        FileFrame.Write(spec, "Forward", "", null, writer =>
        {
            writer.Summary($"Training of <see cref=\"{spec.Name}\"/>.");
            writer.Block($"public sealed partial class Training : global::GptGen.{graphClass.Base}", () =>
            {
                writer.Line($"internal Training({spec.Name} model, int sequences, int length)");
                writer.Line("    : base(model, sequences, length, GraphInputs)");
                writer.Line("{").Line("}").Line();
                GraphMembers.EmitInputs(writer, [graph]);
                writer.Line();
                GraphMembers.EmitActivations(writer, graph, "LogitRowsOf(RowCount)");
                GraphMembers.EmitStates(writer, [graph]);
                writer.Line();
                var printer = new CallPrinter(writer, graph);
                GraphMembers.EmitForward(writer, printer, graph, graph.Forward);
                writer.Line().Line("/// <inheritdoc/>");
                writer.Block("protected override void ComputeLoss()", () =>
                {
                    printer.PrintViews("Activations");
                    printer.Print([graph.Ends]);
                });
                GraphMembers.EmitResults(writer, printer, graph);
                GraphMembers.EmitLayerStates(writer, graph);
                EmitLogits(writer, printer, graph);
            });
        });

    public static GeneratedFile EmitBackward(ModelSpec spec, LoweredGraph graph) =>
        FileFrame.Write(spec, "Backward", "", null, writer =>
            writer.Block("public sealed partial class Training", () =>
            {
                var printer = new CallPrinter(writer, graph);
                writer.Line("/// <inheritdoc/>");
                writer.Line("/// <remarks>");
                writer.Line(
                    "/// The forward pass in reverse; gradients have the forward names with a D before. A parameter's first gradient is written, "
                    + "or added to the");
                writer.Line("/// micro-batches before; later uses of the same parameter always add.");
                writer.Line("/// </remarks>");
                writer.Block("protected override void ComputeBackward(bool accumulate)", () =>
                {
                    printer.PrintViews("Activations");
                    writer.Line("var d = new Tensors(Gradients);");
                    writer.Line("var first = accumulate ? global::GptGen.Tensors.GradientWrite.Add : global::GptGen.Tensors.GradientWrite.Write;")
                        .Line();
                    printer.Print(graph.Backward, isReversed: true);
                });
            }));

    /// <summary>The logits of some rows, which the losses are computed without.</summary>
    private static void EmitLogits(SourceWriter writer, CallPrinter printer, LoweredGraph graph)
    {
        // Where several heads share the vocabulary, none has its logits.
        if (graph.Graph.Logits.Count > 1 || graph.Ends.Calls.SingleOrDefault(call => call.Method == HeadLossOperator.Method) is not { } head)
            return;
        var states = printer.PrintResult(((ValueOperand)head.Operands[0]).Value);
        var (weight, bias) = ((ParameterOperand)head.Operands[1], (ParameterOperand)head.Operands[2]);
        string Print(ParameterOperand operand) => operand.Parameter is null ? "default" : $"w.{operand.Parameter.Name}";
        writer.Line().Line("/// <inheritdoc/>");
        writer.Block("protected override void ComputeLogits(int firstRow, int rows)", () => writer
            .Line("var w = new Tensors(Model.Parameters);")
            .Line($"var states = new global::GptGen.Tensors.Rows<Width>(Activations.{states}.Start.Plus((nint)firstRow * Width.Size), rows);")
            .Line($"Device.HeadLogits(states, {Print(weight)}, {Print(bias)}, new global::GptGen.Tensors.Rows<Vocabulary>(Workspace.At(0), rows));"));
    }
}
