using GptGen.Evaluation;
using GptGen.Generation;
using GptGen.Text;
using GptGen.Translation;

namespace GptGen.Models.Commands;

/// <summary>Translations of pairs' sources beside their targets.</summary>
internal sealed class TranslationWork(EvaluationRequest request, Tokenizer tokenizer, List<TextPair> pairs, BeamOptions options)
    : EvaluationWork(request)
{
    internal override MemoryNeed Need(ModelDescription model) => MemoryNeed.Translation(model, options, Request.Batch);

    internal override EvaluationReport Run(Model model, CancellationToken cancellation)
    {
        var progress = new EvaluationProgress("translations", pairs.Count);
        var texts = Translator.Create(model, tokenizer).Translate(
            [.. pairs.Select(static pair => pair.Source)], options, Request.Batch, done => progress.Show(done, static () => ""), cancellation);
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
