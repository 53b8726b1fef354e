namespace GptGen;

public sealed partial class CudaDevice
{
    /// <inheritdoc/>
    protected override void RelativeAttention(
        in RelativeInputs inputs, DropoutSite dropout, Location y, Location logSumExp, in AttentionShape shape) =>
        throw new NotSupportedException("The CUDA device has no operator RelativeAttention.");

    /// <inheritdoc/>
    protected override void RelativeAttentionBackward(
        Location dy, in RelativeInputs inputs, Location y, Location logSumExp, DropoutSite dropout, in RelativeGradients gradients,
        in AttentionShape shape) =>
        throw new NotSupportedException("The CUDA device has no operator RelativeAttentionBackward.");

    /// <inheritdoc/>
    protected override void RelativeAttentionDecode(
        in RelativeInputs inputs, Location positions, Location slots, Location keys, Location values, Location y, in AttentionShape shape) =>
        throw new NotSupportedException("The CUDA device has no operator RelativeAttentionDecode.");
}
