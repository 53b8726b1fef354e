using GptGen.Generator.Graph;
using GptGen.Generator.Memory;
using GptGen.Generator.Operators;

namespace GptGen.Generator.Emit;

/// <summary>Prints calls to the device, with the names that the other emitters give to views.</summary>
internal sealed class CallPrinter(SourceWriter writer, LoweredGraph graph)
{
    /// <summary>How many columns a generated line may have, before its arguments go below it.</summary>
    private const int LineWidth = 150;

    private int position;
    private LoopId? loop;

    /// <summary>The lines before a graph's calls: its values and the weights.</summary>
    public void PrintViews(string values)
    {
        writer.Line($"var a = {values};");
        if (graph.Calls.Any(call => call.Operands.Any(operand => operand is ParameterOperand or FlattenedOperand)))
            writer.Line("var w = new Tensors(Model.Parameters);");
    }

    /// <summary>Prints sections in their order, which in the backward pass is the reverse.</summary>
    public void Print(IEnumerable<CallSection> sections, bool isReversed = false)
    {
        foreach (var section in sections)
        {
            position = section.Position;
            loop = section.Loop;
            if (section.LayerOf is not { } id)
            {
                PrintOnce(section.Calls);
                continue;
            }

            var header = section.Loop is null ? "// the last layer: not all of its rows go on"
                : isReversed ? $"for (var layer = {id.PassesLess(1)}; layer >= 0; layer--)"
                : $"for (var layer = 0; layer < {id.PassesLess(0)}; layer++)";
            PrintLayer(
                section.Calls, header, section.Loop is null ? $"const int layer = {id.Count} - 1;" : null,
                isReversed ? $"LayerDone({graph.Graph.LayerNumber(id)});" : null);
        }
    }

    /// <summary>A value where the graph has run, for members that say where it is.</summary>
    public string PrintResult(Value value)
    {
        (position, loop) = (graph.Graph.Sections.Count, null);
        return Print(value).Substring("a.".Length);
    }

    private void PrintOnce(IReadOnlyList<Call> calls)
    {
        foreach (var call in calls)
            Print(call);
    }

    private void PrintLayer(IReadOnlyList<Call> calls, string header, string? begin, string? end)
    {
        writer.Gap();
        writer.Block(header, () =>
        {
            if (begin is not null)
                writer.Line(begin).Line();
            foreach (var call in calls)
            {
                if (call.Heading is not null && call != calls[0])
                    writer.Line();
                Print(call);
            }

            if (end is not null)
                writer.Line(end);
        });
        writer.Gap();
    }

    private void Print(Call call)
    {
        if (call.Heading is not null)
            writer.Line($"// {call.Heading}");
        if (call.IsAboveFirst)
            writer.Line("if (layer > 0)").Indented(() => PrintCall(call));
        else
            PrintCall(call);
    }

    private void PrintCall(Call call)
    {
        var result = call.Result is null ? "" : $"var {Local(call.Result)} = ";
        var arguments = call.Operands.Select(operand => Print(operand)).ToArray();
        var line = $"{result}Device.{call.Method}({string.Join(", ", arguments)});";
        if (writer.Indentation + line.Length <= LineWidth)
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
                // Behind the argument stands a comma, or what ends the call.
                if (current.Length > 0 && writer.Indentation + current.Length + argument.Length + 2 > LineWidth)
                {
                    writer.Line(current.TrimEnd());
                    current = "";
                }

                current += argument + ", ";
            }

            writer.Line(current.Substring(0, current.Length - 2) + ");");
        });
    }

    private string Print(Operand operand) => operand switch
    {
        ValueOperand value => Print(value.Value),
        SliceOperand slice => $"{Print(slice.Packed)}.{slice.Part}({slice.First})",
        ParameterOperand { Parameter: null } or AbsentOperand => "default",
        ParameterOperand parameter =>
            $"{(parameter.Gradient ? "d" : "w")}.{parameter.Parameter.Name}{(parameter.Parameter.Loop is null ? "" : "(layer)")}",
        WriteOperand { OnFirstPass: true } write => $"layer == {loop!.PassesLess(1)} ? {Print(write.Writing)} : {Print(GradientWriting.Add)}",
        WriteOperand write => Print(write.Writing),
        DropoutOperand when !graph.Graph.Kind.IsDifferentiated => "default",
        DropoutOperand dropout => $"Dropout.Site({(dropout.InLayer ? "layer" : "0")}, {dropout.Site})",
        CacheOperand cache => $"{cache.Name}(layer)",
        MemberOperand member => member.Name,
        StateOperand { Places: > 1 } state => $"{state.Name}(({state.Places} * layer) + {state.Place})",
        StateOperand state => $"{state.Name}(layer)",
        PartOperand part => $"{Print(part.Whole)}.Part({part.Index}, {part.Count})",
        LayersOperand layers => PrintLayers(layers.Carried.Value.Planned),
        RecurrenceOperand recurrence => recurrence.Name,
        FlattenedOperand flattened => $"{Print(flattened.Matrix)}.Flattened<{flattened.Size.TypeName}>()",
        HeadsOperand heads => heads.Name,
        InputOperand input => input.Input.Name,
        ActivationOperand activation => $"global::GptGen.Activation.{activation.Kind}",
        IndexOperand index => index.Index.ToString(System.Globalization.CultureInfo.InvariantCulture),
        NumberOperand number => Literal.Of(number.Number),
        _ => throw new InvalidOperationException($"Nothing prints {operand}."),
    };

    private string PrintLayers(Value carried)
    {
        var place = graph.Plan.Places[carried];
        if (place.Instances <= carried.CarriedBy!.Passes || place.PerInstance != carried.PerExtent)
            throw new InvalidOperationException($"{carried.Name} is not kept for every layer, one behind the other.");
        return $"new global::GptGen.Tensors.Rows<{carried.Width!.TypeName}>("
            + $"a.{carried.Name}(0).Start, {place.Instances} * {carried.Extent.Property})";
    }

    private static string Print(GradientWriting writing) => writing switch
    {
        GradientWriting.Accumulate => "first",
        GradientWriting.Add => "global::GptGen.Tensors.GradientWrite.Add",
        _ => "global::GptGen.Tensors.GradientWrite.Write",
    };

    private string Print(Value value)
    {
        if (value.Backing.Count > 0)
            return Local(value);
        var planned = value.Planned;
        if (planned.Extent == Extent.LogitRow || graph.Plan.Places[planned].Instances <= 1)
            return $"a.{planned.Name}";
        return $"a.{planned.Name}({(planned.CarriedBy is null ? "layer" : CarriedInstance(value, planned.CarriedBy))})";
    }

    /// <summary>Before its loop a carried value is the first instance, after it the last.</summary>
    private string CarriedInstance(Value value, LoopId by)
    {
        if (by == loop)
            return value.HandedOnAs is null ? "layer" : "layer + 1";
        var index = graph.Forward.Count(section => section.Position < position && section.Loop == by);
        return index == 0 ? "0" : by.PassesLess(0);
    }

    private static string Local(Value value) => char.ToLowerInvariant(value.Name[0]) + value.Name.Substring(1);
}
