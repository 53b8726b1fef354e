namespace GptGen;

/// <summary>The sizes of a mix of layers, and how it normalises them first, if it does.</summary>
/// <param name="Layers">Layers that are mixed, one after the other in memory.</param>
/// <param name="Rows">Rows of each, directions x sequences x length where they are normalised.</param>
/// <param name="Width">Numbers of a row.</param>
public readonly record struct MixShape(int Layers, int Rows, int Width)
{
    /// <summary>Sequences, of which each has rows that count; 0 where layers are mixed as they are.</summary>
    public int Sequences { get; init; }

    /// <summary>Rows of a sequence in one direction.</summary>
    public int Length { get; init; }

    /// <summary>What is added to the variances.</summary>
    public float Epsilon { get; init; }

    /// <summary>Whether each layer is normalised by the mean and the variance of its rows that count.</summary>
    public bool IsNormalized => Sequences > 0;

    /// <summary>Numbers of a layer.</summary>
    public nint Count => (nint)Rows * Width;

    /// <summary>Whether a row is one of those that count.</summary>
    internal bool Counts(int row, ReadOnlySpan<int> lengths) => row % Length < lengths[row / Length % Sequences];
}
