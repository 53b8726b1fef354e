using GptGen.Cuda;
using GptGen.Cuda.Kernels;

namespace GptGen;

public sealed partial class CudaDevice
{
    /// <summary>The kernels that each operator of a manifest launches. Those without kernels of their own have none.</summary>
    private static readonly Dictionary<string, Func<OperatorUse, PreparedModel, IEnumerable<KernelKey>>> KernelsOfOperator = new()
    {
        ["Accumulate"] = static (_, _) => ResidualKernels,
        ["Activate"] = static (use, _) => [ActivateKernel(use.Activation)],
        ["ActivateBackward"] = static (use, _) => [ActivateBackwardKernel(use.Activation)],
        ["Attention"] = AttentionKernels,
        ["AttentionBackward"] = AttentionBackwardKernels,
        ["AttentionCached"] = AttentionDecodeKernels,
        ["AttentionDecode"] = AttentionDecodeKernels,
        ["AttentionPrefill"] = AttentionPrefillKernels,
        ["CharacterConvolution"] = CharacterConvolutionKernels,
        ["CharacterConvolutionBackward"] = CharacterConvolutionBackwardKernels,
        ["Clear"] = static (_, _) => [],
        ["ClusterLogProbabilities"] = static (_, _) => [ClusterLogitsKernel],
        ["Copy"] = static (_, _) => [],
        ["CrossEntropy"] = static (_, _) => ScoreLossKernels,
        ["CrossEntropyBackward"] = static (_, _) => ScoreLossBackwardKernels,
        ["Dropout"] = static (_, _) => [DropoutKernel],
        ["DropoutBackward"] = static (_, _) => [DropoutKernel],
        ["Embed"] = EmbedKernels,
        ["EmbedBackward"] = EmbedBackwardKernels,
        ["Gather"] = GatherKernels,
        ["GatherBackward"] = GatherBackwardKernels,
        ["HeadLogits"] = HeadLogitsKernels,
        ["HeadLoss"] = HeadLossKernels,
        ["HeadLossBackward"] = HeadLossBackwardKernels,
        ["Highway"] = static (_, _) => [HighwayKernel],
        ["HighwayBackward"] = static (_, _) => [HighwayBackwardKernel],
        ["JoinMemory"] = CopySlicesKernels,
        ["JoinMemoryBackward"] = CopySlicesKernels,
        ["KeepMemory"] = CopySlicesKernels,
        ["LayerNorm"] = LayerNormKernels,
        ["LayerNormBackward"] = LayerNormBackwardKernels,
        ["Linear"] = LinearKernels,
        ["LinearActivation"] = LinearActivationKernels,
        ["LinearBackwardActivation"] = static (use, _) => [ActivateBackwardKernel(use.Activation)],
        ["LinearBackwardInput"] = static (_, _) => [],
        ["LinearBackwardWeight"] = ColumnSumKernels,
        ["LinearResidual"] = LinearResidualKernels,
        ["Lookup"] = LookupKernels,
        ["LookupBackward"] = LookupBackwardKernels,
        ["LstmScan"] = LstmScanKernels,
        ["LstmScanBackward"] = LstmScanBackwardKernels,
        ["MeanRows"] = MeanRowsKernels,
        ["MixLayers"] = MixLayersKernels,
        ["MixLayersBackward"] = MixLayersBackwardKernels,
        ["MixNormalizedLayers"] = MixNormalizedLayersKernels,
        ["MixNormalizedLayersBackward"] = MixNormalizedLayersBackwardKernels,
        ["Pool"] = PoolKernels,
        ["PoolBackward"] = PoolBackwardKernels,
        ["PositionCrossEntropy"] = static (_, _) => PositionLossKernels,
        ["PositionCrossEntropyBackward"] = static (_, _) => PositionLossBackwardKernels,
        ["RelativeAttention"] = RelativeAttentionKernels,
        ["RelativeAttentionBackward"] = RelativeAttentionBackwardKernels,
        ["RelativeAttentionDecode"] = RelativeAttentionDecodeKernels,
        ["ResidualAdd"] = static (_, _) => ResidualKernels,
        ["Sample"] = static (_, model) => [SampleKernel(model.Description.Vocabulary)],
        ["Scatter"] = GatherBackwardKernels,
        ["SampledHeadLossBackward"] = static (_, _) => SampledHeadKernels,
        ["SquaredError"] = static (_, _) => SquaredErrorKernels,
        ["SquaredErrorBackward"] = static (_, _) => SquaredErrorBackwardKernels,
        ["StoreKeysAndValues"] = StoreKeysAndValuesKernels,
        ["TransposedLinear"] = static (_, _) => [],
    };

    /// <inheritdoc/>
    public override void Prepare(ModelDescription model)
    {
        using var call = Begin();
        lock (gate)
        {
            prepared = model;
            kernels.Prepare($"the kernels of {model.Name}", KernelsOf(new(model, types, context.Properties.HasWarpgroups)));
        }
    }

    /// <summary>All kernels of a model: its manifest's and the optimiser's.</summary>
    /// <exception cref="NotSupportedException">The manifest has an operator without a body for CUDA.</exception>
    internal static IEnumerable<KernelKey> KernelsOf(PreparedModel model) =>
        model.Description.Manifest
            .SelectMany(use => KernelsOfOperator.TryGetValue(use.Operator, out var list)
                ? list(use, model)
                : throw new NotSupportedException($"The CUDA device has no operator {use.Operator}."))
            .Concat(OptimizerKernels(model))
            .Distinct();

    /// <summary>A model whose kernels are listed, and the types that they are compiled for.</summary>
    internal sealed record PreparedModel(ModelDescription Description, GpuElementTypes Types, bool HasWarpgroups);
}
