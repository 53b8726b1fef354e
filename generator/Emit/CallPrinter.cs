using GptGen.Generator.Graph;
using GptGen.Generator.Memory;
using GptGen.Generator.Operators;

namespace GptGen.Generator.Emit;

/// <summary>Prints calls to the device, with the names that the other emitters give to views.</summary>
internal sealed class CallPrinter(SourceWriter writer, LoweredGraph graph)
{
    /// <summary>How many columns a generated line may have before its arguments go below it.</summary>
    private const int LineWidth = 150;

    /// <summary>Prints calls outside the layers.</summary>
    /// <param name="calls">The calls.</param>
    /// <param name="instance">Which instance of the carried value they see: "0" or "Layers".</param>
    public void Print(IReadOnlyList<Call> calls, string instance)
    {
        foreach (var call in calls)
            Print(call, instance, instance);
    }

    /// <summary>Prints a layer's calls in a loop.</summary>
    public void PrintLoop(IReadOnlyList<Call> calls, string header)
    {
        writer.Line();
        writer.Block(header, () =>
        {
            foreach (var call in calls)
            {
                if (call.Heading is not null && call != calls[0])
                    writer.Line();
                Print(call, "layer", "layer + 1");
            }
        });
        writer.Line();
    }

    private void Print(Call call, string instance, string next)
    {
        if (call.Heading is not null)
            writer.Line($"// {call.Heading}");
        var result = call.Result is null ? "" : $"var {Local(call.Result)} = ";
        var arguments = call.Operands.Select(operand => Print(operand, instance, next)).ToArray();
        var line = $"{result}Device.{call.Method}({string.Join(", ", arguments)});";
        if (line.Length <= LineWidth)
        {
            writer.Line(line);
            return;
        }

        writer.Line($"{result}Device.{call.Method}(");
        writer.Indented(() =>
        {
            var current = "";
            foreach (var argument in arguments)
            {
                if (current.Length + argument.Length > LineWidth)
                {
                    writer.Line(current.TrimEnd());
                    current = "";
                }

                current += argument + ", ";
            }

            writer.Line(current.Substring(0, current.Length - 2) + ");");
        });
    }

    private string Print(Operand operand, string instance, string next) => operand switch
    {
        ValueOperand value => Print(value.Value, value.Next ? next : instance),
        SliceOperand slice => $"{Print(slice.Packed, instance, next)}.{slice.Part}()",
        ParameterOperand { Parameter: null } => "default",
        ParameterOperand parameter => $"{(parameter.Gradient ? "d" : "w")}.{parameter.Parameter.Name}{(parameter.Parameter.InLayer ? "(layer)" : "")}",
        WriteOperand { Writing: GradientWriting.Accumulate } => "first",
        WriteOperand { Writing: var writing } => writing == GradientWriting.Add ? "global::GptGen.GradientWrite.Add" : "global::GptGen.GradientWrite.Write",
        DropoutOperand when graph.Graph.Phase != Phase.Train => "default",
        DropoutOperand dropout => $"Dropout.Site({(dropout.InLayer ? "layer" : "0")}, {dropout.Site})",
        CacheOperand => "LayerCache(layer)",
        TextOperand text => text.Text,
        _ => throw new InvalidOperationException($"Nothing prints {operand}."),
    };

    private string Print(Value value, string instance)
    {
        if (value.Backing.Count > 0)
            return Local(value);
        return value.Extent != Extent.LogitRow && graph.Plan.Places[value].Instances > 1 ? $"a.{value.Name}({instance})" : $"a.{value.Name}";
    }

    private static string Local(Value value) => char.ToLowerInvariant(value.Name[0]) + value.Name.Substring(1);
}
