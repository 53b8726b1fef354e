using GptGen.Cuda.Tests.Device;
using GptGen.Runtime.Tests.Operators;
using Xunit;

namespace GptGen.Cuda.Tests.Operators;

/// <summary>Relative attention's kernels against the reference, for heads of every kind of size and lengths around those of the tiles.</summary>
public class RelativeAttentionTests
{
    public static TheoryData<string> Long => [.. RelativeCase.Long.Keys];

    [Theory]
    [MemberData(nameof(Long))]
    public void Training(string name) => Train<Size10>(RelativeCase.Long[name]);

    [Theory]
    [InlineData("memory")]
    [InlineData("window")]
    [InlineData("few queries")]
    public void TrainingOfWholeQuads(string name) => Train<Size64>(RelativeCase.Long[name]);

    [Fact]
    public void TrainingOfOtherSizes()
    {
        var attention = new RelativeCase(2, 35, 38, 50, Drop: true);
        Train<Size8>(attention);
        Train<Size41>(attention);
        Train<Double<Size64>>(attention);
        Train<Double<Double<Size64>>>(attention);
    }

    [Fact]
    public void WithoutRows()
    {
        foreach (var write in Enum.GetValues<GradientWrite>())
        {
            Train<Size8>(new(0, 0, 0, Write: write));
            Train<Size8>(new(2, 0, 3, Write: write));
            Train<Size8>(new(2, 0, 0, Write: write));
        }
    }

    /// <summary>A ring within a block's part, of several parts, and of one position.</summary>
    [Theory]
    [InlineData(23, 60)]
    [InlineData(131, 140)]
    [InlineData(1, 3)]
    public void Generation(int capacity, int tokens)
    {
        Decode<Size10>();
        Decode<Size64>();

        void Decode<THead>()
            where THead : struct, IDimension
        {
            var inputs = new RelativeCase(2, Math.Max(capacity, tokens), 0).Inputs(THead.Size);
            double[][] others = [inputs[1][..(capacity * 2 * THead.Size)], inputs[2], inputs[3]];
            using var machine = new TestMachine();
            // What no token has stored stays no number, which no distance measures.
            OperatorComparison.Verify(
                () => machine.Open(), device => RelativeDecodeCase.Run<THead>(device, capacity, tokens, 2, inputs[0], others)[..^1]);
        }
    }

    [Fact]
    public void FromAddressesOfOddElements()
    {
        var attention = new RelativeCase(2, 7, 38, Drop: true);
        var inputs = attention.Inputs(Size64.Size);
        using var machine = new TestMachine();
        OperatorComparison.Verify(() => machine.Open(), (device, memory) => attention.Run<Size64>(
            device, memory, inputs, TestMemory.Random(5, 2 * 7 * 128), inputs, shift: 1));
    }

    private static void Train<THead>(RelativeCase attention)
        where THead : struct, IDimension
    {
        var inputs = attention.PoisonedInputs(THead.Size);
        using var machine = new TestMachine();
        OperatorComparison.Verify(() => machine.Open(), device => attention.Run<THead>(device, inputs));
    }
}
