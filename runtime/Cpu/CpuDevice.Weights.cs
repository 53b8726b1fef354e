using GptGen.Checkpoints;
using GptGen.Cpu;

namespace GptGen;

public sealed unsafe partial class CpuDevice
{
    /// <summary>Operators that read matrices as f32 numbers row by row.</summary>
    private static readonly HashSet<string> s_undecoded = [nameof(CharacterConvolution), nameof(TransposedLinear)];

    /// <summary>
    /// More operators of models whose matrices stay in rows: they read some rows of a matrix as one of their own, or a small matrix as numbers.
    /// </summary>
    private static readonly HashSet<string> s_byRows = [nameof(ClusterLogProbabilities), nameof(LstmScan), nameof(RelativeAttention)];

    /// <summary>How models keep their matrices.</summary>
    public ElementType Weights { get; }

    /// <summary>Whether models are used and never trained, so that their matrices may lie as products read them.</summary>
    public bool InferenceOnly { get; }

    /// <inheritdoc/>
    internal override Arena AllocateParameters(ModelDescription model)
    {
        if (LayoutOf(model) is not { } layout)
            return base.AllocateParameters(model);
        using var call = Begin();
        return Weights == ElementType.F32 || Uses(model, s_undecoded) is not { } other
            ? new WeightArena(this, model, layout)
            : throw new GptGenException($"{model.Name} computes {other}, which reads weights as F32 alone: keep them so.");
    }

    /// <inheritdoc/>
    internal override double ParameterBytes(ModelDescription model) => LayoutOf(model)?.Bytes ?? base.ParameterBytes(model);

    /// <summary>The matrix of so many columns at a place, of any type.</summary>
    private static WeightMatrix Matrix(Location place, int columns) => ((CpuArena)place.Arena).MatrixAt(place.Offset, columns);

    private static string? Uses(ModelDescription model, HashSet<string> operators) =>
        model.Manifest.FirstOrDefault(use => operators.Contains(use.Operator))?.Operator;

    /// <summary>Where the parameters lie, if not one behind the other as f32.</summary>
    private WeightLayout? LayoutOf(ModelDescription model)
    {
        bool isPacked = InferenceOnly && Uses(model, s_undecoded) is null && Uses(model, s_byRows) is null;
        return Weights != ElementType.F32 || isPacked ? WeightLayout.Of(model, Weights, MicroKernels.ColumnsOf(level)) : null;
    }
}
