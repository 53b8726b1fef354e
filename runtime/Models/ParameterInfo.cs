namespace GptGen;

/// <summary>How Hugging Face's files store a matrix.</summary>
public enum StoredLayout
{
    /// <summary>[out, in], as in memory.</summary>
    Linear,

    /// <summary>[in, out], OpenAI's Conv1D: transposed when loaded and saved.</summary>
    Conv1D,
}

/// <summary>How a parameter begins.</summary>
public enum Initialization
{
    /// <summary>Normal with mean 0 and the parameter's deviation.</summary>
    Normal,

    /// <summary>All 0 (biases).</summary>
    Zeros,

    /// <summary>All 1 (LayerNorm gains).</summary>
    Ones,
}

/// <summary>One parameter of a model.</summary>
/// <param name="Name">Hugging Face's name without the optional prefix: "h.0.attn.c_attn.weight".</param>
/// <param name="Offset">First element in the parameter arena.</param>
/// <param name="Rows">Rows that count (output width), or the length of a vector.</param>
/// <param name="Columns">Columns (input width), or 0 for a vector.</param>
/// <param name="Layout">How files store it.</param>
/// <param name="Initialization">How it begins.</param>
/// <param name="Deviation">Standard deviation of a normal beginning.</param>
public sealed record ParameterInfo(
    string Name, nint Offset, int Rows, int Columns, StoredLayout Layout, Initialization Initialization, float Deviation)
{
    /// <summary>Number of elements that count.</summary>
    public nint Count => (nint)Rows * Math.Max(Columns, 1);

    /// <summary>Its shape in files.</summary>
    public IReadOnlyList<long> StoredShape => Checkpoints.WeightMap.StoredShape(this);

    /// <summary>Whether it is a matrix; only matrices decay.</summary>
    public bool IsMatrix => Columns > 0;
}
