using GptGen.Distributed;
using GptGen.Text;

namespace GptGen.Evaluation;

/// <summary>
/// Guesses last words as LAMBADA asks (Paperno et al. 2016; Radford et al. 2019, section 3.3). A word counts when every token of it is the model's
/// most probable. The filter for stop words leaves out, for the word's first token, those that are a whole stop word; a vocabulary of bytes has no
/// such tokens. Contexts are read once and the word's tokens added one by one, so only the logits that decide are computed.
/// </summary>
public static class LastWordEvaluator
{
    private const int BatchesOfAGroup = 8;

    /// <summary>Guesses the last word of each example.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="examples">The passages. One that is too long loses its beginning.</param>
    /// <param name="batch">Passages computed at once.</param>
    /// <param name="stopWords">The words to filter, in small letters; English ones when null.</param>
    /// <param name="cancellation">Ends the work between two batches.</param>
    /// <returns>The results, in order, as they come.</returns>
    /// <exception cref="GptGenException">A word is longer than the context, or the weights give no numbers.</exception>
    public static IEnumerable<LastWordResult> Evaluate(
        LanguageModel model, Tokenizer tokenizer, IReadOnlyList<LastWordExample> examples, int batch,
        IReadOnlySet<string>? stopWords = null, CancellationToken cancellation = default) =>
        Evaluate(model, tokenizer, examples, batch, stopWords, others: null, cancellation);

    /// <summary>The same by several processes, which divide the batches; the bits do not depend on their number.</summary>
    internal static IEnumerable<LastWordResult> Evaluate(
        LanguageModel model, Tokenizer tokenizer, IReadOnlyList<LastWordExample> examples, int batch, IReadOnlySet<string>? stopWords,
        Communicator? others, CancellationToken cancellation)
    {
        Continuation[] texts = [.. examples.Select(
            example => Continuation.Of(tokenizer, example.Context, example.Word, model.Description.Context, example.Place))];
        if (texts.Length == 0)
            yield break;
        var longest = texts.Max(static text => text.Length);
        using var graph = model.CreateInference(batch, longest, batch * longest, batch);
        var guesser = new Guesser(graph, StopWords.Among(tokenizer, stopWords ?? StopWords.English));
        foreach (var group in texts.Chunk(BatchesOfAGroup * batch))
        {
            var results = new LastWordResult[group.Length];
            var parts = Enumerable.Range(0, group.Length).OrderByDescending(index => group[index].Length).Chunk(batch);
            foreach (var (part, found) in DividedWork.Of(
                others, parts, LastWordResult.Numbers * batch, (part, own) => Write(guesser.Guess([.. part.Select(index => group[index])]), own),
                cancellation))
            {
                for (var row = 0; row < part.Length; row++)
                    results[part[row]] = LastWordResult.Read(found.Span[(row * LastWordResult.Numbers)..]);
            }

            foreach (var result in results)
                yield return result;
        }
    }

    private static void Write(LastWordResult[] results, Span<double> numbers)
    {
        for (var row = 0; row < results.Length; row++)
            results[row].Write(numbers[(row * LastWordResult.Numbers)..]);
    }

    /// <summary>One batch: the contexts at once, then the words' tokens of those that have more.</summary>
    private sealed class Guesser(InferenceGraph graph, bool[] isStopWord)
    {
        private readonly float[] logits = new float[graph.Model.Description.Vocabulary];

        public LastWordResult[] Guess(Continuation[] texts)
        {
            var results = new LastWordResult[texts.Length];
            Prefill(texts);
            for (var row = 0; row < texts.Length; row++)
                results[row] = Judge(row, Token(texts[row], 0), isFirst: true);

            int[] open = [.. Enumerable.Range(0, texts.Length)];
            for (var read = 1; ; read++)
            {
                open = [.. open.Where(index => texts[index].Predicted > read)];
                if (open.Length == 0)
                    return results;
                graph.Decode(
                    [.. open.Select(index => Token(texts[index], read - 1))],
                    [.. open.Select(index => texts[index].Tokens.Length - texts[index].Predicted + read - 1)],
                    open);
                for (var row = 0; row < open.Length; row++)
                {
                    var (sum, more) = (results[open[row]], Judge(row, Token(texts[open[row]], read), isFirst: false));
                    results[open[row]] = new(
                        sum.LogLikelihood + more.LogLikelihood,
                        sum.IsCorrect && more.IsCorrect,
                        sum.IsCorrectWithoutStopWords && more.IsCorrectWithoutStopWords);
                }
            }
        }

        private static int Token(Continuation text, int index) => text.Tokens[text.Tokens.Length - text.Predicted + index];

        private void Prefill(Continuation[] texts)
        {
            int[] lengths = [.. texts.Select(static text => text.Tokens.Length - text.Predicted)];
            var length = lengths.Max();
            var tokens = new int[texts.Length * length];
            for (var row = 0; row < texts.Length; row++)
                texts[row].Tokens.AsSpan(0, lengths[row]).CopyTo(tokens.AsSpan(row * length));
            graph.Prefill(length, tokens, lengths, [.. Enumerable.Range(0, texts.Length)]);
        }

        /// <summary>Compares a token with the most probable one; of equal ones the lowest number, as in greedy sampling.</summary>
        private LastWordResult Judge(int row, int token, bool isFirst)
        {
            graph.ReadLogits(row, logits);
            var (best, allowed) = (0, -1);
            for (var candidate = 0; candidate < logits.Length; candidate++)
            {
                best = logits[candidate] > logits[best] ? candidate : best;
                if (!(isFirst && candidate < isStopWord.Length && isStopWord[candidate]) && (allowed < 0 || logits[candidate] > logits[allowed]))
                    allowed = candidate;
            }

            var sum = 0.0;
            foreach (var logit in logits)
                sum += MathF.Exp(logit - logits[best]);
            var logLikelihood = logits[token] - logits[best] - Math.Log(sum);
            return double.IsFinite(logLikelihood)
                ? new(logLikelihood, token == best, token == allowed)
                : throw new GptGenException(
                    $"A log-likelihood is {logLikelihood}: the weights are damaged or their training diverged; use an earlier checkpoint.");
        }
    }
}
