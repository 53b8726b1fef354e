namespace GptGen;

/// <summary>The graph of a masked model's states.</summary>
public abstract class MaskedEncodingGraph : EncodingGraph
{
    private readonly PairInputs pairs;

    /// <summary>Allocates everything for up to <paramref name="sequences"/> x <paramref name="length"/> tokens.</summary>
    /// <param name="model">The model.</param>
    /// <param name="sequences">The most sequences.</param>
    /// <param name="length">The most tokens of each.</param>
    /// <param name="inputs">The inputs that the generated code uses.</param>
    /// <param name="valueElements">Elements of the activations of some rows and sequences.</param>
    /// <exception cref="GptGenException">The sizes are out of range, or there is not enough memory.</exception>
    protected MaskedEncodingGraph(MaskedModel model, int sequences, int length, IReadOnlyList<GraphInput> inputs, Func<int, int, nint> valueElements)
        : base(model, sequences, length, inputs, valueElements, "encoding graph", nameof(Encode)) =>
        pairs = new(Inputs, sequences, sequences * length);

    /// <inheritdoc/>
    public override MaskedModel Model => (MaskedModel)base.Model;

    /// <summary>
    /// Computes the states of sequences: <paramref name="tokens"/> and <paramref name="tokenTypes"/> are [sequences, length], padded behind their
    /// <paramref name="lengths"/>, one a sequence, with any valid token and type; no types mean 0 everywhere.
    /// </summary>
    /// <exception cref="GptGenException">A token or type is out of range, or the sequences do not fit.</exception>
    public void Encode(int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> tokenTypes, ReadOnlySpan<int> lengths)
    {
        using var call = Enter();
        Check(lengths.Length, length, tokens, lengths);
        pairs.Check(lengths.Length, length, tokenTypes, Model.Description);
        Begin(lengths.Length, length, tokens, lengths);
        pairs.Set(length, tokenTypes, lengths);
        EncodeRows();
    }

    /// <summary>
    /// Copies the pooled states of the last call, [sequences, width]: tanh of a linear layer of each sequence's first row. Waits for the device.
    /// </summary>
    /// <exception cref="InvalidOperationException">There was no call.</exception>
    public void ReadPooled(Span<float> pooled) => Read(PooledStates, pooled, checked(Sequences * Model.Description.Width), nameof(ReadPooled));

    /// <summary>Where the pooled states are.</summary>
    protected abstract Location PooledStates { get; }

    /// <summary>The generated code of <see cref="Encode"/>.</summary>
    protected abstract void EncodeRows();
}
