using GptGen.Generator.Graph;
using GptGen.Generator.Operators;

namespace GptGen.Generator.Emit;

/// <summary>A line of the manifest, from which a GPU device knows what to compile: an operator, its widths and what else chooses a kernel.</summary>
internal static class ManifestEntry
{
    /// <summary>The line of a call.</summary>
    public static string Of(Call call)
    {
        var options = call.Operands.Select(Option).OfType<string>().ToArray();
        return Of(call.Method, call.Operands.Select(Width).OfType<int>()) + (options.Length == 0 ? "" : $" {{ {string.Join(", ", options)} }}");
    }

    /// <summary>The line of an operator with these widths.</summary>
    public static string Of(string method, IEnumerable<int> widths) => $"new(\"{method}\"{string.Concat(widths.Select(width => $", {width}"))})";

    /// <summary>Elements of a row, or the last size of a parameter; 0 where a parameter may be and is not; null for what has no width.</summary>
    private static int? Width(Operand operand) => operand switch
    {
        ValueOperand { Value.Width: { } width } => width.Size,
        SliceOperand slice => slice.Width.Size,
        ParameterOperand { Parameter: { } parameter } => (parameter.Columns ?? parameter.Rows).Size,
        ParameterOperand => 0,
        StateOperand state => state.Width.Size,
        FlattenedOperand flattened => flattened.Size.Size,
        PartOperand part => part.Whole.Value.Width?.Size,
        _ => null,
    };

    private static string? Option(Operand operand) => operand switch
    {
        ActivationOperand activation => $"Activation = global::GptGen.Activation.{activation.Kind}",
        HeadsOperand heads => $"HeadSize = {heads.Width.Size / heads.Count}, Mask = global::GptGen.Tensors.AttentionMask.{heads.Mask}",
        _ => null,
    };
}
