using Xunit;

namespace GptGen.Runtime.Tests.Operators;

// Tables of tokens and heads over them.
public abstract partial class OperatorTests<TWidth, TOut>
{
    [Theory]
    [MemberData(nameof(Drops))]
    public void Embed(bool drop) => Verify((device, memory) =>
    {
        var site = drop ? Active : default;
        var tokens = memory.Integers([.. Enumerable.Range(0, Many).Select(row => row * row % 11)]);
        var positions = memory.Integers([.. Enumerable.Range(0, Many).Select(row => row % 9)]);
        var y = memory.Rows<TWidth>(new double[Many * Width]);
        var dTokens = memory.Matrix<PaddedVocabulary, TWidth>(TestMemory.Random(1, 16 * Width), BufferRole.Gradient);
        var dPositions = memory.Matrix<Context9, TWidth>(TestMemory.Random(2, 9 * Width), BufferRole.Gradient);
        device.Embed(
            tokens, positions, memory.Matrix<PaddedVocabulary, TWidth>(TestMemory.Random(3, 16 * Width)),
            memory.Matrix<Context9, TWidth>(TestMemory.Random(4, 9 * Width)), site, y);
        device.EmbedBackward(
            tokens, positions, memory.Rows<TWidth>(TestMemory.Random(5, Many * Width)), site, dTokens, GradientWrite.Write, dPositions,
            GradientWrite.Add);
        return [y.Start, dTokens.Start, dPositions.Start];
    });

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 0)]
    [InlineData(false, 0.1f)]
    [InlineData(true, 0.1f)]
    public void Head(bool withBias, float smoothing) => Verify((device, memory) =>
    {
        const int Rows = 103;
        var x = memory.Rows<TWidth>(TestMemory.Random(1, Rows * Width));
        var table = TestMemory.Random(2, 16 * Width);
        Array.Clear(table, 11 * Width, 5 * Width);
        var weight = memory.Matrix<PaddedVocabulary, TWidth>(table);
        // Its padding is not zero here, and yet counts for nothing.
        var bias = withBias ? memory.Vector<PaddedVocabulary>(TestMemory.Random(5, 16)) : default;
        var targets = memory.Integers([.. Enumerable.Range(0, Rows).Select(row => row % 12 - 1)]);
        // The last chunk is not full.
        var chunk = memory.Rows<PaddedVocabulary>(new double[17 * 16], BufferRole.Workspace);
        var (losses, lossesAgain) = (memory.Statistics(Rows), memory.Statistics(Rows));
        var dx = memory.Rows<TWidth>(new double[Rows * Width]);
        var weights = memory.Statistics(TestMemory.Random(4, Rows));
        var (added, written) = (
            memory.Matrix<PaddedVocabulary, TWidth>(TestMemory.Random(3, 16 * Width), BufferRole.Gradient),
            memory.Matrix<PaddedVocabulary, TWidth>(TestMemory.Random(6, 16 * Width), BufferRole.Gradient));
        var (addedBias, writtenBias) = (
            memory.Vector<PaddedVocabulary>(TestMemory.Random(7, 16), BufferRole.Gradient),
            memory.Vector<PaddedVocabulary>(TestMemory.Random(8, 16), BufferRole.Gradient));
        device.HeadLoss(x, weight, bias, targets, chunk, losses, smoothing);
        device.HeadLossBackward(
            x, weight, bias, targets, weights, chunk, lossesAgain, dx, added, withBias ? addedBias : default, GradientWrite.Add, smoothing);
        device.HeadLossBackward(
            x, weight, bias, targets, weights, chunk, lossesAgain, dx, written, withBias ? writtenBias : default, GradientWrite.Write, smoothing);
        return [losses.Start, lossesAgain.Start, dx.Start, added.Start, written.Start, addedBias.Start, writtenBias.Start];
    });

    /// <summary>None, few, and several chunks.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(603)]
    public void SampledHead(int rows) => Verify((device, memory) => SampledHeadCase.Run<TWidth>(device, memory, rows));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void HeadLogits(bool withBias) => Verify((device, memory) =>
    {
        const int Rows = 103;
        var logits = memory.Rows<PaddedVocabulary>(new double[Rows * 16], BufferRole.Logit);
        device.HeadLogits(
            memory.Rows<TWidth>(TestMemory.Random(1, Rows * Width)), memory.Matrix<PaddedVocabulary, TWidth>(TestMemory.Random(2, 16 * Width)),
            withBias ? memory.Vector<PaddedVocabulary>(TestMemory.Random(3, 16)) : default, logits);
        // What lies in the padding columns is not defined, so only the others are compared.
        var values = TestMemory.Read(logits.Start);
        return [memory.Numbers([.. values.Where((_, element) => element % 16 < 11)], BufferRole.Logit)];
    });

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(33)]
    public void LookupAndGather(int count) => Verify((device, memory) => [
        .. LookupCase.Run<TWidth>(device, memory, count), .. LookupCase.Run<Width30>(device, memory, count),
        .. LookupCase.Run<Width3>(device, memory, count)]);

    /// <summary>Clusters of fewer columns than a block has threads and of more than two for each, padded.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(9)]
    public void ClusterLogProbabilities(int count) => Verify((device, memory) => [
        .. ClusterLogitsCase.Run<Width15, Width30>(device, memory, count), .. ClusterLogitsCase.Run<Columns700, Tokens710>(device, memory, count)]);

    [Fact]
    public void LookupAndGatherOfManyRows() => Verify((device, memory) => LookupCase.Run<TWidth>(device, memory, Many));
}
