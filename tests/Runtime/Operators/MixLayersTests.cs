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
    }
}
