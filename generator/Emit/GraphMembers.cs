using GptGen.Generator.Memory;
using GptGen.Generator.Operators;

namespace GptGen.Generator.Emit;

/// <summary>Members that the classes of graphs have in common.</summary>
internal static class GraphMembers
{
    /// <summary>The property that is the graph's struct of values.</summary>
    public static void EmitActivations(SourceWriter writer, LoweredGraph graph, string logitRows) =>
        writer.Line($"private {ActivationsEmitter.StructName(graph.Graph.Kind)} Activations => new({ActivationsEmitter.Arguments(graph, logitRows)});");

    /// <summary>The forward pass as a method.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="printer">Prints the calls.</param>
    /// <param name="graph">The graph.</param>
    /// <param name="sections">What of it.</param>
    /// <param name="values">The expression of the struct of values.</param>
    /// <param name="end">A last statement, or null.</param>
    public static void EmitForward(
        SourceWriter writer, CallPrinter printer, LoweredGraph graph, IReadOnlyList<CallSection> sections, string values = "Activations", string? end = null)
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
            writer.Line($"protected override global::GptGen.Location {member} => Activations.{printer.PrintResult(value)}.Start;");
        }
    }
}
