namespace GptGen.Runtime.Tests.Operators;

/// <summary>Filters of three widths over the characters of words, side by side, and their gradients, on any device.</summary>
/// <param name="Activation">What follows the largest sum.</param>
/// <param name="Words">How many words; 11 characters each.</param>
internal sealed record CharacterCase(Activation Activation, int Words)
{
    private const int Length = 11;
    private const int Entries = 16;

    /// <summary>
    /// Words that end in the same character once or many times, among them one of that character alone; the first table rows are never chosen. The
    /// gradients are written, then added to what others left, and nothing is kept the first time.
    /// </summary>
    /// <typeparam name="TWidth">Numbers of a character.</typeparam>
    /// <typeparam name="TFilters">Filters of each width.</typeparam>
    public Location[] Run<TWidth, TFilters>(Device device, TestMemory memory)
        where TWidth : struct, IDimension
        where TFilters : struct, IDimension
    {
        var characters = memory.Integers(Characters(Words));
        var table = Table(1, BufferRole.Parameter);
        var (y, dy, dTable) = (Packed(2), Packed(3), Table(4, BufferRole.Gradient));
        List<Location> results = [y.Start, dTable.Start];
        Filters<TWidth>(0, GradientWrite.Write);
        Filters<Double<TWidth>>(1, GradientWrite.Add);
        Filters<Triple<TWidth>>(2, GradientWrite.Add);
        return [.. results];

        Rows<Triple<TFilters>> Packed(int seed) => memory.Rows<Triple<TFilters>>(TestMemory.Random(seed, Words * 3 * TFilters.Size));

        Matrix<PaddedVocabulary, TWidth> Table(int seed, BufferRole role) =>
            memory.Matrix<PaddedVocabulary, TWidth>(TestMemory.Random(seed, Entries * TWidth.Size), role);

        void Filters<TWindow>(int group, GradientWrite write)
            where TWindow : struct, IDimension
        {
            var seed = 10 * (group + 1);
            var count = TFilters.Size * TWindow.Size;
            var filters = memory.Matrix<TFilters, TWindow>(TestMemory.Random(seed, count));
            var bias = memory.Vector<TFilters>(TestMemory.Random(seed + 1, TFilters.Size));
            var (columns, places) = (y.Columns<TFilters>(group * TFilters.Size), memory.Statistics(Words * TFilters.Size));
            device.CharacterConvolution(characters, table, filters, bias, Activation, columns, default);
            device.CharacterConvolution(characters, table, filters, bias, Activation, columns, places);
            var dFilters = memory.Matrix<TFilters, TWindow>(TestMemory.Random(seed + 2, count), BufferRole.Gradient);
            var dBias = memory.Vector<TFilters>(TestMemory.Random(seed + 3, TFilters.Size), BufferRole.Gradient);
            device.CharacterConvolutionBackward(
                dy.Columns<TFilters>(group * TFilters.Size), characters, table, filters, Activation, columns, places, dTable, write, dFilters, dBias,
                write);
            results.AddRange(places.Start, dFilters.Start, dBias.Start);
        }
    }

    /// <summary>Characters 2 to 10 of which the last is the padding.</summary>
    public static int[] Characters(int words) =>
    [
        .. Enumerable.Range(0, words).SelectMany(static word => Enumerable.Range(0, Length).Select(
            place => place >= (word * 5 + 11) % 13 ? 10 : word % 4 == 3 && place < 5 ? 3 : 2 + ((word + 3) * (place + 1) * (place + 2) % 8))),
    ];
}
