using GptGen.Distributed;
using GptGen.Evaluation;
using GptGen.Generation;
using GptGen.Text;
using GptGen.Translation;

namespace GptGen.Models.Commands;

/// <summary>Translations of pairs' sources beside their targets.</summary>
internal sealed class TranslationWork(EvaluationRequest request, Tokenizer tokenizer, List<TextPair> pairs, BeamOptions options)
    : EvaluationWork(request)
{
    private readonly int longest = pairs.Max(pair => tokenizer.Encode(pair.Source).Length);

    /// <summary>The pairs whose sources the model reads; others, which training leaves out too, are passed over with a note.</summary>
    /// <exception cref="GptGenException">The file is wrong, or no source fits.</exception>
    internal static IEnumerable<TextPair> Read(string path, Tokenizer tokenizer, ModelDescription model)
    {
        var (pairs, most) = (PairFile.Read(path, Note.Show), Translator.MostTokens(model));
        var fitting = pairs.Where(pair => tokenizer.Encode(pair.Source).Length <= most).ToList();
        if (fitting.Count == 0)
            throw new GptGenException($"'{path}' has no source of at most {most} tokens, as {model.Name} reads: cut the sources into sentences.");
        if (fitting.Count < pairs.Count)
        {
            Note.Show(FormattableString.Invariant(
                $"{pairs.Count - fitting.Count:N0} of {pairs.Count:N0} sources in '{path}' have more than the {most} tokens that fit"));
        }

        return fitting;
    }

    internal override double Fingerprint =>
        pairs.Aggregate(new Fingerprint(), static (all, pair) => all.Add(pair.Source).Add(pair.Target)).Number;

    internal override MemoryNeed Need(ModelDescription model) =>
        MemoryNeed.Translation(model, options, Math.Min(Request.Batch, pairs.Count), longest, "a smaller --batch or fewer --beams");

    internal override EvaluationReport Run(Model model, CancellationToken cancellation)
    {
        var progress = new EvaluationProgress("translations", pairs.Count);
        var texts = Translator.Create(model, tokenizer).Translate(
            [.. pairs.Select(static pair => pair.Source)], options, Request.Batch, Request.Others,
            done => progress.Show(done, static () => ""), cancellation);
        progress.End();
        return Report([.. texts.Select(static found => found[0].Text)], pairs);
    }

    /// <summary>How much translations agree with the pairs' targets.</summary>
    internal static EvaluationReport Report(IReadOnlyList<string> texts, IReadOnlyList<TextPair> pairs)
    {
        var score = TranslationScore.Of(texts, [.. pairs.Select(static pair => pair.Target)]);
        var exact = Enumerable.Range(0, pairs.Count).Count(index => texts[index] == pairs[index].Target);
        return new EvaluationReport()
            .Count("translations", "translations", pairs.Count)
            .Number("bleu", "BLEU", score.Bleu.Score, "F2", $"({score.Bleu.Signature})")
            .Number("chrf", "chrF", score.Chrf.Score, "F2", $"({score.Chrf.Signature})")
            .Share("exact_match", "exact match", (double)exact / pairs.Count);
    }
}
