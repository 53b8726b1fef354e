namespace GptGen;

/// <summary>What is known of a model at compile time.</summary>
public sealed record ModelDescription
{
    /// <summary>The class's name.</summary>
    public required string Name { get; init; }

    /// <summary>The family, as Hugging Face's model_type: "gpt2", "openai-gpt".</summary>
    public required string Family { get; init; }

    /// <summary>Number of blocks; where there is an encoder beside a decoder, the decoder's.</summary>
    public required int Layers { get; init; }

    /// <summary>Number of an encoder's blocks beside those of a decoder; 0 where there is none.</summary>
    public int EncoderLayers { get; init; }

    /// <summary>Number of attention heads; 0 where there is no attention.</summary>
    public required int Heads { get; init; }

    /// <summary>Width of the residual stream.</summary>
    public required int Width { get; init; }

    /// <summary>Width of the MLP's hidden layer.</summary>
    public required int HiddenWidth { get; init; }

    /// <summary>The most positions.</summary>
    public required int Context { get; init; }

    /// <summary>Number of entries in the token table, a task head's special tokens included.</summary>
    public required int Vocabulary { get; init; }

    /// <summary>Number of token types, which tell the texts of a sequence apart; 0 where there are none.</summary>
    public int TokenTypes { get; init; }

    /// <summary>The token that a translation begins behind; null where nothing is translated.</summary>
    public int? StartToken { get; init; }

    /// <summary>The token that ends sources and translations; null where nothing is translated.</summary>
    public int? EndToken { get; init; }

    /// <summary>The most rows that a layer keeps of the segments before; 0 where a model keeps none.</summary>
    public int MemoryLength { get; init; }

    /// <summary>
    /// Distances between rows that see each other, where attention goes by them: those in the longest segment behind a whole memory. 0 of models
    /// that do not read on from segment to segment.
    /// </summary>
    public int Distances { get; init; }

    /// <summary>The longest distance between rows that is told from others; 0 where there is no limit, or distances do not count.</summary>
    public int ClampLength { get; init; }

    /// <summary>The characters of each token that a model reads in place of the token, marks and padding included; 0 where it reads tokens.</summary>
    public int CharactersPerToken { get; init; }

    /// <summary>
    /// Numbers that a model carries on of each text, from batch to batch; 0 where it carries none, or rows (<see cref="MemoryLength"/>).
    /// </summary>
    public int StateElements { get; init; }

    /// <summary>
    /// Where each cluster of the vocabulary but the first begins, whose softmax is adaptive (Grave et al. 2017); empty where there is one softmax.
    /// </summary>
    public IReadOnlyList<int> Cutoffs { get; init; } = [];

    /// <summary>How much narrower the token table of each cluster is than the one before; 1 where one table has all tokens.</summary>
    public int EmbeddingDivisor { get; init; } = 1;

    /// <summary>LayerNorm's epsilon.</summary>
    public required float Epsilon { get; init; }

    /// <summary>Default dropout in training.</summary>
    public required float Dropout { get; init; }

    /// <summary>Whether the head is the token table.</summary>
    public required bool TiedHead { get; init; }

    /// <summary>Whether there are biases.</summary>
    public required bool Biases { get; init; }

    /// <summary>The MLP's activation function.</summary>
    public required Activation Activation { get; init; }

    /// <summary>Where blocks normalise.</summary>
    public required LayerNormPlacement LayerNorm { get; init; }

    /// <summary>The task head; null for a language model only.</summary>
    public TaskHead? Head { get; init; }

    /// <summary>Number of parameters that train, padding not counted.</summary>
    public required long ParameterCount { get; init; }

    /// <summary>Elements of the parameter arena, padding included.</summary>
    public required nint ParameterElements { get; init; }

    /// <summary>How many elements, from the arena's beginning, are trained: the elements of gradients and of each moment.</summary>
    public required nint TrainedElements { get; init; }

    /// <summary>How many elements, from the arena's beginning, belong to trained matrices and decay.</summary>
    public required nint DecayedElements { get; init; }

    /// <summary>Every parameter, layer by layer.</summary>
    public required IReadOnlyList<ParameterInfo> Parameters { get; init; }

    /// <summary>
    /// The biases of the same model with biases, by their names in files, where it is declared without. Folders hold them as zeros, with which
    /// Hugging Face's class computes the same.
    /// </summary>
    public IReadOnlyList<(string Name, int Size)> AbsentBiases { get; init; } = [];

    /// <summary>
    /// What files hold of the parameters, tensor by tensor: a parameter of which they keep the rows apart is several, each with its own name and
    /// place.
    /// </summary>
    public IEnumerable<ParameterInfo> Tensors => Parameters.SelectMany(static parameter => parameter.Parts);

    /// <summary>How files name the tensors beside that.</summary>
    public required TensorNaming Naming { get; init; }

    /// <summary>The keys of its <c>config.json</c>, in the order in which they are written.</summary>
    public required IReadOnlyList<ConfigKey> Config { get; init; }

    /// <summary>The tokenizer without files that fits the vocabulary, "gpt2" or "bytes"; null where none does.</summary>
    public string? Tokenizer { get; init; }

    /// <summary>The operators and dimensions that the model uses: what a GPU device compiles.</summary>
    public required IReadOnlyList<OperatorUse> Manifest { get; init; }

    /// <summary>
    /// Elements that a training graph of <c>sequences</c> x <c>length</c> tokens takes, by role, where it holds the logits of at most so many rows at
    /// once (<see cref="Device.LogitRows"/>).
    /// </summary>
    public required Func<int, int, int, IReadOnlyList<(BufferRole Role, nint Elements)>> TrainingElements { get; init; }

    /// <summary>Elements that an inference graph takes beside the weights, by role.</summary>
    public Func<InferenceSize, IReadOnlyList<(BufferRole Role, nint Elements)>> InferenceElements { get; init; } = static _ => [];

    /// <summary>
    /// One of the <see cref="Tensors"/>, or a whole parameter, by its name in files, such as <c>h.0.attn.c_attn.weight</c>; the files' prefix
    /// (<see cref="TensorNaming.Prefix"/>) may be there.
    /// </summary>
    /// <exception cref="GptGenException">There is no such parameter.</exception>
    public ParameterInfo FindParameter(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Tensors.Concat(Parameters).FirstOrDefault(parameter => parameter.Name == name || Naming.Prefix + parameter.Name == name)
            ?? throw new GptGenException(
                $"{Name} has no parameter '{MessageText.Shorten(name)}': take one of the {Tensors.Count()} names in "
                + $"{nameof(ModelDescription)}.{nameof(Tensors)}, such as '{Tensors.First().Name}'.");
    }

    /// <summary>The distances from 0 on, each as it is told from others.</summary>
    internal void FillDistances(Span<int> distances)
    {
        var longest = ClampLength == 0 ? int.MaxValue : ClampLength;
        for (var distance = 0; distance < distances.Length; distance++)
            distances[distance] = Math.Min(distance, longest);
    }

    /// <summary>
    /// FLOPs of training per token at <paramref name="length"/> tokens a sequence: 6 N, and 12 L C for each row that a token sees (half of them on
    /// average where attention is causal, and the whole memory). Of an encoder-decoder per token of a translation whose source is as long: the
    /// encoder's attention and that to the source see twice as much as the decoder's. A model without attention has the first term alone. Attention
    /// by distance has three products in place of two, 18 L C for each row seen, and makes queries, keys and values of the memory's rows too,
    /// 18 L C^2 for each that there is to a token.
    /// </summary>
    public double TrainingFlopsPerToken(int length)
    {
        var masks = Manifest.Where(static use => use.HeadSize > 0).Select(static use => use.Mask).ToHashSet();
        double seenTwice = EncoderLayers > 0 ? (double)((3 * Layers) + (2 * EncoderLayers)) * length
            : masks.Contains(AttentionMask.Full) ? 2.0 * Layers * length
            : masks.Contains(AttentionMask.Causal) ? Layers * (length + (2.0 * MemoryLength))
            : 0;
        return (6.0 * ParameterCount) + (Distances == 0
            ? 6.0 * seenTwice * Width
            : (9.0 * seenTwice * Width) + (18.0 * Layers * Width * Width * MemoryLength / length));
    }
}
