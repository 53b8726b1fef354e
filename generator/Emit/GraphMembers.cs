using GptGen.Generator.Graph;
using GptGen.Generator.Memory;
using GptGen.Generator.Operators;

namespace GptGen.Generator.Emit;

/// <summary>Members that the classes of graphs have in common.</summary>
internal static class GraphMembers
{
    /// <summary>The list of a class's inputs, from which its memory is laid out, and a property for each.</summary>
    public static void EmitInputs(SourceWriter writer, IEnumerable<LoweredGraph> graphs)
    {
        var inputs = graphs.SelectMany(graph => graph.Calls).SelectMany(call => call.Operands).OfType<InputOperand>().Select(operand => operand.Input)
            .Distinct().ToArray();
        writer.Summary("What the host gives to the graphs, or reads from them.");
        writer.Line("internal static global::GptGen.GraphInput[] GraphInputs { get; } =").Line("[");
        writer.Indented(() =>
        {
            foreach (var input in inputs)
            {
                var each = input.PerExtent == 1 ? "" : $", {input.PerExtent}";
                writer.Line(
                    $"new(\"{input.Name}\", global::GptGen.InputKind.{input.Kind}, global::GptGen.InputExtent.{input.Extent.Region.Input}{each}),");
            }
        });
        writer.Line("];");
        for (var index = 0; index < inputs.Length; index++)
        {
            writer.Line().Summary(inputs[index].Summary);
            var each = inputs[index].PerExtent == 1 ? "" : $" * {inputs[index].PerExtent}";
            writer.Line(
                $"private global::GptGen.Tensors.{inputs[index].Kind} {inputs[index].Name} => {inputs[index].Kind}Of({index}, "
                + $"{inputs[index].Extent.Property}{each});");
        }
    }

    /// <summary>The property that is the graph's struct of values.</summary>
    public static void EmitActivations(SourceWriter writer, LoweredGraph graph, string logitRows) =>
        writer.Line(
            $"private {ActivationsEmitter.StructName(graph.Graph.Kind)} Activations => new({ActivationsEmitter.Arguments(graph, logitRows)});");

    /// <summary>The members that give rows which outlive a pass.</summary>
    public static void EmitStates(SourceWriter writer, IReadOnlyList<LoweredGraph> graphs)
    {
        var states = graphs.SelectMany(static graph => graph.Calls).SelectMany(static call => call.Operands).OfType<StateOperand>();
        foreach (var state in states.Select(static state => state with { Place = 0 }).Distinct())
        {
            var place = state.Places > 1 ? "place" : "layer";
            writer.Line().Line(
                $"private global::GptGen.Tensors.Rows<{state.Width.TypeName}> {state.Name}(int {place}) => "
                + $"new({state.Name}Of({place}), {state.Name}RowCount);");
        }
    }

    /// <summary>The forward pass as a method.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="printer">Prints the calls.</param>
    /// <param name="graph">The graph.</param>
    /// <param name="sections">What of it.</param>
    /// <param name="values">The expression of the struct of values.</param>
    /// <param name="end">A last statement, or null.</param>
    public static void EmitForward(
        SourceWriter writer, CallPrinter printer, LoweredGraph graph, IReadOnlyList<CallSection> sections, string values = "Activations",
        string? end = null)
    {
        writer.Line("/// <inheritdoc/>");
        writer.Block($"protected override void {graph.Graph.Kind.Method}()", () =>
        {
            printer.PrintViews(values);
            writer.Line();
            printer.Print(sections);
            if (end is not null)
                writer.Line(end);
        });
    }

    /// <summary>The members that say where values are which the host reads.</summary>
    public static void EmitResults(SourceWriter writer, CallPrinter printer, LoweredGraph graph)
    {
        foreach (var (member, value) in graph.Graph.Results)
        {
            writer.Line().Line("/// <inheritdoc/>");
            writer.Line($"protected override global::GptGen.Tensors.Location {member} => Activations.{printer.PrintResult(value)}.Start;");
        }
    }

    /// <summary>Where the hidden states between layers are.</summary>
    public static void EmitLayerStates(SourceWriter writer, LoweredGraph graph)
    {
        foreach (var (member, states) in graph.Graph.States)
        {
            if (graph.Plan.Places[states].Instances <= states.CarriedBy!.Passes)
                throw new InvalidOperationException($"{states.Name} is not kept for every layer.");
            var between = $"Activations.{states.Name}{(graph.Plan.Places[states].Instances > 1 ? "(layer)" : "")}.Start;";
            var header = $"protected override global::GptGen.Tensors.Location {member}(int layer) =>";
            writer.Line().Line("/// <inheritdoc/>");
            if (states.EndsAs is { } last)
            {
                writer.Line(header).Line($"    layer == {states.CarriedBy.Count} ? Activations.{last.Name}.Start : {between}").Line();
                writer.Line("/// <inheritdoc/>").Line($"protected override int FinalStateCount => {last.Extent.Property};");
            }
            else
            {
                writer.Line($"{header} {between}");
            }
        }
    }
}
