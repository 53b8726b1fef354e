using GptGen.Distributed;
using GptGen.Text;

namespace GptGen.Evaluation;

/// <summary>
/// How well a model predicts a long text, in windows of its whole context. Each window predicts the tokens that the one before did not reach: with a
/// stride below the context every token but the first window's has at least context - stride tokens before it.
/// </summary>
public static class TextPerplexity
{
    /// <summary>Predicts every token of a text but the first, once each.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tokens">The text.</param>
    /// <param name="batch">Windows computed at once.</param>
    /// <param name="stride">Tokens from one window to the next, from 1 to the context. The context itself is fastest; half of it is common.</param>
    /// <param name="cancellation">Ends the work between two batches.</param>
    /// <returns>Running sums, one after each batch; the last is the text's.</returns>
    /// <exception cref="GptGenException">The text has fewer than two tokens, the stride is out of range, or the weights give no numbers.</exception>
    public static IEnumerable<PredictedTokens> Evaluate(
        LanguageModel model, TokenSource tokens, int batch, int stride, CancellationToken cancellation = default) =>
        Evaluate(model, tokens, batch, stride, unscored: null, cancellation);

    /// <summary>Predicts every token of a text but the first, once each, and none that only separates the documents it consists of.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tokens">The text.</param>
    /// <param name="batch">Windows computed at once.</param>
    /// <param name="stride">Tokens from one window to the next, from 1 to the context.</param>
    /// <param name="unscored">A token that is read but not predicted, because it does not stand in the text; null for none.</param>
    /// <param name="cancellation">Ends the work between two batches.</param>
    /// <returns>Running sums, one after each batch; the last is the text's.</returns>
    /// <exception cref="GptGenException">The text has fewer than two tokens, the stride is out of range, or the weights give no numbers.</exception>
    public static IEnumerable<PredictedTokens> Evaluate(
        LanguageModel model, TokenSource tokens, int batch, int stride, int? unscored, CancellationToken cancellation = default) =>
        Evaluate(model, tokens, batch, stride, unscored, others: null, cancellation);

    /// <summary>The same by several processes, which divide the batches; the bits do not depend on their number.</summary>
    internal static IEnumerable<PredictedTokens> Evaluate(
        LanguageModel model, TokenSource tokens, int batch, int stride, int? unscored, Communicator? others, CancellationToken cancellation)
    {
        var context = model.Description.Context;
        if (stride < 1 || stride > context)
            throw new GptGenException($"The stride is {stride}: give a number between 1 and the context of {context}.");
        tokens.RequirePredictable();
        return Run();

        IEnumerable<PredictedTokens> Run()
        {
            using var scorer = new ContinuationScorer(model, batch, (int)Math.Min(context, tokens.Count - 1)) { Unscored = unscored };
            var sum = default(PredictedTokens);
            foreach (var (windows, scores) in DividedWork.Of(
                others, Windows(tokens, context, stride).Chunk(batch), batch,
                (windows, own) => scorer.Score(windows, own[..windows.Length]), cancellation))
            {
                var logLikelihood = 0.0;
                foreach (var score in scores.Span[..windows.Length])
                    logLikelihood += score;
                sum = new(sum.Count + windows.Sum(Scored), sum.LogLikelihood + logLikelihood);
                yield return sum;
            }
        }

        int Scored(Continuation window) =>
            window.Predicted - (unscored is { } token ? window.Tokens.AsSpan()[^window.Predicted..].Count(token) : 0);
    }

    private static IEnumerable<Continuation> Windows(TokenSource tokens, int context, int stride)
    {
        for (long next = 1, end; next < tokens.Count; next = end)
        {
            end = Math.Min(next == 1 ? context + 1 : next + stride, tokens.Count);
            var window = new int[end - (next == 1 ? 0 : next - 1 - (context - stride))];
            tokens.Read(end - window.Length, window);
            yield return new(window, (int)(end - next));
        }
    }
}

/// <summary>How well some tokens were predicted.</summary>
/// <param name="Count">The number of tokens.</param>
/// <param name="LogLikelihood">Σ ln p, in nats.</param>
public readonly record struct PredictedTokens(long Count, double LogLikelihood)
{
    /// <summary>Mean cross-entropy in nats per token.</summary>
    public double Loss => -LogLikelihood / Count;

    /// <summary>
    /// The perplexity per unit of a text that has <paramref name="units"/> of them: exp(-Σ ln p / units). Units are tokens, words or bytes.
    /// </summary>
    public double PerplexityPer(long units) => Math.Exp(-LogLikelihood / units);
}
