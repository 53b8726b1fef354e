using GptGen.Generator.Graph;
using GptGen.Generator.Memory;
using GptGen.Generator.Spec;

namespace GptGen.Generator.Emit;

/// <summary>Typed views of the parameters, for weights, gradients and moments alike, and their list for files and initial values.</summary>
internal static class ParametersEmitter
{
    /// <summary>The generated method that lists the biases which the model is without.</summary>
    public const string AbsentBiasesName = "ListAbsentBiases";

    public static GeneratedFile Emit(ModelSpec spec, LoweredGraph training, ParameterPlan plan) => Emit(spec, training.Graph, plan);

    public static GeneratedFile Emit(ModelSpec spec, ModelGraph graph, ParameterPlan plan) =>
        FileFrame.Write(spec, "Parameters", "", null, writer =>
        {
            writer.Summary("The parameters in an arena: weights, gradients or moments, which are laid out alike.");
            writer.Line("/// <param name=\"arena\">The arena.</param>");
            writer.Block("public readonly struct Tensors(global::GptGen.Tensors.Arena arena)", () =>
            {
                Parameter[] views = [.. graph.Parameters, .. graph.Slices];
                for (var index = 0; index < views.Length; index++)
                {
                    if (index > 0)
                        writer.Line();
                    View(writer, views[index], plan[views[index]]);
                }
            });
            writer.Line();
            ListAll(writer, "global::GptGen.ParameterInfo", "ListParameters", graph.Parameters, run => List(writer, run, graph, plan));
            if (graph.AbsentBiases.Count == 0)
                return;
            writer.Line();
            ListAll(writer, "global::System.ValueTuple<string, int>", AbsentBiasesName, graph.AbsentBiases, run =>
            {
                foreach (var bias in run)
                {
                    foreach (var (name, rows) in bias.Tensors)
                        writer.Line($"parameters.Add(({Name(bias, name)}, {rows}));");
                }
            });
        });

    /// <summary>A method that lists parameters in order, those of a loop for each of its layers.</summary>
    private static void ListAll(
        SourceWriter writer, string type, string method, IReadOnlyList<Parameter> parameters, Action<IReadOnlyList<Parameter>> list) =>
        writer.Block($"private static {type}[] {method}()", () =>
        {
            writer.Line($"var parameters = new global::System.Collections.Generic.List<{type}>();");
            for (var first = 0; first < parameters.Count;)
            {
                var loop = parameters[first].Loop;
                var run = parameters.Skip(first).TakeWhile(parameter => parameter.Loop == loop).ToArray();
                if (loop is null)
                    list(run);
                else
                    writer.Block($"for (var layer = 0; layer < {loop.Count}; layer++)", () => list(run));
                first += run.Length;
            }

            writer.Line("return [.. parameters];");
        });

    private static void View(SourceWriter writer, Parameter parameter, ParameterPlace place)
    {
        var shape = parameter.Columns is null ? $"[{parameter.Rows.Size}]" : $"[{parameter.Rows.Size}, {parameter.Columns.Size}]";
        var type = parameter.Columns is null
            ? $"global::GptGen.Tensors.Vector<{parameter.Rows.TypeName}>"
            : $"global::GptGen.Tensors.Matrix<{parameter.Rows.TypeName}, {parameter.Columns.TypeName}>";
        writer.Summary(
            parameter.Within is var (whole, first) ? $"Rows of {whole.Name} from {first} on, {shape}." : $"{parameter.WholeName}, {shape}.");
        writer.Line(parameter.Loop is not null
            ? $"public {type} {parameter.Name}(int layer) => new(arena.At((nint)({place.Offset}L + (layer * {place.PerLayer}L))));"
            : $"public {type} {parameter.Name} => new(arena.At({Literal.OfElements(place.Offset)}));");
    }

    private static void List(SourceWriter writer, IEnumerable<Parameter> parameters, ModelGraph graph, ParameterPlan plan)
    {
        foreach (var parameter in parameters)
        {
            var place = plan[parameter];
            var offset = parameter.Loop is not null
                ? $"(nint)({place.Offset}L + (layer * {place.PerLayer}L))"
                : $"{Literal.OfElements(place.Offset)}";
            writer.Line("parameters.Add(new(");
            writer.Indented(() =>
            {
                var details = Details(parameter).ToArray();
                var layer = parameter.Loop is null ? null : $"Layer = {graph.LayerNumber(parameter.Loop)}";
                var end = details.Length > 0 ? "" : layer is null ? ");" : $" {{ {layer} }});";
                writer.Line(
                    $"{Name(parameter, parameter.WholeName)}, {offset}, {parameter.Rows.Size}, {parameter.Columns?.Size ?? 0}, "
                    + $"{Layout(parameter)}, global::GptGen.Initialization.{parameter.Initialization}, "
                    + $"{Literal.Of(parameter.Deviation)}){end}");
                if (details.Length == 0)
                    return;
                writer.Line("{");
                writer.Indented(() =>
                {
                    if (layer is not null)
                        writer.Line($"{layer},");
                    Array.ForEach(details, detail => writer.Line(detail));
                });
                writer.Line("});");
            });
        }
    }

    /// <summary>What is to be said of a parameter that is not one trained tensor of files.</summary>
    private static IEnumerable<string> Details(Parameter parameter)
    {
        if (parameter.IsFrozen)
            yield return "IsFrozen = true,";
        if (!parameter.IsStored)
            yield return "Tensors = [],";
        if (parameter.Window > 1)
            yield return $"Window = {parameter.Window},";
        if (parameter.Parts.Count == 0)
            yield break;
        yield return "Tensors =";
        yield return "[";
        var row = 0;
        foreach (var (name, rows) in parameter.Tensors)
        {
            yield return $"    new({Name(parameter, name)}, {row}, {rows}, {Layout(parameter)}),";
            row += rows;
        }

        yield return "],";
    }

    private static string Name(Parameter parameter, string name) => $"{(parameter.Loop is null ? "" : "$")}\"{name}\"";

    private static string Layout(Parameter parameter) => $"global::GptGen.StoredLayout.{parameter.Layout}";
}
