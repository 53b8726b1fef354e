using GptGen.Distributed;
using GptGen.Text;

namespace GptGen.Evaluation;

/// <summary>Chooses by likelihood, as HellaSwag and the Children's Book Test are scored.</summary>
public static class ChoiceEvaluator
{
    /// <summary>Batches whose examples are sorted by length together.</summary>
    private const int BatchesOfAGroup = 8;

    /// <summary>Chooses for each example. Of equal likelihoods the first wins.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="examples">The questions. A context that is too long loses its beginning.</param>
    /// <param name="batch">Texts computed at once.</param>
    /// <param name="cancellation">Ends the work between two batches.</param>
    /// <returns>The results, in order, as they come.</returns>
    /// <exception cref="GptGenException">A text to choose is empty or longer than the context, or the weights give no numbers.</exception>
    public static IEnumerable<ChoiceResult> Evaluate(
        LanguageModel model, Tokenizer tokenizer, IReadOnlyList<ChoiceExample> examples, int batch, CancellationToken cancellation = default) =>
        Evaluate(model, tokenizer, examples, batch, others: null, cancellation);

    /// <summary>The same by several processes, which divide the batches; the bits do not depend on their number.</summary>
    internal static IEnumerable<ChoiceResult> Evaluate(
        LanguageModel model, Tokenizer tokenizer, IReadOnlyList<ChoiceExample> examples, int batch, Communicator? others,
        CancellationToken cancellation)
    {
        var texts = examples.Select(example => example.Continuations.Select(text => Encode(example, text)).ToArray()).ToArray();
        if (texts.Length == 0)
            yield break;
        using var scorer = new ContinuationScorer(model, batch, texts.Max(static choices => choices.Max(static text => text.Length)))
        {
            Others = others,
        };
        foreach (var group in examples.Zip(texts).Chunk(Math.Max(1, BatchesOfAGroup * batch / texts[0].Length)))
        {
            Continuation[] all = [.. group.SelectMany(static pair => pair.Second)];
            var scores = new double[all.Length];
            scorer.Score(all, scores, cancellation);
            var at = 0;
            foreach (var (example, choices) in group)
            {
                yield return Choose(example.Answer, choices, scores.AsSpan(at, choices.Length));
                at += choices.Length;
            }
        }

        Continuation Encode(ChoiceExample example, string text) => Continuation.Of(
            tokenizer, example.Context, text, model.Description.Context, example.Place);
    }

    private static ChoiceResult Choose(int answer, Continuation[] choices, ReadOnlySpan<double> scores)
    {
        var (best, bestByMean) = (0, 0);
        for (var choice = 1; choice < choices.Length; choice++)
        {
            best = scores[choice] > scores[best] ? choice : best;
            bestByMean = Mean(scores, choice) > Mean(scores, bestByMean) ? choice : bestByMean;
        }

        return new(best == answer, bestByMean == answer);

        double Mean(ReadOnlySpan<double> values, int choice) => values[choice] / choices[choice].Predicted;
    }
}
