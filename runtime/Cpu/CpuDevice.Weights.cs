using GptGen.Checkpoints;
using GptGen.Cpu;

namespace GptGen;

public sealed unsafe partial class CpuDevice
{
    /// <summary>Operators that read matrices as f32 numbers alone.</summary>
    private static readonly HashSet<string> s_undecoded = [nameof(CharacterConvolution), nameof(TransposedLinear)];

    /// <summary>How models keep their matrices.</summary>
    public ElementType Weights { get; }

    /// <inheritdoc/>
    internal override Arena AllocateParameters(ModelDescription model)
    {
        if (Weights == ElementType.F32)
            return base.AllocateParameters(model);
        using var call = Begin();
        if (model.Manifest.FirstOrDefault(use => s_undecoded.Contains(use.Operator)) is { } other)
            throw new GptGenException($"{model.Name} computes {other.Operator}, which reads weights as F32 alone: keep them so.");
        return new WeightArena(this, model, WeightLayout.Of(model, Weights));
    }

    /// <inheritdoc/>
    internal override double ParameterBytes(ModelDescription model) =>
        Weights == ElementType.F32 ? base.ParameterBytes(model) : WeightLayout.Of(model, Weights).Bytes;

    /// <summary>The matrix of so many columns at a place, of any type.</summary>
    private static WeightMatrix Matrix(Location place, int columns) => ((CpuArena)place.Arena).MatrixAt(place.Offset, columns);
}
