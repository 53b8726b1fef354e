namespace GptGen.Finetuning;

/// <summary>Examples side by side, padded to the longest, as graphs take them.</summary>
internal sealed class ExampleBatch(int sequencesPerExample, int examples, int length)
{
    // Behind a sequence's end any valid token serves: nothing sees it.
    private const int Padding = 0;

    private readonly int[] tokens = new int[examples * sequencesPerExample * length];
    private readonly int[] lengths = new int[examples * sequencesPerExample];
    private readonly int[] labels = new int[examples];
    private readonly float[] grades = new float[examples];
    private int count;

    /// <summary>Tokens of each sequence, padding included.</summary>
    internal int Length { get; private set; }

    internal ReadOnlySpan<int> Tokens => tokens.AsSpan(0, count * sequencesPerExample * Length);

    internal ReadOnlySpan<int> Lengths => lengths.AsSpan(0, count * sequencesPerExample);

    internal ReadOnlySpan<int> Labels => labels.AsSpan(0, count);

    internal ReadOnlySpan<float> Grades => grades.AsSpan(0, count);

    /// <summary>Takes the examples of some numbers.</summary>
    internal void Set(IReadOnlyList<EncodedExample> source, ReadOnlySpan<int> indexes)
    {
        count = indexes.Length;
        Length = 0;
        foreach (var index in indexes)
            Length = Math.Max(Length, source[index].Length);
        var row = 0;
        for (var example = 0; example < count; example++)
        {
            (labels[example], grades[example]) = (source[indexes[example]].Label, source[indexes[example]].Grade);
            foreach (var sequence in source[indexes[example]].Sequences)
            {
                lengths[row] = sequence.Length;
                var target = tokens.AsSpan(row++ * Length, Length);
                sequence.CopyTo(target);
                target[sequence.Length..].Fill(Padding);
            }
        }
    }
}
