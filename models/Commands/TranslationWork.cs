using GptGen.Evaluation;
using GptGen.Finetuning;
using GptGen.Generation;
using GptGen.Text;
using GptGen.Translation;

namespace GptGen.Models.Commands;

/// <summary>Translations of pairs' sources beside their targets.</summary>
internal sealed class TranslationWork(EvaluationRequest request, Tokenizer tokenizer, List<TextPair> pairs, BeamOptions options)
    : EvaluationWork(request)
{
    private readonly int longest = pairs.Max(pair => tokenizer.Encode(pair.Source).Length);

    /// <summary>Reads pairs, of which the model must be able to read every source.</summary>
    /// <exception cref="GptGenException">The file is wrong, or a source is too long; the message names its line.</exception>
    internal static IEnumerable<TextPair> Read(string path, Tokenizer tokenizer, ModelDescription model)
    {
        foreach (var pair in PairFile.Read(path, Note.Show))
        {
            var tokens = tokenizer.Encode(pair.Source).Length;
            yield return tokens <= Translator.MostTokens(model) ? pair : throw TableFile.Wrong(
                path, pair.Line,
                $"the source has {tokens} tokens, but {model.Name} reads {Translator.MostTokens(model)}: cut it into sentences, or leave the line out.");
        }
    }

    internal override MemoryNeed Need(ModelDescription model) =>
        MemoryNeed.Translation(model, options, Math.Min(Request.Batch, pairs.Count), longest, "a smaller --batch or fewer --beams");

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
