namespace GptGen.Tensors;

/// <summary>
/// A compile-time size as a type. The generator emits one marker struct a dimension, so that a product whose inner
/// sizes differ does not compile and the JIT sees each size as a literal.
/// </summary>
public interface IDimension
{
    /// <summary>Number of elements that count.</summary>
    static abstract int Size { get; }

    /// <summary>Number of elements in memory: <see cref="Size"/>, or more where rows are padded. Padding is zero and never counts.</summary>
    static abstract int Stored { get; }
}

/// <summary>Query, key and value side by side: three times <typeparamref name="TWidth"/>.</summary>
/// <typeparam name="TWidth">Width of each of the three.</typeparam>
public readonly struct Triple<TWidth> : IDimension
    where TWidth : struct, IDimension
{
    /// <inheritdoc/>
    public static int Size => 3 * TWidth.Size;

    /// <inheritdoc/>
    public static int Stored => 3 * TWidth.Stored;
}

/// <summary>Key and value side by side, as cross-attention projects what it looks at: twice <typeparamref name="TWidth"/>.</summary>
/// <typeparam name="TWidth">Width of each of the two.</typeparam>
public readonly struct Double<TWidth> : IDimension
    where TWidth : struct, IDimension
{
    /// <inheritdoc/>
    public static int Size => 2 * TWidth.Size;

    /// <inheritdoc/>
    public static int Stored => 2 * TWidth.Stored;
}

/// <summary>The gates i, j, f and o of an LSTM side by side: four times <typeparamref name="TWidth"/>.</summary>
/// <typeparam name="TWidth">Number of cells.</typeparam>
public readonly struct Quadruple<TWidth> : IDimension
    where TWidth : struct, IDimension
{
    /// <inheritdoc/>
    public static int Size => 4 * TWidth.Size;

    /// <inheritdoc/>
    public static int Stored => 4 * TWidth.Stored;
}
