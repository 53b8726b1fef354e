using GptGen.Checkpoints;
using GptGen.Finetuning;

namespace GptGen.Models.Commands;

/// <summary>
/// A fine-tuned model's folder: one of <c>gptgen finetune</c>, or a published classifier or tagger of Hugging Face's, whose config.json names the
/// labels and whose head may have fewer than the model of the zoo.
/// </summary>
/// <param name="Path">The folder.</param>
/// <param name="Task">Its task.</param>
/// <param name="Entry">The model.</param>
/// <param name="IsPublished">Whether the head has as many labels as the task and not as many as the model.</param>
internal sealed record PredictorFolder(string Path, FinetunedTask Task, TaskZooEntry Entry, bool IsPublished)
{
    private const int MostNames = 8;

    /// <summary>Reads what a folder says.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="texts">The texts of an example, as far as they are named; a published model does not say whether it reads one or two.</param>
    /// <exception cref="GptGenException">It is no such folder, or of a model that the zoo has not.</exception>
    internal static PredictorFolder Open(string path, int texts)
    {
        if (!FinetunedTask.IsIn(path) && PublishedTask.Find(path) is { } published)
            return Open(path, texts, published);
        var task = FinetunedTask.Load(path);
        var entry = TaskZoo.Find(task.Model);
        task.Check(entry.Description);
        return new(path, task, entry, IsPublished: false);
    }

    /// <summary>Sets a model's weights.</summary>
    internal void Load(ITaskModel model)
    {
        if (IsPublished)
            ModelCheckpoint.LoadLabelled(model, Task.Targets.Outputs, Path, Note.Show);
        else
            ModelCheckpoint.Load(model.Model, Path, Note.Show);
    }

    private static PredictorFolder Open(string path, int texts, PublishedTask published)
    {
        // Heads of two texts compute alike; they differ in how many labels they have room for.
        TaskKind[] kinds = published.IsTagger ? [TaskKind.TokenClassification]
            : texts == 2 ? [TaskKind.Entailment, TaskKind.Similarity]
            : [TaskKind.Classification];
        TaskTargets targets = published.IsTagger ? new TagSet(published.Labels) : new LabelSet(published.Labels);
        var entries = TaskZoo.Models.Where(entry => kinds.Contains(entry.Head.Kind) && entry.Head.Classes >= targets.Outputs
            && Zoo.Find(entry.Body).Kind == ModelKind.Masked).ToList();
        var descriptions = entries.ConvertAll(entry => WeightMap.WithLabels(entry.Description, targets.Outputs));
        var search = ModelCheckpoint.Search(path, descriptions);
        if (search.Found is not { } found)
        {
            throw new GptGenException(search.Difference ?? $"'{path}' has {targets.Outputs} labels, more than the models here: "
                + $"declare a model of your own in C# with Labels = {targets.Outputs}.");
        }

        var entry = entries[descriptions.FindIndex(description => ReferenceEquals(description, found))];
        var kind = entry.Head.Kind;
        Note.Show($"'{path}' has no {FinetunedTask.FileName}: by its {ModelConfig.FileName} it "
            + $"{(published.IsTagger ? "tags words" : "labels texts")} as "
            + string.Join(", ", published.Labels.Take(MostNames).Select(MessageText.Shorten))
            + (published.Labels.Count > MostNames ? ", …" : ""));
        return new(
            path, new(kind, entry.Description.Name, ".", entry.Description.Context, Truncate: false, TaskColumns.Default(kind, 0), targets), entry,
            IsPublished: true);
    }
}
