namespace GptGen;

/// <summary>
/// A generated model that predicts each next token of texts that it reads in segments, with a memory of the segments before: each layer sees the
/// last rows that it saw.
/// </summary>
public abstract class SegmentModel : TextModel
{
    /// <summary>Allocates the parameters.</summary>
    protected SegmentModel(Device device, ModelDescription description)
        : base(device, description)
    {
    }

    /// <summary>
    /// An empty memory of <paramref name="sequences"/> texts that are read side by side, which keeps up to <paramref name="capacity"/> rows of each;
    /// as many as the model's <see cref="ModelDescription.MemoryLength"/> unless given.
    /// </summary>
    /// <exception cref="GptGenException">A number is out of range, or there is not enough memory.</exception>
    public SegmentMemory CreateMemory(int sequences, int? capacity = null) => new(this, sequences, SegmentMemory.CapacityOf(this, capacity));

    /// <summary>
    /// Turns round the order of the first softmax's columns that stand for clusters: for weights that the original PyTorch code trained, which counts
    /// them from the end (TensorFlow's and Hugging Face's count from the first cluster on).
    /// </summary>
    /// <exception cref="GptGenException">There are not two of them at least.</exception>
    public void ReverseClusters()
    {
        var names = Description.Naming.ClusterTensors;
        if (names.Count == 0)
        {
            throw new GptGenException(
                $"{Description.Name} has no clusters whose order could be turned round: it takes three of them, so two Cutoffs at least.");
        }

        foreach (var name in names)
        {
            var values = ReadParameter(name);
            var width = values.Length / Description.Cutoffs.Count;
            WriteParameter(name, [.. values.Chunk(width).Reverse().SelectMany(static row => row)]);
        }
    }

    /// <summary>
    /// Memory and code for training on segments of up to <paramref name="sequences"/> x <paramref name="length"/> tokens, each behind its memory.
    /// </summary>
    public abstract SegmentTrainingGraph CreateTraining(int sequences, int length);

    /// <summary>
    /// Memory and code for inference: of <paramref name="slots"/> sequences each layer keeps the last <paramref name="capacity"/> keys and values,
    /// that of the newest token among them, so that every token costs the same however long the text is.
    /// </summary>
    public abstract SegmentInferenceGraph CreateInference(int slots, int capacity);

    /// <inheritdoc/>
    internal sealed override InferenceGraph CreateInference(in InferenceSize size) => CreateInference(size.Slots, size.Capacity);
}
