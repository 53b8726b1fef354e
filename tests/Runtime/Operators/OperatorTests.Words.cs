using Xunit;

namespace GptGen.Runtime.Tests.Operators;

// What ELMo is made of.
public abstract partial class OperatorTests<TWidth, TOut>
{
    [Theory]
    [InlineData(TimeDirection.Forward, false)]
    [InlineData(TimeDirection.Forward, true)]
    [InlineData(TimeDirection.Backward, false)]
    [InlineData(TimeDirection.Backward, true)]
    public void LstmScan(TimeDirection direction, bool clips) => Verify((device, memory) =>
    {
        var work = LstmCase.Of(direction, clips);
        return [
            .. work.Run<Width22, Width13>(device, memory), .. (work with { Begins = false }).Run<Width5, Width3>(device, memory),
            .. (work with { Write = GradientWrite.Add, InPlace = true }).Run<Width64, Width16>(device, memory)];
    }, jumps: clips);

    /// <summary>More sequences than thin products take, and fewer of them at every step.</summary>
    [Fact]
    public void LstmScanOfManySequences() => Verify(static (device, memory) =>
        (LstmCase.Of(TimeDirection.Backward, clips: true) with { Lengths = [.. Enumerable.Range(0, 41).Select(static i => i * 7 % 10)] })
        .Run<Width22, Width13>(device, memory), jumps: true);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(67)]
    public void MixLayers(int rows) => Verify((device, memory) => [
        .. MixLayersCase.Run<TWidth>(device, memory, rows), .. MixLayersCase.Run<Width3>(device, memory, rows)]);

    /// <summary>Several parts of sums.</summary>
    [Fact]
    public void MixLayersOfManyRows() => Verify((device, memory) => MixLayersCase.Run<Width30>(device, memory, 3 * Many));

    [Theory]
    [InlineData(Activation.Relu, 0)]
    [InlineData(Activation.Relu, 1)]
    [InlineData(Activation.Relu, 67)]
    [InlineData(Activation.Tanh, 67)]
    public void CharacterConvolution(Activation activation, int words) => Verify((device, memory) => [
        .. new CharacterCase(activation, words).Run<Width3, TOut>(device, memory),
        .. new CharacterCase(activation, words).Run<Width16, Width22>(device, memory)]);

    /// <summary>Several strips of filters, and words for every thread; a character's gradient is a sum of thousands of numbers.</summary>
    [Fact]
    public void CharacterConvolutionOfManyWords() => Verify((device, memory) =>
        new CharacterCase(Activation.Tanh, Many / 16).Run<Width5, Width148>(device, memory));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(67)]
    public void Highway(int rows) => Verify((device, memory) => [
        .. HighwayCase.Run<TWidth>(device, memory, rows), .. HighwayCase.Run<Width3>(device, memory, rows)]);
}
