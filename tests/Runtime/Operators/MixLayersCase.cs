namespace GptGen.Runtime.Tests.Operators;

/// <summary>A mix of three layers and its gradients, on any device.</summary>
internal static class MixLayersCase
{
    /// <summary>Everything for <paramref name="rows"/> rows: written and added, with and without a gradient of the layers.</summary>
    public static Location[] Run<TWidth>(Device device, TestMemory memory, int rows)
        where TWidth : struct, IDimension
    {
        var count = rows * TWidth.Size;
        var layers = memory.Rows<TWidth>(TestMemory.Random(1, 3 * count));
        var weights = memory.Vector<Width3>(TestMemory.Random(2, 3));
        var gamma = memory.Vector<Width1>([0.75]);
        var y = memory.Rows<TWidth>(TestMemory.Random(3, count));
        device.MixLayers(layers, weights, gamma, y);
        var dy = memory.Rows<TWidth>(TestMemory.Random(4, count));
        var (written, added) = (memory.Rows<TWidth>(TestMemory.Random(5, 3 * count)), memory.Rows<TWidth>(TestMemory.Random(6, 3 * count)));
        Vector<Width3> Weights(int seed) => memory.Vector<Width3>(TestMemory.Random(seed, 3));
        Vector<Width1> Gamma(int seed) => memory.Vector<Width1>(TestMemory.Random(seed, 1));
        var (first, firstGamma, second, secondGamma, third, thirdGamma) = (Weights(7), Gamma(8), Weights(9), Gamma(10), Weights(11), Gamma(12));
        device.MixLayersBackward(dy, layers, weights, gamma, written, GradientWrite.Write, first, firstGamma, GradientWrite.Add);
        device.MixLayersBackward(dy, layers, weights, gamma, added, GradientWrite.Add, second, secondGamma, GradientWrite.Write);
        device.MixLayersBackward(dy, layers, weights, gamma, default, GradientWrite.Write, third, thirdGamma, GradientWrite.Write);
        return [
            y.Start, written.Start, added.Start, first.Start, firstGamma.Start, second.Start, secondGamma.Start, third.Start, thirdGamma.Start];
    }
}
