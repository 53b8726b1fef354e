namespace GptGen;

/// <summary>What a model carries of some streams from step to step: parts of the same size, each with numbers of every stream.</summary>
internal interface ICarriedState : IDisposable
{
    /// <summary>The shape of a part in a checkpoint.</summary>
    IReadOnlyList<long> PartShape { get; }

    /// <summary>The numbers of a stream in a part of a checkpoint; null where a shape is no such part's.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="sequences">Streams that the part is of.</param>
    int? WidthOf(IReadOnlyList<long> shape, int sequences);

    /// <summary>Of a stream's numbers in a part, those that lie in each of its arrays, [streams, numbers], one array behind the other.</summary>
    /// <param name="width">The numbers.</param>
    IReadOnlyList<int> ArraysOf(int width);

    /// <summary>Copies some numbers of a part.</summary>
    void Read(int part, long first, Span<float> values);

    /// <summary>Sets all numbers of a part.</summary>
    void Write(int part, ReadOnlySpan<float> values);

    /// <summary>Forgets everything.</summary>
    void Reset();
}
