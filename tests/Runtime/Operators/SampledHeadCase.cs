namespace GptGen.Runtime.Tests.Operators;

/// <summary>A softmax among sampled tokens and its gradients, on any device.</summary>
internal static class SampledHeadCase
{
    private static readonly int[] Samples = [7, 0, 3, 10, 2];

    /// <summary>
    /// Everything for <paramref name="rows"/> rows: gradients written with a bias and added without; rows without a target, and targets that are
    /// samples, that are none, and that several rows have.
    /// </summary>
    public static Location[] Run<TWidth>(Device device, TestMemory memory, int rows)
        where TWidth : struct, IDimension
    {
        var width = TWidth.Size;
        var (x, weight) = (Rows(1), Table(2, BufferRole.Parameter));
        var targets = memory.Integers([.. Enumerable.Range(0, rows).Select(static row => row * 5 % 12 - 1)]);
        var (samples, logs) = (memory.Integers(Samples), memory.Statistics(TestMemory.Random(3, Samples.Length)));
        var (weights, targetLogs) = (memory.Statistics(TestMemory.Random(4, rows)), memory.Statistics(TestMemory.Random(5, rows)));
        var (written, added) = (memory.Statistics(TestMemory.Random(6, rows)), memory.Statistics(TestMemory.Random(7, rows)));
        var (dx, dxAgain, dWeight, dWeightAdded) = (Rows(8), Rows(9), Table(10, BufferRole.Gradient), Table(11, BufferRole.Gradient));
        var dBias = memory.Vector<PaddedVocabulary>(TestMemory.Random(12, 16), BufferRole.Gradient);
        device.SampledHeadLossBackward(
            x, weight, memory.Vector<PaddedVocabulary>(TestMemory.Random(13, 16)), targets, weights, samples, logs, targetLogs, written, dx, dWeight,
            dBias, GradientWrite.Write);
        device.SampledHeadLossBackward(
            x, weight, default, targets, weights, samples, logs, targetLogs, added, dxAgain, dWeightAdded, default, GradientWrite.Add);
        return [written.Start, added.Start, dx.Start, dxAgain.Start, dWeight.Start, dWeightAdded.Start, dBias.Start];

        Rows<TWidth> Rows(int seed) => memory.Rows<TWidth>(TestMemory.Random(seed, rows * width));

        Matrix<PaddedVocabulary, TWidth> Table(int seed, BufferRole role) =>
            memory.Matrix<PaddedVocabulary, TWidth>(TestMemory.Random(seed, 16 * width), role);
    }
}
