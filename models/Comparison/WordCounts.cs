using System.Text.RegularExpressions;
using GptGen.Finetuning;

namespace GptGen.Models.Comparison;

/// <summary>
/// Logistic regression on the words that occur: softmax over labels, or over choices by one row of weights. Words of the first and of the second text
/// count apart, except in similarity, whose texts have no order. Adagrad; the pass with the best validation counts.
/// </summary>
internal sealed partial class WordCounts
{
    private const int Passes = 20;
    private const double Rate = 0.3;

    private readonly TaskKind kind;
    private readonly LabelSet labels;
    private readonly Dictionary<string, int> words = [];
    private readonly List<double[]> weights = [];
    private readonly List<double[]> squares = [];
    private readonly int rows;

    private WordCounts(TaskKind kind, LabelSet labels)
    {
        (this.kind, this.labels) = (kind, labels);
        rows = kind == TaskKind.MultipleChoice ? 1 : labels.Names.Count;
    }

    /// <summary>The accuracy on the test examples.</summary>
    internal static double Accuracy(TaskSet set, LabelSet labels)
    {
        var model = new WordCounts(set.Kind, labels);
        var (training, validation, test) = (
            model.Read(set.Training, learn: true), model.Read(set.Validation, learn: false), model.Read(set.Test, learn: false));
        var (best, result) = (-1.0, 0.0);
        var random = new Random(1);
        for (var pass = 0; pass < Passes; pass++)
        {
            random.Shuffle(training);
            foreach (var (features, label) in training)
                model.Step(features, label);
            var value = model.Share(validation);
            if (value > best)
                (best, result) = (value, model.Share(test));
        }

        return result;
    }

    private double Share((int[][] Features, int Label)[] examples) =>
        (double)examples.Count(
            example => Array.IndexOf(Probabilities(example.Features), Probabilities(example.Features).Max()) == example.Label) / examples.Length;

    private (int[][] Features, int Label)[] Read(List<TaskExample> examples, bool learn) =>
        [.. examples.Select(example => (Features(example, learn), labels.IndexOf(example)))];

    /// <summary>The features of each choice, or of the example.</summary>
    private int[][] Features(TaskExample example, bool learn) => kind switch
    {
        // What all choices share has no say in their softmax.
        TaskKind.MultipleChoice => [.. example.Texts.Skip(1).Select(text => Numbers(text, "", learn).ToArray())],
        TaskKind.Similarity => [[.. example.Texts.SelectMany(text => Numbers(text, "", learn))]],
        _ => [[.. example.Texts.SelectMany((text, i) => Numbers(text, $"{i} ", learn))]],
    };

    private List<int> Numbers(string text, string prefix, bool learn)
    {
        var numbers = new List<int>();
        foreach (var match in Word().EnumerateMatches(text))
        {
            var word = prefix + text.Substring(match.Index, match.Length);
            if (!words.TryGetValue(word, out var number))
            {
                if (!learn)
                    continue;
                words.Add(word, number = words.Count);
                weights.Add(new double[rows]);
                squares.Add(new double[rows]);
            }

            numbers.Add(number);
        }

        return numbers;
    }

    private double[] Probabilities(int[][] features)
    {
        var scores = kind == TaskKind.MultipleChoice
            ? features.Select(choice => choice.Sum(word => weights[word][0])).ToArray()
            : Enumerable.Range(0, rows).Select(row => features[0].Sum(word => weights[word][row])).ToArray();
        var largest = scores.Max();
        var powers = scores.Select(score => Math.Exp(score - largest)).ToArray();
        var sum = powers.Sum();
        return [.. powers.Select(power => power / sum)];
    }

    private void Step(int[][] features, int label)
    {
        var probabilities = Probabilities(features);
        for (var index = 0; index < probabilities.Length; index++)
        {
            var gradient = probabilities[index] - (index == label ? 1 : 0);
            var (row, words) = kind == TaskKind.MultipleChoice ? (0, features[index]) : (index, features[0]);
            foreach (var word in words)
            {
                squares[word][row] += gradient * gradient;
                weights[word][row] -= Rate * gradient / (Math.Sqrt(squares[word][row]) + 1e-6);
            }
        }
    }

    [GeneratedRegex(@"\w+")]
    private static partial Regex Word();
}
