namespace GptGen.Runtime.Tests.Operators;

/// <summary>Losses of positions: sequences of more rows than a warp has lanes, shorter ones, and one without rows.</summary>
internal static class PositionLossCase
{
    private const int Length = 71;
    private static readonly int[] s_lengths = [71, 70, 33, 1, 0];

    /// <summary>The losses of both calls, and the gradient.</summary>
    public static Location[] Run<TScores>(Device device, TestMemory memory)
        where TScores : struct, IDimension
    {
        var (rows, places) = (s_lengths.Length * Length, s_lengths.Length * TScores.Size);
        var scores = memory.Rows<TScores>(TestMemory.Random(1, rows * TScores.Size));
        int[] meant = [.. Enumerable.Range(0, places).Select(static place => place * 31 % Math.Max(1, s_lengths[place / TScores.Size]))];
        var (lengths, targets) = (memory.Integers(s_lengths), memory.Integers(meant));
        var weights = memory.Statistics([.. TestMemory.Random(2, places)]);
        var (losses, again) = (memory.Statistics(places), memory.Statistics(places));
        var dScores = memory.Rows<TScores>(TestMemory.Random(3, rows * TScores.Size));
        device.PositionCrossEntropy(scores, lengths, targets, losses);
        device.PositionCrossEntropyBackward(scores, lengths, targets, weights, again, dScores);
        return [losses.Start, again.Start, dScores.Start];
    }
}
