using System.Globalization;
using GptGen.Sampling;

namespace GptGen;

/// <summary>How large an inference graph is, and the memory that follows from it.</summary>
/// <param name="Slots">Number of sequences in the cache.</param>
/// <param name="Capacity">Positions of each.</param>
/// <param name="PrefillRows">The most rows of one prefill.</param>
/// <param name="LogitRows">The most rows whose logits are wanted.</param>
public readonly record struct InferenceSize(int Slots, int Capacity, int PrefillRows, int LogitRows)
{
    /// <summary>Number of sources that a translation model holds; 0 for others. The slots are divided among them.</summary>
    public int Sources { get; init; }

    /// <summary>The most tokens of each source.</summary>
    public int SourceLength { get; init; }

    /// <summary>Rows of all sources.</summary>
    public int SourceRows => checked(Sources * SourceLength);

    /// <summary>Rows whose activations fit: a decoded token a slot must.</summary>
    public int RowCapacity => Math.Max(PrefillRows, Slots);

    /// <summary>Rows whose logits fit.</summary>
    public int LogitRowCapacity => Math.Max(LogitRows, Slots);

    /// <summary>Integers of sampling, a slot each: a draw, the token drawn, and the bits of those seen.</summary>
    internal nint SamplingIntegers(int vocabulary) => Slots * (nint)(TokenDraw.Words + 1 + SamplingShape.SeenWords(vocabulary));

    /// <summary>Refuses sizes that no graph can have.</summary>
    /// <exception cref="GptGenException">A size is out of range.</exception>
    internal void Check(ModelDescription model)
    {
        if (Slots < 1 || Capacity < 1 || PrefillRows < 0 || LogitRows < 0)
        {
            throw new GptGenException(
                $"An inference graph of {Slots} slots of {Capacity} positions, "
                + $"{PrefillRows} rows of a prefill and {LogitRows} rows of logits is impossible: the first two must be at least 1, "
                + "the others at least 0.");
        }

        var most = model.Context + model.MemoryLength;
        if (Math.Max(Capacity, SourceLength) is var positions && positions > most)
            throw new GptGenException($"An inference graph of {positions} positions is impossible: {model.Name} sees at most {most}.");
        if (model.EncoderLayers > 0 && (Sources < 1 || SourceLength < 1 || Slots % Sources != 0 || (long)Sources * SourceLength > Array.MaxLength))
        {
            throw new GptGenException(
                $"An inference graph of {Slots} slots for {Sources} sources of {SourceLength} tokens is impossible: there must be at least 1 of "
                + "each, and as many slots for each source.");
        }
    }

    /// <summary>Bytes beside the weights; infinite where they cannot be counted.</summary>
    /// <param name="model">The model.</param>
    /// <param name="elementSize">Bytes of an element, by role.</param>
    public double Bytes(ModelDescription model, Func<BufferRole, int> elementSize)
    {
        try
        {
            return model.InferenceElements(this).Sum(part => (double)part.Elements * elementSize(part.Role)) +
                ((double)SamplingIntegers(model.Vocabulary) * elementSize(BufferRole.Token));
        }
        catch (OverflowException)
        {
            return double.PositiveInfinity;
        }
    }

    /// <summary>Says what is needed and, where it is more than there is, which sizes would fit.</summary>
    /// <param name="model">The model.</param>
    /// <param name="elementSize">Bytes of an element, by role.</param>
    /// <param name="free">Bytes that there are beside the weights.</param>
    public string Shortage(ModelDescription model, Func<BufferRole, int> elementSize, double free)
    {
        var size = this;
        var shorter = model.Distances == 0 ? "a shorter context" : "a shorter memory";
        var slots = Fitting.Largest(size.Slots - 1, count => size.WithSlots(model, count).Bytes(model, elementSize) <= free);
        var capacity = Fitting.Largest(size.Capacity - 1, count => size.WithCapacity(model, count).Bytes(model, elementSize) <= free);
        var room = slots > 0 && capacity > 0
            ? $"there is room for {Sequences(slots)} of {Capacity} positions or for {Slots} of {capacity}: use fewer sequences or {shorter}"
            : slots > 0 ? $"there is room for {Sequences(slots)} of {Capacity} positions: use fewer sequences"
            : capacity > 0 ? $"there is room for {Sequences(Slots)} of {capacity} positions: use {shorter}"
            : "there is no room for fewer or shorter sequences either: use a smaller model";
        return $"{model.Name} on {Sequences(Slots)} of {Capacity} positions needs "
            + $"{Fitting.Megabytes(Bytes(model, elementSize))} MB beside its weights, " +
            $"and {Fitting.Megabytes(Math.Max(0, free))} MB are free; {room}.";
    }

    private static string Sequences(int count) => count == 1 ? "1 sequence" : string.Create(CultureInfo.InvariantCulture, $"{count} sequences");

    /// <summary>The same for another number of sequences, with as many rows for each.</summary>
    private InferenceSize WithSlots(ModelDescription model, int slots)
    {
        if (model.Distances > 0)
            return SegmentInferenceGraph.SizeFor(model, slots, Capacity);
        return this with
        {
            Slots = slots,
            Sources = Math.Min(Sources, slots),
            PrefillRows = Math.Max(Math.Min(PrefillRows, Capacity), Scaled(PrefillRows, slots, Slots)),
            LogitRows = Scaled(LogitRows, slots, Slots),
        };
    }

    /// <summary>The same for sequences of another length.</summary>
    private InferenceSize WithCapacity(ModelDescription model, int capacity)
    {
        if (model.Distances > 0)
            return SegmentInferenceGraph.SizeFor(model, Slots, capacity);
        return this with
        {
            Capacity = capacity,
            PrefillRows = Scaled(PrefillRows, capacity, Capacity),
            LogitRows = LogitRows > Slots ? Scaled(LogitRows, capacity, Capacity) : LogitRows,
        };
    }

    private static int Scaled(int rows, int numerator, int denominator) => (int)((((long)rows * numerator) + denominator - 1) / denominator);
}
