using GptGen.Cuda.Tests.Device;
using GptGen.Reference;
using GptGen.Runtime.Tests.Operators;
using Xunit;

namespace GptGen.Cuda.Tests.Operators;

/// <summary>Attention's kernels against the reference, for heads of every kind of size and lengths around those of the tiles.</summary>
public class AttentionTests
{
    [Theory]
    [MemberData(nameof(Sizes))]
    public void Training(int headSize, AttentionMask mask, bool drop) =>
        Compare((device, memory) => AttentionCase.Train(device, memory, headSize, mask, drop, 100, [100, 33, 0]));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(17)]
    [InlineData(64)]
    [InlineData(130)]
    public void TrainingAtLength(int length) =>
        Compare((device, memory) => AttentionCase.Train(device, memory, 64, AttentionMask.Causal, drop: true, length, [length, (length + 1) / 2]));

    /// <summary>Slices of packed rows, at sizes where four elements are loaded at once, and where each is loaded alone.</summary>
    [Theory]
    [MemberData(nameof(SlicesAndSizes))]
    public void Slices(string name, bool wide)
    {
        var slices = AttentionSlices.Long[name];
        using var machine = new TestMachine();
        OperatorComparison.Verify(() => machine.Open(), device => wide
            ? slices.Run<Width36>(device, slices.Inputs(Width36.Size))
            : slices.Run<Width7>(device, slices.Inputs(Width7.Size)));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(64)]
    [InlineData(80)]
    [InlineData(256)]
    public void Generation(int headSize) =>
        Compare((device, memory) => AttentionCase.Generate(device, memory, headSize, 300, 3, [127, 255, 1, 60]));

    [Fact]
    public void FromAddressesOfOddElements()
    {
        Compare(static (device, memory) => AttentionCase.Train(device, memory, 64, AttentionMask.Causal, drop: true, 70, [70, 40], shift: 1));
        Compare(static (device, memory) => AttentionCase.Generate(device, memory, 64, 40, 1, [20, 38], shift: 3));
    }

    [Fact]
    public void GenerationInOnePart() => Compare((device, memory) => AttentionCase.Generate(device, memory, 64, 40, 2, [20, 38]));

    [Fact]
    public void HeadsThatDoNotFitAreRefused()
    {
        var error = Assert.Throws<GptGenException>(() => new AttentionTiles(257));
        Assert.Contains("at most 256 numbers, not 257", error.Message);
    }

    public static TheoryData<int, AttentionMask, bool> Sizes()
    {
        var data = new TheoryData<int, AttentionMask, bool>();
        foreach (var size in AttentionCase.HeadSizes)
            data.Add(size, AttentionMask.Causal, true);
        foreach (var size in new[] { 5, 64 })
        {
            data.Add(size, AttentionMask.Causal, false);
            data.Add(size, AttentionMask.Full, false);
            data.Add(size, AttentionMask.Full, true);
        }

        return data;
    }

    public static TheoryData<string, bool> SlicesAndSizes()
    {
        var data = new TheoryData<string, bool>();
        foreach (var name in AttentionSlices.Long.Keys)
        {
            data.Add(name, false);
            data.Add(name, true);
        }

        return data;
    }

    private static void Compare(Func<GptGen.Device, TestMemory, Location[]> run)
    {
        using var machine = new TestMachine();
        OperatorComparison.Verify(() => machine.Open(), run);
    }
}
