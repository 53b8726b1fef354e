namespace GptGen.Runtime.Tests.Operators;

/// <summary>A highway layer and its gradients, on any device.</summary>
internal static class HighwayCase
{
    /// <summary>Everything for <paramref name="rows"/> rows: written, added, absent, and in the operands' own places.</summary>
    public static Location[] Run<TWidth>(Device device, TestMemory memory, int rows)
        where TWidth : struct, IDimension
    {
        Rows<TWidth> Rows(int seed) => memory.Rows<TWidth>(TestMemory.Random(seed, rows * TWidth.Size));
        Rows<Double<TWidth>> Gates(int seed) => memory.Rows<Double<TWidth>>(
            Array.ConvertAll(TestMemory.Random(seed, 2 * rows * TWidth.Size), static value => 4 * value));
        var (gates, x, y, dy) = (Gates(1), Rows(2), Rows(3), Rows(4));
        device.Highway(gates, x, y);
        var (written, added, alone) = (Gates(5), Gates(6), Gates(7));
        var (dWritten, dAdded) = (Rows(8), Rows(9));
        device.HighwayBackward(dy, gates, x, written, dWritten, GradientWrite.Write);
        device.HighwayBackward(dy, gates, x, added, dAdded, GradientWrite.Add);
        device.HighwayBackward(dy, gates, x, alone, default, GradientWrite.Write);
        device.HighwayBackward(dy, gates, x, gates, dy, GradientWrite.Write);
        return [y.Start, written.Start, added.Start, alone.Start, dWritten.Start, dAdded.Start, gates.Start, dy.Start];
    }
}
