using GptGen.Reference;
using Xunit;

namespace GptGen.Runtime.Tests.Operators;

/// <summary>The mix of layers: its gradients against central differences, and what it refuses.</summary>
public class MixLayersTests
{
    [Theory]
    [InlineData(GradientWrite.Write)]
    [InlineData(GradientWrite.Add)]
    public void Gradients(GradientWrite write) => GradientCheck.Verify(
        [TestMemory.Random(1, 3 * 2 * 7), TestMemory.Random(2, 3), [0.75]],
        (device, memory, inputs) =>
        {
            var y = memory.Rows<Width7>(new double[2 * 7]);
            device.MixLayers(memory.Rows<Width7>(inputs[0]), memory.Vector<Width3>(inputs[1]), memory.Vector<Width1>(inputs[2]), y);
            return TestMemory.Read(y.Start);
        },
        (device, memory, inputs, dy, begun) =>
        {
            var (dLayers, dWeights, dGamma) = (
                memory.Rows<Width7>(begun[0]), memory.Vector<Width3>(begun[1]), memory.Vector<Width1>(begun[2]));
            device.MixLayersBackward(
                memory.Rows<Width7>(dy), memory.Rows<Width7>(inputs[0]), memory.Vector<Width3>(inputs[1]), memory.Vector<Width1>(inputs[2]), dLayers,
                write, dWeights, dGamma, write);
            return [TestMemory.Read(dLayers.Start), TestMemory.Read(dWeights.Start), TestMemory.Read(dGamma.Start)];
        },
        write);

    /// <summary>Sequences of 3 and 2 rows, of which 3 and 1 count, in two directions; the layers, which are far from 0, are frozen.</summary>
    [Theory]
    [InlineData(GradientWrite.Write)]
    [InlineData(GradientWrite.Add)]
    public void GradientsOfNormalizedLayers(GradientWrite write)
    {
        double[] numbers = [.. TestMemory.Random(1, 3 * 12 * 7).Select(static (value, index) => value + (index / (12 * 7)))];
        GradientCheck.Verify(
            [TestMemory.Random(2, 3), [0.75]],
            (device, memory, inputs) =>
            {
                var y = memory.Rows<Width7>(new double[12 * 7]);
                device.MixNormalizedLayers(
                    memory.Rows<Width7>(numbers), memory.Vector<Width3>(inputs[0]), memory.Vector<Width1>(inputs[1]), memory.Integers([3, 1]), 2,
                    1e-3f, y);
                return TestMemory.Read(y.Start);
            },
            (device, memory, inputs, dy, begun) =>
            {
                var (dWeights, dGamma) = (memory.Vector<Width3>(begun[0]), memory.Vector<Width1>(begun[1]));
                device.MixNormalizedLayersBackward(
                    memory.Rows<Width7>(dy), memory.Rows<Width7>(numbers), memory.Vector<Width3>(inputs[0]), memory.Vector<Width1>(inputs[1]),
                    memory.Integers([3, 1]), 2, 1e-3f, dWeights, dGamma, write);
                return [TestMemory.Read(dWeights.Start), TestMemory.Read(dGamma.Start)];
            },
            write);
    }

    /// <summary>Rows that do not count change nothing but themselves, and without any that count every layer is 0.</summary>
    [Theory]
    [MemberData(nameof(Devices))]
    public void OnlyRowsThatCountAreMeasured(string name)
    {
        using Device device = name == "cpu" ? new CpuDevice(2) : new ReferenceDevice();
        using var memory = new TestMemory(device);
        double[] numbers = TestMemory.Random(1, 3 * 4 * 7);
        var before = Mix(numbers, [1, 2]);
        for (var layer = 0; layer < 3; layer++)
            numbers.AsSpan((layer * 4 * 7) + 7, 7).Fill(1000);
        var after = Mix(numbers, [1, 2]);
        Assert.Equal(before[..7], after[..7]);
        Assert.Equal(before[14..], after[14..]);
        Assert.NotEqual(before[7..14], after[7..14]);
        Assert.All(Mix(numbers, [0, 0]), static value => Assert.Equal(0, value));

        double[] Mix(double[] layers, int[] lengths)
        {
            var y = memory.Rows<Width7>(new double[4 * 7]);
            device.MixNormalizedLayers(
                memory.Rows<Width7>(layers), memory.Vector<Width3>([0.5, -0.2, 0.1]), memory.Vector<Width1>([2]), memory.Integers(lengths), 1, 1e-12f,
                y);
            return TestMemory.Read(y.Start);
        }
    }

    public static TheoryData<string> Devices => ["reference", "cpu"];

    [Fact]
    public void LayersOfOtherRowsAndSeveralGammasAreRefused()
    {
        using var device = new ReferenceDevice();
        using var memory = new TestMemory(device);
        Rows<Width7> Rows(int count) => memory.Rows<Width7>(new double[count * 7]);
        var (weights, one) = (memory.Vector<Width3>(new double[3]), memory.Vector<Width1>(new double[1]));
        device.MixLayers(Rows(6), weights, one, Rows(2));
        Assert.Throws<ArgumentException>(() => device.MixLayers(Rows(5), weights, one, Rows(2)));
        Assert.Throws<ArgumentException>(() => device.MixLayers(Rows(6), weights, one, Rows(3)));
        Assert.Throws<ArgumentException>(() => device.MixLayers(Rows(6), weights, weights, Rows(2)));
        Assert.Throws<ArgumentException>(
            () => device.MixLayersBackward(
                Rows(2), Rows(6), weights, one, Rows(5), GradientWrite.Write, weights, one, GradientWrite.Write));
        void Normalized(int[] lengths, int directions, float epsilon) =>
            device.MixNormalizedLayers(Rows(12), weights, one, memory.Integers(lengths), directions, epsilon, Rows(4));
        Normalized([2], 2, 1e-12f);
        Assert.Throws<ArgumentException>(() => Normalized([1, 1, 1], 1, 1e-12f));
        Assert.Throws<ArgumentException>(() => Normalized([1, 1], 3, 1e-12f));
        Assert.Throws<ArgumentException>(() => Normalized([], 1, 1e-12f));
        Assert.Throws<ArgumentOutOfRangeException>(() => Normalized([2], 0, 1e-12f));
        Assert.Throws<ArgumentOutOfRangeException>(() => Normalized([2], 2, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Normalized([2], 2, float.NaN));
    }
}
