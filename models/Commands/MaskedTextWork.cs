using GptGen.Distributed;
using GptGen.Pretraining;
using GptGen.Text;

namespace GptGen.Models.Commands;

/// <summary>Masked tokens of a text: the share that a masked model finds, and its pseudo-perplexity. The masks are always the same ones.</summary>
internal sealed class MaskedTextWork : EvaluationWork
{
    private readonly PretrainingDocuments documents;
    private readonly HeldOutExamples examples;
    private readonly PretrainingOptions masking;

    /// <summary>Reads the text.</summary>
    internal MaskedTextWork(EvaluationRequest request, LoadedModel model, WordPieceTokenizer tokenizer, CancellationToken cancellation)
        : base(request)
    {
        var vocabulary = MaskingVocabulary.Of(tokenizer);
        documents = Texts.Documents(request.Paths, tokenizer, cancellation);
        // Pairs need a second sentence, and a head that tells them apart.
        masking = new() { NextSentence = documents.SentenceCount > 1 && model.MissingParts.Count == 0 };
        examples = new(documents, vocabulary, masking, model.Description.Context, most: request.Limit);
    }

    internal override double Fingerprint => new Fingerprint().Add(documents.Tokens(0, documents.SentenceCount)).Number;

    internal override EvaluationReport Run(Model model, CancellationToken cancellation)
    {
        using var graph = ((MaskedModel)model).CreateTraining(Request.Batch, examples.Length);
        var evaluator = new MaskedEvaluator(graph, examples, Request.Batch, masking.NextSentence);
        var progress = new EvaluationProgress("masked tokens", evaluator.PredictionCount);
        var results = evaluator.Evaluate(Request.Others, cancellation, (done, _) => progress.Show(done, static () => ""));
        progress.End();
        var report = new EvaluationReport()
            .Count("masked_tokens", "masked tokens", results.Predictions)
            .Share("masked_accuracy", "masked accuracy", results.MaskedAccuracy)
            .Number("loss", "loss", results.MaskedLoss, "F4", "nats per masked token")
            .Number("pseudo_perplexity", "pseudo-perplexity", results.PseudoPerplexity, "F3", "per masked token");
        return masking.NextSentence
            ? report.Count("pairs", "pairs of texts", results.Pairs).Share("next_accuracy", "next-sentence accuracy", results.NextAccuracy)
            : report;
    }
}
