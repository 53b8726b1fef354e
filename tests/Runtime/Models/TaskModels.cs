namespace GptGen.Runtime.Tests.Models;

/// <summary>Normalised before, odd sizes.</summary>
[Gpt2(Layers = 2, Heads = 3, Width = 15, Context = 11, Vocabulary = 37)]
[ClassificationHead(Labels = 3)]
public sealed partial class OddClassifier;

/// <summary>Normalised before, a vocabulary head of its own.</summary>
[Gpt2(Layers = 2, Heads = 2, Width = 12, Context = 10, Vocabulary = 29, TiedHead = false)]
[SimilarityHead]
public sealed partial class UntiedSimilarity;

/// <summary>Normalised after.</summary>
[Gpt1(Layers = 2, Heads = 2, Width = 12, Context = 10, Vocabulary = 29)]
[EntailmentHead(LanguageModelWeight = 0.75f)]
public sealed partial class Gpt1Entailment;

/// <summary>Without biases.</summary>
[Gpt2(Layers = 2, Heads = 4, Width = 16, Context = 10, Vocabulary = 29, Biases = false)]
[MultipleChoiceHead(Choices = 3, LanguageModelWeight = 0.25f)]
public sealed partial class ChooserWithoutBiases;

/// <summary>Normalised after, graded.</summary>
[Gpt1(Layers = 2, Heads = 2, Width = 12, Context = 10, Vocabulary = 29)]
[SimilarityHead(Labels = 1)]
public sealed partial class Gpt1Graded;

/// <summary>Normalised before, graded, without biases.</summary>
[Gpt2(Layers = 1, Heads = 3, Width = 15, Context = 10, Vocabulary = 29, Biases = false)]
[SimilarityHead(Labels = 1)]
public sealed partial class Gpt2Graded;

/// <summary>The models with task heads by name, with weights large enough that a mistake in any of them shows, and batches for them.</summary>
internal static class TaskModels
{
    public const int Examples = 3;
    public const int Length = 9;

    public static IReadOnlyList<string> Names { get; } =
        [
            nameof(OddClassifier), nameof(UntiedSimilarity), nameof(Gpt1Entailment), nameof(ChooserWithoutBiases), nameof(Gpt1Graded),
            nameof(Gpt2Graded)];

    public static TaskModel Create(string name, Device device)
    {
        TaskModel model = name switch
        {
            nameof(OddClassifier) => OddClassifier.Create(device),
            nameof(UntiedSimilarity) => UntiedSimilarity.Create(device),
            nameof(Gpt1Entailment) => Gpt1Entailment.Create(device),
            nameof(ChooserWithoutBiases) => ChooserWithoutBiases.Create(device),
            nameof(Gpt1Graded) => Gpt1Graded.Create(device),
            nameof(Gpt2Graded) => Gpt2Graded.Create(device),
            _ => throw new ArgumentException($"No test model is called {name}.", nameof(name)),
        };
        Variants.Fill(model);
        return model;
    }
}

/// <summary>Examples of random texts of different lengths.</summary>
internal sealed class TaskBatch
{
    public TaskBatch(TaskHead head, int first = 0, int count = TaskModels.Examples)
    {
        var sequences = new List<int[]>();
        for (var example = first; example < first + count; example++)
        {
            var random = new Random(example);
            var texts = new int[head.TextsPerExample][];
            for (var text = 0; text < texts.Length; text++)
                texts[text] = [.. Enumerable.Range(0, 1 + ((example + text) % 3)).Select(_ => random.Next(head.Tokens.Start))];
            sequences.AddRange(head.Encode(texts));
            Labels.Add((example + 1) % head.Classes);
            Grades.Add((0.7f * example) - 0.4f);
        }

        Lengths = [.. sequences.Select(sequence => sequence.Length)];
        Tokens = [.. sequences.SelectMany(sequence => sequence.Concat(Enumerable.Repeat(1, TaskModels.Length - sequence.Length)))];
    }

    public int[] Tokens { get; }

    public int[] Lengths { get; }

    public List<int> Labels { get; } = [];

    public List<float> Grades { get; } = [];

    public void Set(TaskTrainingGraph training, int averageOver = 0)
    {
        if (((TaskModel)training.Model).Head.IsGraded)
            training.SetGradedExamples(TaskModels.Length, Tokens, Lengths, [.. Grades], averageOver);
        else
            training.SetExamples(TaskModels.Length, Tokens, Lengths, [.. Labels], averageOver);
    }
}
