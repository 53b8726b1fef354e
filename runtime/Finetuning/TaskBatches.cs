using GptGen.Training;

namespace GptGen.Finetuning;

/// <summary>Labelled examples as the steps of a fine-tuning take them. A step's loss is the mean over all its examples.</summary>
internal sealed class TaskBatches : IMicroBatches, IDisposable
{
    private readonly IReadOnlyList<EncodedExample> examples;
    private readonly ITaskTraining task;
    private readonly BatchOrder order;
    private readonly BatchCut cut;
    private readonly ExampleBatch batch;

    /// <summary>Prepares the batches of a run.</summary>
    internal TaskBatches(ITaskModel model, IReadOnlyList<EncodedExample> examples, FinetuningOptions options)
    {
        (this.examples, cut) = (examples, options.CutOf(examples.Count));
        order = new(examples.Select(static example => example.Length), options.Batch, options.Seed);
        task = model.CreateTaskTraining(cut.AtOnce * model.Head.SequencesPerExample, options.Length);
        if (task.Graph is TaskTrainingGraph language)
            language.LanguageModelWeight = (float)(options.LanguageModelWeight ?? model.Head.LanguageModelWeight);
        batch = new(model.Description, cut.AtOnce, options.Length);
    }

    /// <inheritdoc/>
    public TrainingGraph Graph => task.Graph;

    /// <summary>Micro-batches of a step.</summary>
    internal int MicroBatches => cut.MicroBatches;

    /// <summary>Steps of an epoch.</summary>
    internal int StepsOfEpoch => order.BatchesOfEpoch;

    /// <inheritdoc/>
    public bool TryFill(int step, int micro)
    {
        var indexes = order.Batch(step);
        var (first, count) = cut.Of(micro, indexes.Length);
        if (count == 0)
            return false;
        var losses = 0;
        foreach (var index in indexes)
            losses += examples[index].LossCount;
        batch.Set(examples, indexes.Slice(first, count));
        task.Set(batch, losses);
        return true;
    }

    /// <summary>The task's part of the loss, beside which a language model may have one.</summary>
    public double ReadPart() => task.ReadTaskLoss();

    /// <summary>Frees the graph; the model stays.</summary>
    public void Dispose() => Graph.Dispose();
}
