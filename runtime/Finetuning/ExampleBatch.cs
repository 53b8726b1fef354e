using GptGen.Text;

namespace GptGen.Finetuning;

/// <summary>Examples side by side, padded to the longest, as graphs take them.</summary>
/// <param name="model">The model, with a task head.</param>
/// <param name="examples">The most examples.</param>
/// <param name="length">The most tokens of a sequence.</param>
internal sealed class ExampleBatch(ModelDescription model, int examples, int length)
{
    // Behind a sequence's end any valid token and type serve: nothing sees them.
    private const int Padding = 0;

    private readonly int sequencesPerExample = model.Head!.SequencesPerExample;
    private readonly int perRow = TokenCheck.PerRow(model);
    private readonly int[] tokens = new int[checked(examples * model.Head!.SequencesPerExample * length * TokenCheck.PerRow(model))];
    private readonly int[] types = new int[examples * model.Head!.SequencesPerExample * length];
    private readonly int[] lengths = new int[examples * model.Head!.SequencesPerExample];
    private readonly int[] labels = new int[examples];
    private readonly float[] grades = new float[examples];
    private readonly int[] starts = new int[examples];
    private readonly int[] ends = new int[examples];
    private readonly int[] positions = new int[examples * length];
    private readonly int[] tokenLabels = new int[examples * length];
    private int count;
    private int labelled;
    private bool hasTypes;

    /// <summary>Tokens of each sequence, padding included.</summary>
    internal int Length { get; private set; }

    /// <summary>What the model reads: tokens, or the characters of words.</summary>
    internal ReadOnlySpan<int> Tokens => tokens.AsSpan(0, count * sequencesPerExample * Length * perRow);

    /// <summary>Of which text each token is; empty where there are no such types.</summary>
    internal ReadOnlySpan<int> TokenTypes => hasTypes ? types.AsSpan(0, count * sequencesPerExample * Length) : [];

    internal ReadOnlySpan<int> Lengths => lengths.AsSpan(0, count * sequencesPerExample);

    internal ReadOnlySpan<int> Labels => labels.AsSpan(0, count);

    internal ReadOnlySpan<float> Grades => grades.AsSpan(0, count);

    /// <summary>Positions at which answers begin.</summary>
    internal ReadOnlySpan<int> Starts => starts.AsSpan(0, count);

    /// <summary>Positions with which they end.</summary>
    internal ReadOnlySpan<int> Ends => ends.AsSpan(0, count);

    /// <summary>Rows of the tokens that have labels, or are to get them.</summary>
    internal ReadOnlySpan<int> Rows => positions.AsSpan(0, labelled);

    /// <summary>Their labels.</summary>
    internal ReadOnlySpan<int> RowLabels => tokenLabels.AsSpan(0, labelled);

    /// <summary>Takes the examples of some numbers.</summary>
    internal void Set(IReadOnlyList<EncodedExample> source, ReadOnlySpan<int> indexes)
    {
        count = indexes.Length;
        (Length, labelled) = (0, 0);
        hasTypes = count > 0 && source[indexes[0]].TokenTypes.Length > 0;
        foreach (var index in indexes)
            Length = Math.Max(Length, source[index].Length);
        var row = 0;
        for (var example = 0; example < count; example++)
        {
            (labels[example], grades[example]) = (source[indexes[example]].Label, source[indexes[example]].Grade);
            (starts[example], ends[example]) = (source[indexes[example]].Start, source[indexes[example]].End);
            var (places, placeLabels) = (source[indexes[example]].Positions, source[indexes[example]].TokenLabels);
            for (var place = 0; place < places.Length; place++)
                (positions[labelled], tokenLabels[labelled++]) = ((row * Length) + places[place], placeLabels[place]);
            var (sequences, sequenceTypes) = (source[indexes[example]].Sequences, source[indexes[example]].TokenTypes);
            for (var member = 0; member < sequences.Length; member++)
            {
                var sequence = sequences[member];
                lengths[row] = sequence.Length;
                FillRead(tokens.AsSpan(row * Length * perRow, Length * perRow), sequence, source[indexes[example]].Words);
                if (hasTypes)
                    Fill(types.AsSpan(row * Length, Length), sequenceTypes[member]);
                row++;
            }
        }
    }

    private void FillRead(Span<int> target, int[] sequence, TextWords? words)
    {
        if (perRow > 1 != words is not null)
        {
            throw new GptGenException(
                $"{model.Name} reads {(perRow > 1 ? "the characters of words" : "tokens")}, but the examples hold "
                + $"{(perRow > 1 ? "tokens: encode" : "words: do not encode")} them with {nameof(TextWords)}.");
        }

        if (words is null)
        {
            Fill(target, sequence);
            return;
        }

        WordCharacters.Write(words, sequence, target);
        target[(sequence.Length * perRow)..].Fill(Padding);
    }

    private static void Fill(Span<int> target, int[] sequence)
    {
        sequence.CopyTo(target);
        target[sequence.Length..].Fill(Padding);
    }
}
