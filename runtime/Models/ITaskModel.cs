using GptGen.Finetuning;

namespace GptGen;

/// <summary>A generated model with a task head, on whichever body: a <see cref="TaskModel"/> or an <see cref="EncoderTaskModel"/>.</summary>
public interface ITaskModel : IDisposable
{
    /// <summary>What is known at compile time.</summary>
    ModelDescription Description { get; }

    /// <summary>The head.</summary>
    TaskHead Head { get; }

    /// <summary>Memory and code for scores of up to <paramref name="sequences"/> x <paramref name="length"/> tokens at once.</summary>
    ScoringGraph CreateScoring(int sequences, int length);

    /// <summary>The model as all models are known.</summary>
    internal Model Model => (Model)this;

    /// <summary>The model's training graph as all tasks use it.</summary>
    internal ITaskTraining CreateTaskTraining(int sequences, int length);
}

/// <summary>A training graph of a task, whatever the body.</summary>
internal interface ITaskTraining
{
    /// <summary>The graph itself.</summary>
    TrainingGraph Graph { get; }

    /// <summary>Examples of the current batch.</summary>
    int Examples { get; }

    /// <summary>Takes a batch of examples.</summary>
    /// <param name="batch">The examples.</param>
    /// <param name="averageOver">The examples that means run over.</param>
    void Set(ExampleBatch batch, int averageOver);

    /// <summary>The task's part of the loss. Waits for the device.</summary>
    double ReadTaskLoss();

    /// <summary>Copies the task's losses. Waits for the device.</summary>
    void ReadTaskLosses(Span<float> losses);

    /// <summary>Copies the scores. Waits for the device.</summary>
    void ReadScores(Span<float> scores);
}
