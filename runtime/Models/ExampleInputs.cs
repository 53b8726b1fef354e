namespace GptGen;

/// <summary>The examples of a task head, checked on their way to a graph's inputs.</summary>
internal sealed class ExampleInputs
{
    private const string LastRowsName = "LastRows";
    private const string LabelledBackwardName = "LabelledBackward";

    private readonly InputBuffer inputs;
    private readonly ModelDescription model;
    private readonly TaskHead head;
    private readonly int capacity;
    private readonly int[] rows;
    private readonly int[] spanEnds;
    private readonly PairInputs? pairs;
    private int[]? backwardRows;

    /// <param name="inputs">The graph's inputs.</param>
    /// <param name="model">The model.</param>
    /// <param name="sequences">The most sequences.</param>
    /// <param name="capacity">The most rows.</param>
    internal ExampleInputs(InputBuffer inputs, ModelDescription model, int sequences, int capacity)
    {
        (this.inputs, this.model, this.capacity, head) = (inputs, model, capacity, model.Head!);
        rows = new int[sequences];
        pairs = model.TokenTypes > 0 ? new(inputs, sequences, capacity) : null;
        Losses = head.Kind switch
        {
            TaskKind.TokenClassification => new(inputs, "RowWeights", "RowLosses", capacity),
            TaskKind.QuestionAnswering => new(inputs, "SpanWeights", "SpanLosses", 2 * sequences),
            _ => new(inputs, "ExampleWeights", "ExampleLosses", sequences),
        };
        spanEnds = new int[2 * sequences];
    }

    /// <summary>The task's losses, one an example, or a labelled row.</summary>
    internal LossReader Losses { get; }

    /// <summary>The number of examples that some sequences make.</summary>
    internal int Count(int sequences) =>
        sequences > 0 && sequences % head.SequencesPerExample == 0
            ? sequences / head.SequencesPerExample
            : throw new GptGenException(
                $"{sequences} sequences make no whole number of examples: {head.Kind} takes {head.SequencesPerExample} for each.");

    /// <summary>
    /// Finds the row of each sequence that the head sees, or throws where there is none. What the device has stays until <see cref="Write"/>.
    /// </summary>
    internal void Check(int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> tokenTypes, ReadOnlySpan<int> lengths)
    {
        if (head.Tokens is { } special)
            FindRows(special.Classify, length, tokens, lengths);
        if (pairs is null && !tokenTypes.IsEmpty)
            throw new GptGenException($"{model.Name} has no token types: give none.");
        pairs?.Check(lengths.Length, length, tokenTypes, model);
    }

    /// <summary>Gives the device what <see cref="Check"/> has found.</summary>
    internal void Write(int length, ReadOnlySpan<int> tokenTypes, ReadOnlySpan<int> lengths)
    {
        if (head.Tokens is not null)
            inputs.Write("PooledRows", rows.AsSpan(0, lengths.Length));
        pairs?.Set(length, tokenTypes, lengths);
        WriteEnds(length, lengths);
    }

    /// <summary>Weighs each loss alike.</summary>
    /// <param name="count">Losses of the batch.</param>
    /// <param name="averageOver">Losses that the mean runs over; 0 means those of the batch.</param>
    internal void WriteWeights(int count, int averageOver)
    {
        Losses.Weights(count).Fill(1f / Math.Max(1, averageOver == 0 ? count : averageOver));
        Losses.Write(count);
    }

    internal void WriteLabels(ReadOnlySpan<int> labels) => inputs.Write("Labels", labels);

    internal void WriteGrades(ReadOnlySpan<float> grades) => inputs.Write("Grades", grades);

    /// <summary>Throws unless tokens stand in the rows, in a head's sequences that label tokens.</summary>
    internal void CheckRows(int length, ReadOnlySpan<int> lengths, ReadOnlySpan<int> labelledRows)
    {
        if (labelledRows.IsEmpty && head.Kind != TaskKind.TokenClassification)
            return;
        Require(TaskKind.TokenClassification, "rows of tokens");
        if (labelledRows.Length > capacity)
            throw new GptGenException($"{labelledRows.Length} tokens are to be labelled, but at most {capacity} fit.");
        foreach (var row in labelledRows)
        {
            if (row < 0 || row >= lengths.Length * length || row % length >= lengths[row / length])
                throw new GptGenException($"Row {row} is to be labelled, but no token stands there.");
        }
    }

    /// <summary>Throws unless each sequence has a place where its answer begins, and one where it ends.</summary>
    internal void CheckSpans(ReadOnlySpan<int> lengths, ReadOnlySpan<int> starts, ReadOnlySpan<int> ends)
    {
        Require(TaskKind.QuestionAnswering, "answers");
        if (starts.Length != lengths.Length || ends.Length != lengths.Length)
            throw new GptGenException($"{lengths.Length} sequences need as many starts and ends of answers, not {starts.Length} and {ends.Length}.");
        for (var sequence = 0; sequence < lengths.Length; sequence++)
        {
            if (lengths[sequence] < 2 || starts[sequence] < 0 || ends[sequence] < starts[sequence] || ends[sequence] >= lengths[sequence])
            {
                throw new GptGenException(
                    $"Sequence {sequence} has {lengths[sequence]} tokens and an answer from {starts[sequence]} to {ends[sequence]}, "
                    + "which does not lie in it.");
            }
        }
    }

    internal void WriteSpans(ReadOnlySpan<int> starts, ReadOnlySpan<int> ends)
    {
        for (var sequence = 0; sequence < starts.Length; sequence++)
            (spanEnds[2 * sequence], spanEnds[(2 * sequence) + 1]) = (starts[sequence], ends[sequence]);
        inputs.Write("SpanEnds", spanEnds.AsSpan(0, 2 * starts.Length));
    }

    /// <summary>The rows of tokens that have labels, of <paramref name="rowCount"/> rows; of a model of two directions in both.</summary>
    internal void WriteRows(ReadOnlySpan<int> labelledRows, int rowCount)
    {
        inputs.Write("LabelledRows", labelledRows);
        if (!inputs.Has(LabelledBackwardName))
            return;
        backwardRows ??= new int[capacity];
        for (var index = 0; index < labelledRows.Length; index++)
            backwardRows[index] = rowCount + labelledRows[index];
        inputs.Write(LabelledBackwardName, backwardRows.AsSpan(0, labelledRows.Length));
    }

    internal void WriteRowLabels(ReadOnlySpan<int> labels) => inputs.Write("RowLabels", labels);

    /// <summary>Throws unless a head is of some kind.</summary>
    internal void Require(TaskKind kind, string what)
    {
        if (head.Kind != kind)
            throw new GptGenException($"A head of {head.Kind} takes no {what}: {model.Name} needs another head for them, of {kind}.");
    }

    internal void CheckGrades(ReadOnlySpan<float> grades, int examples)
    {
        if (!head.IsGraded)
            throw new GptGenException(
                $"A head of {head.Classes} classes learns labels, not grades: set them with {nameof(TaskTrainingGraph.SetExamples)}, "
                + "or declare the head with Labels = 1.");
        if (grades.Length != examples)
            throw new GptGenException($"{examples} examples need as many grades, not {grades.Length}.");
        for (var example = 0; example < grades.Length; example++)
        {
            if (!float.IsFinite(grades[example]))
                throw new GptGenException($"Example {example} has the grade {grades[example]}: grades must be finite numbers.");
        }
    }

    internal void CheckLabels(ReadOnlySpan<int> labels, int count, bool isOfTokens = false)
    {
        if (head.IsGraded)
            throw new GptGenException($"A graded head learns numbers, not labels: set them with {nameof(TaskTrainingGraph.SetGradedExamples)}.");
        if (head.Kind == TaskKind.QuestionAnswering)
            Require(isOfTokens ? TaskKind.TokenClassification : TaskKind.Classification, isOfTokens ? "rows of tokens" : "labels");
        if (head.Kind == TaskKind.TokenClassification != isOfTokens)
            throw new GptGenException(
                $"A head of {head.Kind} learns labels of {(isOfTokens ? "examples" : "tokens")}: set them with "
                + $"{(isOfTokens ? nameof(EncoderTaskTrainingGraph.SetExamples) : nameof(EncoderTaskTrainingGraph.SetLabelledRows))}.");
        var what = isOfTokens ? "labelled rows" : "examples";
        if (labels.Length != count)
            throw new GptGenException($"{count} {what} need as many labels, not {labels.Length}.");
        for (var example = 0; example < labels.Length; example++)
        {
            if ((uint)labels[example] >= (uint)head.Classes)
                throw new GptGenException(
                    $"{(isOfTokens ? "Labelled row" : "Example")} {example} has label {labels[example]}, but the head has {head.Classes} classes: "
                    + $"labels run from 0 to {head.Classes - 1}.");
        }
    }

    /// <summary>Where each direction of a model of two has read a sequence whole: at its last row, and at its first.</summary>
    private void WriteEnds(int length, ReadOnlySpan<int> lengths)
    {
        if (!inputs.Has(LastRowsName))
            return;
        for (var sequence = 0; sequence < lengths.Length; sequence++)
            rows[sequence] = (sequence * length) + Math.Max(0, lengths[sequence] - 1);
        inputs.Write(LastRowsName, rows.AsSpan(0, lengths.Length));
        for (var sequence = 0; sequence < lengths.Length; sequence++)
            rows[sequence] = (lengths.Length + sequence) * length;
        inputs.Write("FirstRows", rows.AsSpan(0, lengths.Length));
    }

    /// <summary>Finds each sequence's first classify token.</summary>
    private void FindRows(int classify, int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> lengths)
    {
        for (var sequence = 0; sequence < lengths.Length; sequence++)
        {
            var start = sequence * length;
            var position = tokens.Slice(start, lengths[sequence]).IndexOf(classify);
            if (position < 0)
                throw new GptGenException(
                    $"Sequence {sequence} has no classify token (id {classify}) to decide at: "
                    + $"frame its text with {nameof(TaskHead)}.{nameof(TaskHead.Encode)}.");
            rows[sequence] = start + position;
        }
    }
}
