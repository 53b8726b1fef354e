namespace GptGen.Models;

/// <summary>A model of the zoo with a task head.</summary>
/// <param name="Body">The name of the model that it continues, as <see cref="Zoo"/> has it.</param>
/// <param name="Description">What is known at compile time.</param>
/// <param name="Create">Makes one, its weights zero.</param>
public sealed record TaskZooEntry(string Body, ModelDescription Description, Func<Device, ITaskModel> Create)
{
    /// <summary>The head.</summary>
    public TaskHead Head => Description.Head!;
}

/// <summary>Every model with a task head that the command line knows. A new one adds its class and its line here.</summary>
public static class TaskZoo
{
    /// <summary>The models.</summary>
    public static IReadOnlyList<TaskZooEntry> Models { get; } =
    [
        Entry<Gpt1MiniClassification>("gpt1-mini"),
        Entry<Gpt1MiniEntailment>("gpt1-mini"),
        Entry<Gpt1MiniSimilarity>("gpt1-mini"),
        Entry<Gpt1MiniGrades>("gpt1-mini"),
        Entry<Gpt1MiniChoiceOf2>("gpt1-mini"),
        Entry<Gpt1MiniChoiceOf4>("gpt1-mini"),
        Entry<Gpt1Mini4KClassification>("gpt1-mini-4k"),
        Entry<Gpt1Mini4KEntailment>("gpt1-mini-4k"),
        Entry<Gpt1Mini4KSimilarity>("gpt1-mini-4k"),
        Entry<Gpt1Mini4KGrades>("gpt1-mini-4k"),
        Entry<Gpt1Mini4KChoiceOf2>("gpt1-mini-4k"),
        Entry<Gpt1Mini4KChoiceOf4>("gpt1-mini-4k"),
        Entry<Gpt2Tiny4KClassification>("gpt2-tiny-4k"),
        Entry<Gpt2Tiny4KEntailment>("gpt2-tiny-4k"),
        Entry<Gpt2Tiny4KSimilarity>("gpt2-tiny-4k"),
        Entry<Gpt2Tiny4KGrades>("gpt2-tiny-4k"),
        Entry<Gpt2Tiny4KChoiceOf2>("gpt2-tiny-4k"),
        Entry<Gpt2Tiny4KChoiceOf4>("gpt2-tiny-4k"),
        Entry<Gpt1Classification>("gpt1"),
        Entry<Gpt1Entailment>("gpt1"),
        Entry<Gpt1Similarity>("gpt1"),
        Entry<Gpt1Grades>("gpt1"),
        Entry<Gpt1ChoiceOf2>("gpt1"),
        Entry<Gpt1ChoiceOf4>("gpt1"),
        Entry<ElmoMini4KClassification>("elmo-mini-4k"),
        Entry<ElmoMini4KEntailment>("elmo-mini-4k"),
        Entry<ElmoMini4KSimilarity>("elmo-mini-4k"),
        Entry<ElmoMini4KGrades>("elmo-mini-4k"),
        Entry<ElmoMini4KChoiceOf2>("elmo-mini-4k"),
        Entry<ElmoMini4KChoiceOf4>("elmo-mini-4k"),
        Entry<ElmoMini4KTagging>("elmo-mini-4k"),
        Entry<ElmoMiniCharsClassification>("elmo-mini-chars"),
        Entry<ElmoMiniCharsEntailment>("elmo-mini-chars"),
        Entry<ElmoMiniCharsGrades>("elmo-mini-chars"),
        Entry<ElmoMiniCharsTagging>("elmo-mini-chars"),
        Entry<ElmoSmallClassification>("elmo-small"),
        Entry<ElmoSmallEntailment>("elmo-small"),
        Entry<ElmoSmallGrades>("elmo-small"),
        Entry<ElmoSmallTagging>("elmo-small"),
        Entry<ElmoMediumClassification>("elmo-medium"),
        Entry<ElmoMediumEntailment>("elmo-medium"),
        Entry<ElmoMediumGrades>("elmo-medium"),
        Entry<ElmoMediumTagging>("elmo-medium"),
        Entry<ElmoOriginalClassification>("elmo-original"),
        Entry<ElmoOriginalEntailment>("elmo-original"),
        Entry<ElmoOriginalGrades>("elmo-original"),
        Entry<ElmoOriginalTagging>("elmo-original"),
        Entry<BertMini4KClassification>("bert-mini-4k"),
        Entry<BertMini4KEntailment>("bert-mini-4k"),
        Entry<BertMini4KSimilarity>("bert-mini-4k"),
        Entry<BertMini4KGrades>("bert-mini-4k"),
        Entry<BertMini4KChoiceOf2>("bert-mini-4k"),
        Entry<BertMini4KChoiceOf4>("bert-mini-4k"),
        Entry<BertMini4KTagging>("bert-mini-4k"),
        Entry<BertMini4KAnswering>("bert-mini-4k"),
        Entry<BertBaseClassification>("bert-base"),
        Entry<BertBaseEntailment>("bert-base"),
        Entry<BertBaseSimilarity>("bert-base"),
        Entry<BertBaseGrades>("bert-base"),
        Entry<BertBaseChoiceOf2>("bert-base"),
        Entry<BertBaseChoiceOf4>("bert-base"),
        Entry<BertBaseTagging>("bert-base"),
        Entry<BertBaseAnswering>("bert-base"),
        Entry<BertBaseCasedClassification>("bert-base-cased"),
        Entry<BertBaseCasedTagging>("bert-base-cased"),
        Entry<BertBaseCasedAnswering>("bert-base-cased"),
        Entry<Gpt2SmallClassification>("gpt2-small"),
        Entry<Gpt2SmallEntailment>("gpt2-small"),
        Entry<Gpt2SmallSimilarity>("gpt2-small"),
        Entry<Gpt2SmallGrades>("gpt2-small"),
        Entry<Gpt2SmallChoiceOf2>("gpt2-small"),
        Entry<Gpt2SmallChoiceOf4>("gpt2-small"),
    ];

    /// <summary>The model that commands fine-tune when none is named.</summary>
    public static ZooEntry DefaultBody => Zoo.Find(Models[0].Body);

    /// <summary>
    /// The model of a body and a task with room for some labels; for multiple choice, with exactly as many choices; for grades, with one.
    /// </summary>
    /// <exception cref="GptGenException">There is none.</exception>
    public static TaskZooEntry Find(string body, TaskKind kind, int labels)
    {
        var entries = Models.Where(entry => entry.Head.Kind == kind && entry.Body == body && entry.Head.IsGraded == (labels == 1)).ToList();
        if (entries.Count == 0)
        {
            throw new GptGenException(
                $"The model '{body}' has no head for this task: choose one of "
                + $"{string.Join(", ", Models.Select(static entry => entry.Body).Distinct())}, or declare a model of your own in C#.");
        }

        return entries.Find(entry => kind == TaskKind.MultipleChoice ? entry.Head.Classes == labels : entry.Head.Classes >= labels)
            ?? throw new GptGenException(kind == TaskKind.MultipleChoice
                ? $"There are {labels} choices, but the models take {string.Join(" or ", entries.Select(static entry => entry.Head.Classes))}: "
                    + $"declare a model of your own in C# with [MultipleChoiceHead(Choices = {labels})]."
                : $"There are {labels} labels, but the model has {entries[^1].Head.Classes}: join some, "
                    + $"or declare a model of your own in C# with Labels = {labels}.");
    }

    /// <summary>The model of a class's name.</summary>
    /// <exception cref="GptGenException">There is none.</exception>
    public static TaskZooEntry Find(string name) => Models.FirstOrDefault(entry => entry.Description.Name == name)
        ?? throw new GptGenException($"This program has no model '{name}': use the program that fine-tuned it.");

    private static TaskZooEntry Entry<TModel>(string body)
        where TModel : Model, ITaskModel, IModel<TModel> => new(body, TModel.Specification, TModel.Create);
}
