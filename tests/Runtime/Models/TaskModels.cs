using GptGen.Text;

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

/// <summary>An encoder of odd sizes.</summary>
[Bert(Layers = 2, Heads = 3, Width = 15, HiddenWidth = 22, Context = 11, Vocabulary = 37)]
[ClassificationHead(Labels = 3)]
public sealed partial class EncoderClassifier;

/// <summary>An encoder, graded.</summary>
[Bert(Layers = 1, Heads = 2, Width = 12, Context = 10, Vocabulary = 29)]
[SimilarityHead(Labels = 1)]
public sealed partial class EncoderGraded;

/// <summary>An encoder without biases.</summary>
[Bert(Layers = 2, Heads = 4, Width = 16, Context = 10, Vocabulary = 29, Biases = false)]
[MultipleChoiceHead(Choices = 3)]
public sealed partial class EncoderChooser;

/// <summary>An encoder that labels tokens.</summary>
[Bert(Layers = 2, Heads = 2, Width = 14, Context = 10, Vocabulary = 31)]
[TokenClassificationHead(Labels = 5)]
public sealed partial class EncoderTagger;

/// <summary>An encoder that finds answers: without biases, since those of the scores and before them are added to all positions alike.</summary>
[Bert(Layers = 2, Heads = 2, Width = 14, Context = 10, Vocabulary = 31, Biases = false)]
[QuestionAnsweringHead]
public sealed partial class EncoderReader;

/// <summary>Frozen LSTMs of both directions, mixed.</summary>
[Elmo(Layers = 2, Width = 7, Cells = 9, Context = 10, Vocabulary = 31)]
[ClassificationHead(Labels = 3)]
public sealed partial class DirectedClassifier;

/// <summary>Frozen LSTMs whose layers are normalised over a batch before they are mixed.</summary>
[Elmo(Layers = 2, Width = 7, Cells = 9, Context = 10, Vocabulary = 31, NormalizedMix = true)]
[ClassificationHead(Labels = 3)]
public sealed partial class NormalizedClassifier;

/// <summary>Frozen LSTMs that read words' characters.</summary>
[Elmo(Layers = 2, Width = 7, Cells = 9, Context = 10, Vocabulary = 31, Filters = [3, 4], CharacterWidth = 5, HighwayLayers = 1)]
[ClassificationHead(Labels = 3)]
public sealed partial class LetterClassifier;

/// <summary>The same that label words.</summary>
[Elmo(Layers = 1, Width = 6, Cells = 8, Context = 10, Vocabulary = 31, Filters = [3, 4], CharacterWidth = 5, HighwayLayers = 0)]
[TokenClassificationHead(Labels = 5)]
public sealed partial class LetterTagger;

/// <summary>Frozen LSTMs that label tokens.</summary>
[Elmo(Layers = 1, Width = 6, Cells = 8, Context = 10, Vocabulary = 31)]
[TokenClassificationHead(Labels = 5)]
public sealed partial class DirectedTagger;

/// <summary>The models with task heads by name, with weights large enough that a mistake in any of them shows, and batches for them.</summary>
internal static class TaskModels
{
    public const int Examples = 3;
    public const int Length = 9;

    /// <summary>Those that are language models too.</summary>
    public static IReadOnlyList<string> LanguageNames { get; } =
        [
            nameof(OddClassifier), nameof(UntiedSimilarity), nameof(Gpt1Entailment), nameof(ChooserWithoutBiases), nameof(Gpt1Graded),
            nameof(Gpt2Graded)];

    public static IReadOnlyList<string> Names { get; } =
        [.. LanguageNames, nameof(EncoderClassifier), nameof(EncoderGraded), nameof(EncoderChooser), nameof(EncoderTagger), nameof(EncoderReader),
            nameof(DirectedClassifier), nameof(DirectedTagger), nameof(LetterClassifier), nameof(LetterTagger), nameof(NormalizedClassifier)];

    public static TaskModel CreateLanguage(string name, Device device) => (TaskModel)Create(name, device);

    public static ITaskModel Create(string name, Device device)
    {
        ITaskModel model = name switch
        {
            nameof(OddClassifier) => OddClassifier.Create(device),
            nameof(UntiedSimilarity) => UntiedSimilarity.Create(device),
            nameof(Gpt1Entailment) => Gpt1Entailment.Create(device),
            nameof(ChooserWithoutBiases) => ChooserWithoutBiases.Create(device),
            nameof(Gpt1Graded) => Gpt1Graded.Create(device),
            nameof(Gpt2Graded) => Gpt2Graded.Create(device),
            nameof(EncoderClassifier) => EncoderClassifier.Create(device),
            nameof(EncoderGraded) => EncoderGraded.Create(device),
            nameof(EncoderChooser) => EncoderChooser.Create(device),
            nameof(EncoderTagger) => EncoderTagger.Create(device),
            nameof(EncoderReader) => EncoderReader.Create(device),
            nameof(DirectedClassifier) => DirectedClassifier.Create(device),
            nameof(DirectedTagger) => DirectedTagger.Create(device),
            nameof(NormalizedClassifier) => NormalizedClassifier.Create(device),
            nameof(LetterClassifier) => LetterClassifier.Create(device),
            nameof(LetterTagger) => LetterTagger.Create(device),
            _ => throw new ArgumentException($"No test model is called {name}.", nameof(name)),
        };
        Variants.Fill(model.Model);
        return model;
    }
}

/// <summary>Examples of random texts of different lengths.</summary>
internal sealed class TaskBatch
{
    // Of an encoder's vocabulary.
    private const int Classify = 1;
    private const int Separator = 2;
    private const int FirstWord = 3;

    private readonly TaskHead head;

    public TaskBatch(ITaskModel model, int first = 0, int count = TaskModels.Examples)
    {
        head = model.Head;
        var sequences = new List<(int[] Tokens, int[] Types)>();
        for (var example = first; example < first + count; example++)
        {
            var random = new Random(example);
            var texts = new int[head.TextsPerExample][];
            for (var text = 0; text < texts.Length; text++)
                texts[text] = [.. Enumerable.Range(0, 1 + ((example + text) % 3)).Select(_ => NextToken(random, model))];
            sequences.AddRange(head.Tokens is null ? Frame(texts) : head.Encode(texts).Select(tokens => (tokens, new int[tokens.Length])));
        }

        Lengths = [.. sequences.Select(sequence => sequence.Tokens.Length)];
        Tokens = [.. sequences.SelectMany(sequence => Padded(sequence.Tokens))];
        if (model.Description.CharactersPerToken > 0)
            Tokens = [.. Tokens.SelectMany(static token => Letters(token))];
        TokenTypes = head.Tokens is null && !head.IsFramedByEnds ? [.. sequences.SelectMany(sequence => Padded(sequence.Types))] : [];
        // Each text's first token and its last, some twice.
        Rows = head.Kind != TaskKind.TokenClassification ? []
            : [.. Enumerable.Range(0, count).SelectMany(row => (int[])[(row * TaskModels.Length) + 1, (row * TaskModels.Length) + Lengths[row] - 2])];
        Starts = [.. Lengths.Select((sequence, index) => (first + index) % (sequence - 2))];
        Ends = [.. Starts.Select((start, index) => Math.Min(start + 1, Lengths[index] - 1))];
        RowLabels = [.. Rows.Select((_, row) => (row + (2 * first)) % head.Classes)];
        Labels = [.. Enumerable.Range(first, count).Select(example => (example + 1) % head.Classes)];
        Grades = [.. Enumerable.Range(first, count).Select(example => (0.7f * example) - 0.4f)];
    }

    public int[] Tokens { get; }

    public int[] TokenTypes { get; }

    public int[] Lengths { get; }

    public int[] Labels { get; }

    /// <summary>Rows of tokens with labels, of a head that labels tokens.</summary>
    public int[] Rows { get; }

    public int[] RowLabels { get; }

    /// <summary>Where each sequence's answer begins, of a head that finds answers.</summary>
    public int[] Starts { get; }

    public int[] Ends { get; }

    /// <summary>Losses of the batch.</summary>
    public int LossCount => Rows.Length > 0 ? Rows.Length : head.Kind == TaskKind.QuestionAnswering ? 2 * Labels.Length : Labels.Length;

    /// <summary>What means run over: a question's two losses are one.</summary>
    public int AverageOver => Rows.Length > 0 ? Rows.Length : Labels.Length;

    /// <summary>Rows of scores.</summary>
    public int ScoreRows => head.Kind == TaskKind.QuestionAnswering ? Tokens.Length : LossCount;

    /// <summary>The input of the losses.</summary>
    public string LossName => Rows.Length > 0 ? "RowLosses" : head.Kind == TaskKind.QuestionAnswering ? "SpanLosses" : "ExampleLosses";

    public float[] Grades { get; }

    public void Set(TrainingGraph training, int averageOver = 0)
    {
        var length = TaskModels.Length;
        switch (training)
        {
            case EncoderTaskTrainingGraph encoder when head.Kind == TaskKind.QuestionAnswering:
                encoder.SetSpans(length, Tokens, TokenTypes, Lengths, Starts, Ends, averageOver);
                break;
            case EncoderTaskTrainingGraph encoder when Rows.Length > 0:
                encoder.SetLabelledRows(length, Tokens, TokenTypes, Lengths, Rows, RowLabels, averageOver);
                break;
            case EncoderTaskTrainingGraph encoder when head.IsGraded:
                encoder.SetGradedExamples(length, Tokens, TokenTypes, Lengths, Grades, averageOver);
                break;
            case EncoderTaskTrainingGraph encoder:
                encoder.SetExamples(length, Tokens, TokenTypes, Lengths, Labels, averageOver);
                break;
            case TaskTrainingGraph language when head.IsGraded:
                language.SetGradedExamples(length, Tokens, Lengths, Grades, averageOver);
                break;
            default:
                ((TaskTrainingGraph)training).SetExamples(length, Tokens, Lengths, Labels, averageOver);
                break;
        }
    }

    /// <summary>A word of some letters for each token.</summary>
    private static int[] Letters(int token)
    {
        var characters = new int[WordCharacters.Count];
        WordCharacters.Write([.. Enumerable.Range(0, 1 + (token % 5)).Select(place => (byte)('a' + ((token * (place + 3)) % 26)))], characters);
        return characters;
    }

    private static int NextToken(Random random, ITaskModel model) => model.Head.Tokens is { } special
        ? random.Next(special.Start)
        : random.Next(FirstWord, model.Description.Vocabulary);

    private IEnumerable<(int[] Tokens, int[] Types)> Frame(int[][] texts)
    {
        for (var sequence = 0; sequence < head.SequencesPerExample; sequence++)
        {
            var (first, second) = head.TextsOf(sequence, texts);
            int[] begin = [Classify, .. first, Separator];
            int[] tokens = second is null ? begin : [.. begin, .. second, Separator];
            yield return (tokens, [.. Enumerable.Range(0, tokens.Length).Select(position => position < begin.Length ? 0 : 1)]);
        }
    }

    private static IEnumerable<int> Padded(int[] numbers) => numbers.Concat(Enumerable.Repeat(1, TaskModels.Length - numbers.Length));
}
