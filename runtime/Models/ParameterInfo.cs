namespace GptGen;

/// <summary>How Hugging Face's files store a matrix.</summary>
public enum StoredLayout
{
    /// <summary>[out, in], as in memory.</summary>
    Linear,

    /// <summary>[in, out], OpenAI's Conv1D: transposed when loaded and saved.</summary>
    Conv1D,

    /// <summary>[1, size], a vector as a matrix of one row.</summary>
    Row,

    /// <summary>
    /// [2 x in, out]: the upper and the lower half of a matrix's rows, each as <see cref="Conv1D"/> and one below the other. So bilm-tf stores what
    /// the gates of an LSTM take from its input and from its outputs.
    /// </summary>
    StackedConv1D,

    /// <summary>
    /// [1, window, in, out]: filters over several characters, whose columns are the window's characters one after the other,
    /// <see cref="ParameterInfo.Window"/> of them. So TensorFlow stores them.
    /// </summary>
    Convolution,
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

    /// <summary>
    /// Positions (Vaswani et al. 2017, in the order of Hugging Face's Marian): row p has sin(p f) for each frequency f = 10000^(-2k / columns),
    /// k from 0 to half the columns, then cos(p f) for each.
    /// </summary>
    Sinusoids,

    /// <summary>Of a highway layer's transformation 0, and of its gate, the second half, -2: at first it hardly changes anything.</summary>
    HighwayBias,
}

/// <summary>A tensor of files that holds a parameter or some of its rows.</summary>
/// <param name="Name">Hugging Face's name without the optional prefix: "encoder.layer.0.attention.self.query.weight".</param>
/// <param name="FirstRow">The first row of the parameter that it holds.</param>
/// <param name="Rows">How many rows it holds.</param>
/// <param name="Layout">How files store it.</param>
public sealed record StoredTensor(string Name, int FirstRow, int Rows, StoredLayout Layout);

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
    /// <summary>
    /// The tensors of files that hold it: one of its own name, several where files keep its rows apart, none where it is a constant that no file
    /// holds.
    /// </summary>
    public IReadOnlyList<StoredTensor> Tensors
    {
        get => Listed ?? [new(Name, 0, Rows, Layout)];
        init => Listed = value;
    }

    /// <summary>Characters that a filter sees at once, where <see cref="Layout"/> tells.</summary>
    public int Window { get; init; } = 1;

    /// <summary>Whether training leaves it as it is: it has no gradient and no moments.</summary>
    public bool IsFrozen { get; init; }

    /// <summary>
    /// The layer that it belongs to, from 0 in the order of the forward pass, where a decoder's follow its encoder's; null where it belongs to none.
    /// </summary>
    public int? Layer { get; init; }

    /// <summary>Whether files hold it.</summary>
    public bool IsStored => Listed is not { Count: 0 };

    /// <summary>Its tensors, each as a parameter of its own.</summary>
    internal IEnumerable<ParameterInfo> Parts => Listed is null ? [this] : Listed.Select(Part);

    // Null for the one tensor of the parameter's own name, whatever that is.
    private IReadOnlyList<StoredTensor>? Listed { get; init; }

    /// <summary>Number of elements that count.</summary>
    public nint Count => (nint)Rows * Math.Max(Columns, 1);

    /// <summary>Its shape in files.</summary>
    public IReadOnlyList<long> StoredShape => Checkpoints.WeightMap.StoredShape(this);

    /// <summary>Whether it is a matrix; only matrices decay.</summary>
    public bool IsMatrix => Columns > 0;

    private ParameterInfo Part(StoredTensor tensor) => this with
    {
        Name = tensor.Name,
        Offset = Offset + ((nint)tensor.FirstRow * Math.Max(Columns, 1)),
        Rows = tensor.Rows,
        Layout = tensor.Layout,
        Listed = null,
    };
}
