namespace GptGen.Runtime.Tests.Operators;

/// <summary>Rows picked from a table and from other rows, and their gradients, on any device.</summary>
internal static class LookupCase
{
    /// <summary>A factor that changes digits and leaves sums small: the square root of 0.3.</summary>
    private const float Scale = 0.5477226f;

    private const int Entries = 16;
    private const int Sources = 23;

    /// <summary>
    /// Everything for <paramref name="count"/> rows: written and added, with a factor and without, and rows picked often, once and never.
    /// </summary>
    public static Location[] Run<TWidth>(Device device, TestMemory memory, int count)
        where TWidth : struct, IDimension
    {
        var width = TWidth.Size;
        var table = memory.Matrix<PaddedVocabulary, TWidth>(TestMemory.Random(1, Entries * width));
        var x = memory.Rows<TWidth>(TestMemory.Random(2, Sources * width));
        var dy = memory.Rows<TWidth>(TestMemory.Random(3, count * width));
        var tokens = memory.Integers([.. Enumerable.Range(0, count).Select(row => row * row % 11)]);
        var picked = memory.Integers([.. Enumerable.Range(0, count).Select(row => Sources - 1 - (row * row % (Sources - 1)))]);
        Rows<TWidth> Rows(int seed, int rows) => memory.Rows<TWidth>(TestMemory.Random(seed, rows * width));
        var (written, scaled, added, gathered) = (Rows(4, count), Rows(5, count), Rows(6, count), Rows(7, count));
        device.Lookup(tokens, table, 1, written, GradientWrite.Write);
        device.Lookup(tokens, table, Scale, scaled, GradientWrite.Write);
        device.Lookup(tokens, table, Scale, added, GradientWrite.Add);
        device.Gather(x, picked, gathered);
        Matrix<PaddedVocabulary, TWidth> Table(int seed) =>
            memory.Matrix<PaddedVocabulary, TWidth>(TestMemory.Random(seed, Entries * width), BufferRole.Gradient);
        var (tableWritten, tableAdded) = (Table(8), Table(9));
        device.LookupBackward(tokens, dy, 1, tableWritten, GradientWrite.Write);
        device.LookupBackward(tokens, dy, Scale, tableAdded, GradientWrite.Add);
        var (inputWritten, inputAdded) = (Rows(10, Sources), Rows(11, Sources));
        device.GatherBackward(dy, picked, inputWritten, GradientWrite.Write);
        device.GatherBackward(dy, picked, inputAdded, GradientWrite.Add);
        return [
            written.Start, scaled.Start, added.Start, gathered.Start, tableWritten.Start, tableAdded.Start, inputWritten.Start, inputAdded.Start];
    }
}
