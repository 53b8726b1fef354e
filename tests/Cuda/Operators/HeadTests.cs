using GptGen.Cuda.Tests.Device;
using GptGen.Runtime.Tests.Operators;
using Xunit;

namespace GptGen.Cuda.Tests.Operators;

/// <summary>The head's kernel and products against the reference: vocabularies of every block size, padded and not.</summary>
public class HeadTests
{
    [Theory]
    [InlineData(GradientWrite.Write)]
    [InlineData(GradientWrite.Add)]
    public void FewTokens(GradientWrite write) => Compare((device, memory) => HeadCase.Run<PaddedVocabulary>(device, memory, write));

    [Theory]
    [InlineData(GradientWrite.Write, 0)]
    [InlineData(GradientWrite.Add, 0.1f)]
    public void FewTokensWithABias(GradientWrite write, float smoothing) =>
        Compare((device, memory) => HeadCase.Run<PaddedVocabulary>(device, memory, write, withBias: true, smoothing));

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 0.1f)]
    public void RowsOfOddLength(bool withBias, float smoothing) =>
        Compare((device, memory) => HeadCase.Run<Unpadded>(device, memory, GradientWrite.Write, withBias, smoothing));

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 0.1f)]
    public void ManyTokens(bool withBias, float smoothing) =>
        Compare((device, memory) => HeadCase.Run<Large>(device, memory, GradientWrite.Write, withBias, smoothing));

    [Theory]
    [InlineData(GradientWrite.Write, 0)]
    [InlineData(GradientWrite.Add, 1)]
    public void WithoutRows(GradientWrite write, double expected)
    {
        using var machine = new TestMachine();
        using var device = machine.Open();
        using var memory = new TestMemory(device);
        var none = memory.Rows<Width15>([]);
        var dWeight = memory.Matrix<PaddedVocabulary, Width15>([.. Enumerable.Repeat(1.0, 16 * 15)]);
        var dBias = memory.Vector<PaddedVocabulary>([.. Enumerable.Repeat(1.0, 16)]);
        device.HeadLossBackward(
            none, memory.Matrix<PaddedVocabulary, Width15>(TestMemory.Random(1, 16 * 15)), memory.Vector<PaddedVocabulary>(TestMemory.Random(2, 16)),
            memory.Integers(), memory.Statistics(0), memory.Rows<PaddedVocabulary>(new double[16]), memory.Statistics(0), none, dWeight, dBias,
            write);
        Assert.All(TestMemory.Read(dWeight.Start), value => Assert.Equal(expected, value));
        Assert.All(TestMemory.Read(dBias.Start), value => Assert.Equal(expected, value));
    }

    [Fact]
    public void LogitsFarFromZero() => Compare((device, memory) =>
    {
        // Exponentials of these overflow f32; only differences from the maximum may be used. Every product is exact in f32.
        var x = memory.Rows<Width15>([.. Enumerable.Repeat(1.0, 15), .. Enumerable.Repeat(-1.0, 15)]);
        var table = new double[16 * 15];
        for (var token = 0; token < 16; token++)
            table[(token * 15) + (token % 15)] = 100 + (token * 0.5);
        var losses = memory.Statistics(2);
        var smoothed = memory.Statistics(2);
        var weight = memory.Matrix<PaddedVocabulary, Width15>(table);
        device.HeadLoss(x, weight, default, memory.Integers(10, 3), memory.Rows<PaddedVocabulary>(new double[32]), losses);
        device.HeadLoss(x, weight, default, memory.Integers(10, 3), memory.Rows<PaddedVocabulary>(new double[32]), smoothed, 0.5f);
        return [losses.Start, smoothed.Start];
    });

    private static void Compare(Func<GptGen.Device, TestMemory, Location[]> run)
    {
        using var machine = new TestMachine();
        OperatorComparison.Verify(() => machine.Open(), run);
    }

    /// <summary>Padded, with a last quad of one token, for the large blocks.</summary>
    private readonly struct Large : IDimension
    {
        public static int Size => 8257;

        public static int Stored => 8320;
    }

    /// <summary>Rows of which no quad but the first is aligned.</summary>
    private readonly struct Unpadded : IDimension
    {
        public static int Size => 37;

        public static int Stored => 37;
    }
}
