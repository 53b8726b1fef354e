namespace GptGen.Checkpoints;

/// <summary>A file, or files that are one, with named tensors of weights. Several threads may read at once.</summary>
internal interface ITensorFile : IDisposable
{
    /// <summary>The path, as it was given.</summary>
    string Path { get; }

    /// <summary>What the file says of itself.</summary>
    IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Every tensor, in the order of their bytes.</summary>
    IReadOnlyList<SafetensorsTensor> Tensors { get; }

    /// <summary>Whether its matrices are known to lie as in memory, [out, in], and not as in Hugging Face's files.</summary>
    bool HasTurnedMatrices => false;

    /// <summary>The type of a tensor that holds floating-point numbers.</summary>
    /// <exception cref="GptGenException">It holds others.</exception>
    ElementType RequireFloat(SafetensorsTensor tensor);

    /// <summary>Copies elements from <paramref name="first"/> on, widened to f32, until <paramref name="destination"/> is full.</summary>
    void Read(SafetensorsTensor tensor, long first, Span<float> destination);

    /// <summary>
    /// Copies a tensor's bytes as they are from an element on, which begins a block where its type has blocks, until
    /// <paramref name="destination"/> is full.
    /// </summary>
    /// <returns>False where the file's bytes are not those of the tensor's type.</returns>
    bool TryCopy(SafetensorsTensor tensor, long first, Span<byte> destination) => false;
}
