namespace GptGen;

// The operators that have no CUDA body yet.
public sealed partial class CudaDevice
{
    /// <inheritdoc/>
    protected override void Attention(Location qkv, Location lengths, DropoutSite dropout, Location y, Location logSumExp, in AttentionShape shape) => throw Pending();

    /// <inheritdoc/>
    protected override void AttentionBackward(
        Location dy, Location qkv, Location y, Location logSumExp, Location lengths, DropoutSite dropout, Location dQkv, in AttentionShape shape) => throw Pending();

    /// <inheritdoc/>
    protected override void StoreKeysAndValues(
        Location qkv, Location lengths, Location slots, Location keys, Location values, int capacity, in AttentionShape shape) => throw Pending();

    /// <inheritdoc/>
    protected override void AttentionDecode(
        Location qkv, Location positions, Location slots, Location keys, Location values, int capacity, Location y, in AttentionShape shape) => throw Pending();

    /// <inheritdoc/>
    protected override void HeadLoss(Location x, Location weight, Location targets, Location logits, Location losses, in HeadShape shape) => throw Pending();

    /// <inheritdoc/>
    protected override void HeadLossBackward(
        Location x, Location weight, Location targets, Location weights, Location logits, Location losses,
        Location dx, Location dWeight, GradientWrite weightWrite, in HeadShape shape) => throw Pending();

    /// <inheritdoc/>
    protected override void HeadLogits(Location x, Location weight, Location logits, in HeadShape shape) => throw Pending();

    private static NotSupportedException Pending() => new("The CUDA device has no attention and no head yet.");
}
