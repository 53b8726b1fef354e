using GptGen.Distributed;
using GptGen.Evaluation;
using GptGen.Finetuning;
using GptGen.Text;
using GptGen.Translation;

namespace GptGen.Models.Comparison;

/// <summary>What likelihood alone decides: no task was learned. Several processes divide the texts; null for one.</summary>
internal static class Likelihoods
{
    private const int AtOnce = 32;

    /// <summary>What a name is likely behind when nothing is said: a sentence's end.</summary>
    private const string Nothing = ".";

    /// <summary>The share of choices whose right text has the greatest mean log-likelihood of a token behind the question.</summary>
    internal static double Choice(
        LanguageModel model, Tokenizer tokenizer, TaskSet set, Communicator? others, CancellationToken cancellation)
    {
        var examples = set.Test.ConvertAll(
            example => new ChoiceExample(
                example.Texts[0], [.. example.Texts.Skip(1).Select(static text => $" {text}")], set.Labels.IndexOf(example))
                {
                    Place = example.Source,
                });
        return ChoiceEvaluator.Evaluate(model, tokenizer, examples, AtOnce, others, cancellation)
            .Average(static result => result.IsCorrectByMean ? 1 : 0.0);
    }

    /// <summary>
    /// The share of pairs that are told right by whether the second text is more likely behind the first than behind nothing; of labels of which one
    /// is "yes".
    /// </summary>
    internal static double Entailment(
        LanguageModel model, Tokenizer tokenizer, TaskSet set, Communicator? others, CancellationToken cancellation)
    {
        var (behind, alone) = (Score(static example => example.Texts[0]), Score(static _ => Nothing));
        return set.Test.Select((example, index) => behind[index] > alone[index] == IsYes(example) ? 1 : 0.0).Average();

        double[] Score(Func<TaskExample, string> context)
        {
            var texts = set.Test.ConvertAll(
                example => Continuation.Of(tokenizer, context(example), $" {example.Texts[1]}", model.Description.Context, example.Source));
            using var scorer = new ContinuationScorer(model, AtOnce, texts.Max(static text => text.Length)) { Others = others };
            var scores = new double[texts.Count];
            scorer.Score(texts, scores, cancellation);
            return scores;
        }
    }

    /// <summary>Whether <see cref="Entailment"/> understands the labels.</summary>
    internal static bool HasYesAndNo(TaskSet set) => set.Labels.Names is ["no", "yes"] or ["yes", "no"];

    /// <summary>The share of choices whose right text an encoder-decoder finds most likely for the question, by the mean of a token.</summary>
    internal static double Choice(PairBatches batches, Tokenizer tokenizer, TaskSet set, CancellationToken cancellation)
    {
        var pairs = PairData.Encode(
            [.. set.Test.SelectMany(static example => example.Texts.Skip(1).Select(text => new TextPair(example.Texts[0], text)))], tokenizer,
            cancellation);
        var losses = batches.MeanLosses(pairs, cancellation);
        var choices = set.Test[0].Texts.Count - 1;
        return set.Test.Select((example, index) =>
        {
            var own = losses[(index * choices)..((index + 1) * choices)];
            return Array.IndexOf(own, own.Min()) == set.Labels.IndexOf(example) ? 1 : 0.0;
        }).Average();
    }

    private static bool IsYes(TaskExample example) => example.Label == "yes";
}
