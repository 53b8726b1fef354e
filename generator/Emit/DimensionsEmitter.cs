using GptGen.Generator.Graph;
using GptGen.Generator.Memory;
using GptGen.Generator.Spec;

namespace GptGen.Generator.Emit;

/// <summary>The marker structs of the model's sizes.</summary>
internal static class DimensionsEmitter
{
    /// <summary>The dimensions that a model's generated code has types for.</summary>
    public static IEnumerable<Dimension> Of(LoweredGraph training) => training.Graph.Parameters.Concat(training.Graph.Slices)
        .SelectMany(parameter => new[] { parameter.Rows, parameter.Columns })
        .OfType<Dimension>()
        .Concat(training.Graph.Dimensions)
        .Where(dimension => dimension.Summary is not null)
        .Distinct();

    public static GeneratedFile Emit(ModelSpec spec, LoweredGraph training) =>
        FileFrame.Write(spec, "Dimensions", "", null, writer =>
        {
            var first = true;
            foreach (var dimension in Of(training))
            {
                if (!first)
                    writer.Line();
                first = false;
                writer.Summary(dimension.Summary!);
                writer.Block($"public readonly struct {dimension.TypeName} : global::GptGen.Tensors.IDimension", () => writer
                    .Line("/// <inheritdoc/>")
                    .Line($"public static int Size => {dimension.Size};")
                    .Line()
                    .Line("/// <inheritdoc/>")
                    .Line($"public static int Stored => {dimension.Stored};"));
            }
        });
}
