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
        Vector<Width3> Weights(int seed) => memory.Vector<Width3>(TestMemory.Random(seed, 3), BufferRole.Gradient);
        Vector<Width1> Gamma(int seed) => memory.Vector<Width1>(TestMemory.Random(seed, 1), BufferRole.Gradient);
        var (first, firstGamma, second, secondGamma, third, thirdGamma) = (Weights(7), Gamma(8), Weights(9), Gamma(10), Weights(11), Gamma(12));
        device.MixLayersBackward(dy, layers, weights, gamma, written, GradientWrite.Write, first, firstGamma, GradientWrite.Add);
        device.MixLayersBackward(dy, layers, weights, gamma, added, GradientWrite.Add, second, secondGamma, GradientWrite.Write);
        device.MixLayersBackward(dy, layers, weights, gamma, default, GradientWrite.Write, third, thirdGamma, GradientWrite.Write);
        var (lengths, normal) = (memory.Integers(LengthsOf(rows)), memory.Rows<TWidth>(TestMemory.Random(13, count)));
        // Layers whose rows have means of their own.
        double[] rising = [.. TestMemory.Random(1, 3 * count).Select((value, index) => value + (2.0 * (index % count) / count) - (index / count))];
        layers = memory.Rows<TWidth>(rising);
        device.MixNormalizedLayers(layers, weights, gamma, lengths, DirectionsOf(rows), 1e-4f, normal);
        var (fourth, fourthGamma, fifth, fifthGamma) = (Weights(14), Gamma(15), Weights(16), Gamma(17));
        device.MixNormalizedLayersBackward(
            dy, layers, weights, gamma, lengths, DirectionsOf(rows), 1e-4f, fourth, fourthGamma, GradientWrite.Write);
        device.MixNormalizedLayersBackward(dy, layers, weights, gamma, lengths, DirectionsOf(rows), 1e-4f, fifth, fifthGamma, GradientWrite.Add);
        return [
            normal.Start, fourth.Start, fourthGamma.Start, fifth.Start, fifthGamma.Start, y.Start, written.Start, added.Start, first.Start,
            firstGamma.Start, second.Start, secondGamma.Start, third.Start, thirdGamma.Start];
    }

    /// <summary>Two directions where there are as many rows for each.</summary>
    private static int DirectionsOf(int rows) => rows > 0 && rows % 2 == 0 ? 2 : 1;

    /// <summary>A few sequences: one whole, one empty where there are several, others in between.</summary>
    private static int[] LengthsOf(int rows)
    {
        var each = rows / DirectionsOf(rows);
        var sequences = each % 5 == 0 ? 5 : each % 3 == 0 ? 3 : 1;
        var length = each / sequences;
        return [.. Enumerable.Range(0, sequences).Select(index => index == 0 ? length : index == 1 ? 0 : length * index / sequences)];
    }
}
