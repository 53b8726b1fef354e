namespace GptGen;

/// <summary>The inputs of a task head on the device, checked on the way in, and the losses on the way out.</summary>
internal sealed class ExampleInputs : IDisposable
{
    private readonly TaskHead head;
    private readonly int capacity;
    private readonly Arena integers;
    private readonly Arena numbers;
    private readonly int[] rows;
    private readonly float[] weights;
    private readonly float[] losses;

    internal ExampleInputs(Device device, TaskHead head, int sequences)
    {
        this.head = head;
        capacity = sequences;
        integers = device.AllocateIndices(2 * (nint)sequences);
        numbers = device.Allocate(BufferRole.Statistic, 3 * (nint)sequences);
        rows = new int[sequences];
        weights = new float[sequences];
        losses = new float[sequences];
    }

    internal Integers PooledRows(int sequences) => new(integers.At(0), sequences);

    internal Integers Labels(int examples) => new(integers.At(capacity), examples);

    internal Statistics Weights(int examples) => new(numbers.At(0), examples);

    internal Statistics Losses(int examples) => new(numbers.At(capacity), examples);

    internal Statistics Grades(int examples) => new(numbers.At(2 * (nint)capacity), examples);

    /// <summary>The number of examples that some sequences make.</summary>
    internal int Count(int sequences) =>
        sequences > 0 && sequences % head.SequencesPerExample == 0
            ? sequences / head.SequencesPerExample
            : throw new GptGenException($"{sequences} sequences make no whole number of examples: {head.Kind} takes {head.SequencesPerExample} for each.");

    /// <summary>Finds each sequence's first classify token, whose row the head sees. The device's rows stay until <see cref="WriteRows"/>.</summary>
    internal void FindRows(int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> lengths)
    {
        for (var sequence = 0; sequence < lengths.Length; sequence++)
        {
            var start = sequence * length;
            var position = tokens.Slice(start, lengths[sequence]).IndexOf(head.Tokens.Classify);
            if (position < 0)
                throw new GptGenException($"Sequence {sequence} has no classify token (id {head.Tokens.Classify}) to decide at: frame its text with {nameof(TaskHead)}.{nameof(TaskHead.Encode)}.");
            rows[sequence] = start + position;
        }
    }

    internal void WriteRows(int sequences) => integers.Write(0, rows.AsSpan(0, sequences));

    internal void SetWeights(int examples, float weight)
    {
        weights.AsSpan(0, examples).Fill(weight);
        numbers.Write(0, weights.AsSpan(0, examples));
    }

    internal void WriteLabels(ReadOnlySpan<int> labels) => integers.Write(capacity, labels);

    internal void WriteGrades(ReadOnlySpan<float> grades) => numbers.Write(2 * (nint)capacity, grades);

    internal void CheckGrades(ReadOnlySpan<float> grades, int examples)
    {
        if (!head.IsGraded)
            throw new GptGenException($"A head of {head.Classes} classes learns labels, not grades: set them with {nameof(TaskTrainingGraph.SetExamples)}, or declare the head with Labels = 1.");
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
                throw new GptGenException($"Example {example} has label {labels[example]}, but the head has {head.Classes} classes: labels run from 0 to {head.Classes - 1}.");
        }
    }

    internal double ReadLoss(int examples)
    {
        ReadLosses(losses.AsSpan(0, examples));
        var sum = 0.0;
        for (var example = 0; example < examples; example++)
            sum += (double)weights[example] * losses[example];
        return sum;
    }

    internal void ReadLosses(Span<float> destination) => numbers.Read(capacity, destination);

    public void Dispose()
    {
        integers.Dispose();
        numbers.Dispose();
    }
}
