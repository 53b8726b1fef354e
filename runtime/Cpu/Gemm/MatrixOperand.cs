namespace GptGen.Cpu;

/// <summary>An operand of a product, as it lies in memory.</summary>
/// <param name="data">The first element.</param>
/// <param name="stride">Elements from one stored row to the next.</param>
/// <param name="transposed">
/// Whether the product uses the transpose of what is stored: an operand used as [M, K] is then stored as [K, M].
/// </param>
internal readonly unsafe struct MatrixOperand(float* data, nint stride, bool transposed = false)
{
    /// <summary>The first element.</summary>
    public float* Data { get; } = data;

    /// <summary>Elements from one stored row to the next.</summary>
    public nint Stride { get; } = stride;

    /// <summary>Whether the product uses the transpose of what is stored.</summary>
    public bool Transposed { get; } = transposed;
}
