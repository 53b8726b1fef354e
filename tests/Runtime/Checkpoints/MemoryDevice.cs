namespace GptGen.Runtime.Tests.Checkpoints;

/// <summary>A device that only remembers: checkpoints need arenas and no operator.</summary>
internal sealed class MemoryDevice : Device
{
    public override string Name => "memory";

    public override Arena Allocate(BufferRole role, nint elements) => new MemoryArena(this, role, elements);

    public override int ElementSize(BufferRole role) => sizeof(float);

    protected override void GradientNorm(Location gradients, nint count, Location result) => throw new NotSupportedException();

    protected override void AdamW(Location parameters, Location gradients, Location firstMoments, Location secondMoments, Location norm, in AdamWStep step) => throw new NotSupportedException();

    protected override void Activate(Activation activation, Location x, Location y, nint count) => throw new NotSupportedException();

    protected override void ActivateBackward(Activation activation, Location x, Location dy, Location dx, nint count) => throw new NotSupportedException();

    protected override void Attention(in AttentionInputs inputs, DropoutSite dropout, Location y, Location logSumExp, in AttentionShape shape) =>
        throw new NotSupportedException();

    protected override void AttentionBackward(
        Location dy, in AttentionInputs inputs, Location y, Location logSumExp, DropoutSite dropout, in AttentionGradients gradients,
        in AttentionShape shape) =>
        throw new NotSupportedException();

    protected override void StoreKeysAndValues(
        in AttentionInputs inputs, Location slots, Location keys, Location values, int capacity, in AttentionShape shape) =>
        throw new NotSupportedException();

    protected override void AttentionDecode(
        in AttentionInputs inputs, Location positions, Location slots, Location keys, Location values, int capacity, Location y, in AttentionShape shape) =>
        throw new NotSupportedException();

    protected override void Embed(Location tokens, Location positions, Location tokenTable, Location positionTable, DropoutSite dropout, Location y, int rows, int width) => throw new NotSupportedException();

    protected override void EmbedBackward(Location tokens, Location positions, Location dy, DropoutSite dropout, Location dTokenTable, GradientWrite tokenWrite, int tokenRows, Location dPositionTable, GradientWrite positionWrite, int positionRows, int rows, int width) => throw new NotSupportedException();

    protected override void MeanRows(Location x, Location lengths, Location y, int sequences, int length, int width) => throw new NotSupportedException();

    protected override void Pool(Location x, Location rows, DropoutSite dropout, Location y, int members, int count, int width) => throw new NotSupportedException();

    protected override void PoolBackward(
        Location dy, Location rows, DropoutSite dropout, Location dx, GradientWrite write, int members, int count, int inputRows, int width) =>
        throw new NotSupportedException();

    protected override void CrossEntropy(Location scores, Location labels, Location losses, int examples, int classes) => throw new NotSupportedException();

    protected override void CrossEntropyBackward(
        Location scores, Location labels, Location weights, Location losses, Location dScores, int examples, int classes) =>
        throw new NotSupportedException();

    protected override void SquaredError(Location scores, Location grades, Location losses, int examples) => throw new NotSupportedException();

    protected override void SquaredErrorBackward(Location scores, Location grades, Location weights, Location losses, Location dScores, int examples) =>
        throw new NotSupportedException();

    protected override void Lookup(Location indices, Location table, float scale, Location y, GradientWrite write, int rows, int width) => throw new NotSupportedException();

    protected override void LookupBackward(
        Location indices, Location dy, float scale, Location dTable, GradientWrite write, int tableRows, int rows, int width) =>
        throw new NotSupportedException();

    protected override void HeadLoss(
        Location x, Location weight, Location bias, Location targets, Location logits, Location losses, float smoothing, in HeadShape shape) =>
        throw new NotSupportedException();

    protected override void HeadLossBackward(
        Location x, Location weight, Location bias, Location targets, Location weights, Location logits, Location losses,
        Location dx, Location dWeight, Location dBias, GradientWrite weightWrite, float smoothing, in HeadShape shape) =>
        throw new NotSupportedException();

    protected override void HeadLogits(Location x, Location weight, Location bias, Location logits, in HeadShape shape) => throw new NotSupportedException();

    protected override void LayerNorm(Location x, Location gain, Location bias, float epsilon, Location y, Location mean, Location reciprocalDeviation, int rows, int width) => throw new NotSupportedException();

    protected override void ResidualLayerNorm(Location residual, Location branch, DropoutSite dropout, Location gain, Location bias, float epsilon, Location sum, Location y, Location mean, Location reciprocalDeviation, int rows, int width) => throw new NotSupportedException();

    protected override void LayerNormBackward(Location dy, Location x, Location gain, Location mean, Location reciprocalDeviation, Location dx, GradientWrite inputWrite, Location dGain, Location dBias, GradientWrite parameterWrite, int rows, int width) => throw new NotSupportedException();

    protected override void Linear(Location x, Location weight, Location bias, Location y, int rows, int inWidth, int outWidth) => throw new NotSupportedException();

    protected override void LinearBackwardInput(Location dy, Location weight, Location dx, GradientWrite write, int rows, int inWidth, int outWidth) => throw new NotSupportedException();

    protected override void LinearBackwardWeight(Location x, Location dy, Location dWeight, Location dBias, GradientWrite write, int rows, int inWidth, int outWidth) => throw new NotSupportedException();

    protected override void ResidualAdd(Location residual, Location branch, DropoutSite dropout, Location y, nint count) => throw new NotSupportedException();

    protected override void Dropout(Location x, DropoutSite dropout, Location y, nint count) => throw new NotSupportedException();

    protected override void Sample(Location logits, Location draws, Location seen, Location tokens, in SamplingShape shape) => throw new NotSupportedException();

    protected override void Copy(Location x, Location y, nint count) => throw new NotSupportedException();

    private sealed class MemoryArena(MemoryDevice device, BufferRole role, nint elements) : Arena(device, role, elements)
    {
        private readonly float[] values = new float[elements];

        protected override void WriteNumbers(nint offset, ReadOnlySpan<float> source) => source.CopyTo(values.AsSpan((int)offset));

        protected override void ReadNumbers(nint offset, Span<float> destination) =>
            values.AsSpan((int)offset, destination.Length).CopyTo(destination);

        protected override void WriteIntegers(nint offset, ReadOnlySpan<int> source) => throw new NotSupportedException();

        protected override void ReadIntegers(nint offset, Span<int> destination) => throw new NotSupportedException();

        protected override void ClearElements(nint offset, nint count) => values.AsSpan((int)offset, (int)count).Clear();

        protected override void Dispose(bool disposing)
        {
        }
    }
}
