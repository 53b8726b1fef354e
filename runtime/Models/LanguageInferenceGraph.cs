namespace GptGen;

/// <summary>The inference graph of a language model: sequences begin with prompts, which are read into the key/value cache at once.</summary>
public abstract class LanguageInferenceGraph : InferenceGraph
{
    private readonly int[] staging;

    /// <summary>Allocates everything.</summary>
    /// <exception cref="GptGenException">The sizes are out of range, or there is not enough memory.</exception>
    protected LanguageInferenceGraph(
        LanguageModel model, int slots, int capacity, int prefillRows, int logitRows, IReadOnlyList<GraphInput> inputs)
        : base(model, new(slots, capacity, prefillRows, logitRows), inputs) =>
        staging = new int[RowCapacity];

    /// <inheritdoc/>
    public override LanguageModel Model => (LanguageModel)base.Model;

    /// <inheritdoc/>
    private protected override bool RepeatsDecoding => true;

    /// <summary>
    /// Reads prompts into the cache, [sequences, length] with <paramref name="lengths"/> tokens each (padding behind them is any valid token);
    /// sequence s goes to slot <paramref name="slots"/>[s]. Leaves the logits of each sequence's last token.
    /// </summary>
    /// <exception cref="GptGenException">A token is out of range, or the prompts do not fit.</exception>
    public override void Prefill(int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> lengths, ReadOnlySpan<int> slots)
    {
        using var call = Enter();
        BeginPrefill(length, tokens, lengths, slots);
        PrefillLast();
        SetFilled(slots, lengths, Sequences);
    }

    /// <summary>As <c>Prefill</c>, but leaves the logits of every row.</summary>
    /// <exception cref="GptGenException">A token is out of range, or the prompts or their logits do not fit.</exception>
    public void PrefillAllLogits(int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> lengths, ReadOnlySpan<int> slots)
    {
        using var call = Enter();
        if (tokens.Length > LogitRowCapacity)
            throw new GptGenException($"Logits of {tokens.Length} rows do not fit an inference graph made for {LogitRowCapacity}.");
        BeginPrefill(length, tokens, lengths, slots);
        PrefillAll();
        SetFilled(slots, lengths, RowCount);
    }

    /// <summary>The generated code of <see cref="Prefill"/>.</summary>
    protected abstract void PrefillLast();

    /// <summary>The generated code of <see cref="PrefillAllLogits"/>.</summary>
    protected abstract void PrefillAll();

    private void BeginPrefill(int length, ReadOnlySpan<int> tokens, ReadOnlySpan<int> lengths, ReadOnlySpan<int> slots)
    {
        CheckSlots(slots);
        var sequences = slots.Length;
        if (length < 1 || length > Capacity || tokens.Length != (long)sequences * length || lengths.Length != sequences
            || tokens.Length > RowCapacity)
        {
            throw new GptGenException(
                $"Prompts of {sequences} x {length} tokens do not fit an inference graph made for {RowCapacity} rows and {Capacity} positions.");
        }

        TokenCheck.Tokens(tokens, Model.Description.Vocabulary, "token");
        foreach (var count in lengths)
        {
            if (count < 1 || count > length)
                throw new GptGenException($"A prompt's length is {count}, but must lie between 1 and {length}.");
        }

        RowCount = tokens.Length;
        Sequences = sequences;
        Inputs.Write("Tokens", tokens);
        for (var row = 0; row < RowCount; row++)
            staging[row] = row % length;
        Inputs.Write("Positions", staging.AsSpan(0, RowCount));
        Inputs.Write("Lengths", lengths);
        Inputs.Write("SlotIndices", slots);
        for (var sequence = 0; sequence < sequences; sequence++)
            staging[sequence] = (sequence * length) + lengths[sequence] - 1;
        Inputs.Write("LastRows", staging.AsSpan(0, sequences));
    }
}
