namespace GptGen;

/// <summary>The examples of a task head, checked on their way to a graph's inputs.</summary>
internal sealed class ExampleInputs(InputBuffer inputs, TaskHead head, int capacity)
{
    private readonly int[] rows = new int[capacity];

    /// <summary>The number of examples that some sequences make.</summary>
    internal int Count(int sequences) =>
        sequences > 0 && sequences % head.SequencesPerExample == 0
            ? sequences / head.SequencesPerExample
            : throw new GptGenException(
                $"{sequences} sequences make no whole number of examples: {head.Kind} takes {head.SequencesPerExample} for each.");

    /// <summary>Finds each sequence's first classify token, whose row the head sees. The device's rows stay until <see cref="WriteRows"/>.</summary>
    internal void FindRows(int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> lengths)
    {
        for (var sequence = 0; sequence < lengths.Length; sequence++)
        {
            var start = sequence * length;
            var position = tokens.Slice(start, lengths[sequence]).IndexOf(head.Tokens.Classify);
            if (position < 0)
                throw new GptGenException(
                    $"Sequence {sequence} has no classify token (id {head.Tokens.Classify}) to decide at: "
                    + $"frame its text with {nameof(TaskHead)}.{nameof(TaskHead.Encode)}.");
            rows[sequence] = start + position;
        }
    }

    internal void WriteRows(int sequences) => inputs.Write("PooledRows", rows.AsSpan(0, sequences));

    internal void WriteLabels(ReadOnlySpan<int> labels) => inputs.Write("Labels", labels);

    internal void WriteGrades(ReadOnlySpan<float> grades) => inputs.Write("Grades", grades);

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

    internal void CheckLabels(ReadOnlySpan<int> labels, int examples)
    {
        if (head.IsGraded)
            throw new GptGenException($"A graded head learns numbers, not labels: set them with {nameof(TaskTrainingGraph.SetGradedExamples)}.");
        if (labels.Length != examples)
            throw new GptGenException($"{examples} examples need as many labels, not {labels.Length}.");
        for (var example = 0; example < labels.Length; example++)
        {
            if ((uint)labels[example] >= (uint)head.Classes)
                throw new GptGenException(
                    $"Example {example} has label {labels[example]}, but the head has {head.Classes} classes: "
                    + $"labels run from 0 to {head.Classes - 1}.");
        }
    }
}
