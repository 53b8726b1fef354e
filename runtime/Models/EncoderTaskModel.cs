namespace GptGen;

/// <summary>
/// A generated encoder with a task head: the generator makes every class with a head's attribute beside <see cref="BertAttribute"/> one of these. Its
/// loss is the task's alone.
/// </summary>
public abstract class EncoderTaskModel : Model, ITaskModel
{
    /// <summary>Allocates the parameters, all zero.</summary>
    protected EncoderTaskModel(Device device, ModelDescription description)
        : base(device, description) =>
        Head = description.Head ?? throw new ArgumentException($"{description.Name} has no task head.", nameof(description));

    /// <inheritdoc/>
    public TaskHead Head { get; }

    /// <summary>
    /// Memory and code for training on up to <paramref name="sequences"/> x <paramref name="length"/> tokens at once;
    /// an example takes <see cref="TaskHead.SequencesPerExample"/> sequences.
    /// </summary>
    public abstract EncoderTaskTrainingGraph CreateTraining(int sequences, int length);

    /// <inheritdoc/>
    public abstract ScoringGraph CreateScoring(int sequences, int length);

    ITaskTraining ITaskModel.CreateTaskTraining(int sequences, int length) => CreateTraining(sequences, length);
}
