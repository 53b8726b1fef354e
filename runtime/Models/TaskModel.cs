namespace GptGen;

/// <summary>
/// A generated language model with a task head; the generator makes every class with a head's attribute beside a decoder's one of these.
/// </summary>
public abstract class TaskModel : LanguageModel, ITaskModel
{
    /// <summary>Allocates the parameters, all zero.</summary>
    protected TaskModel(Device device, ModelDescription description)
        : base(device, description) =>
        Head = description.Head ?? throw new ArgumentException($"{description.Name} has no task head.", nameof(description));

    /// <summary>The head.</summary>
    public TaskHead Head { get; }

    /// <summary>
    /// Memory and code for training on up to <paramref name="sequences"/> x <paramref name="length"/> tokens at once;
    /// an example takes <see cref="TaskHead.SequencesPerExample"/> sequences.
    /// </summary>
    public abstract override TaskTrainingGraph CreateTraining(int sequences, int length);

    /// <summary>Memory and code for scores of up to <paramref name="sequences"/> x <paramref name="length"/> tokens at once.</summary>
    public abstract ScoringGraph CreateScoring(int sequences, int length);

    ITaskTraining ITaskModel.CreateTaskTraining(int sequences, int length) => CreateTraining(sequences, length);
}
