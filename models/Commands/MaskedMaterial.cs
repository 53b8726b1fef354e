using GptGen.Distributed;
using GptGen.Pretraining;
using GptGen.Text;
using GptGen.Training;

namespace GptGen.Models.Commands;

/// <summary>Documents for a masked model, which shows how it fills gaps in what it was not trained on.</summary>
internal sealed class MaskedMaterial : TrainingMaterial
{
    private const int ShownGaps = 5;
    private const int ShownCandidates = 3;
    private const int FewestTokens = 6;
    private const int MostTokens = 30;
    private const int ShortestWord = 4;

    private readonly PretrainingOptions masking;
    private readonly WordPieceTokenizer tokenizer;
    private readonly PretrainingDocuments training;
    private readonly PretrainingDocuments validation;

    internal MaskedMaterial(TrainingRequest request, WordPieceTokenizer tokenizer, CancellationToken cancellation)
    {
        (masking, this.tokenizer) = (request.Pretraining ?? new(), tokenizer);
        // Said before a long text is read.
        _ = tokenizer.Masked;
        var documents = Texts.Documents(request.Data, tokenizer, cancellation);
        Source = documents.Name.Trim('\'');
        (training, validation) = documents.Split();
    }

    internal override long TokenCount => training.TokenCount;

    internal override string Source { get; }

    internal override double Fingerprint => new Fingerprint().Add(training.Tokens(0, training.SentenceCount))
        .Add(validation.Tokens(0, validation.SentenceCount)).Number;

    internal override MaskedBatches CreateBatches(Model model, TrainingOptions options) =>
        new((MaskedModel)model, training, validation, MaskingVocabulary.Of(tokenizer), masking, options);

    internal override string Validation(Trainer trainer) => FormattableString.Invariant($"{trainer.ValidationTokens:N0} masked ones");

    internal override void ShowAtEnd(Model model, CancellationToken cancellation)
    {
        var filler = new MaskFiller((MaskedModel)model, tokenizer);
        var special = tokenizer.Masked;
        for (var gap = 0; gap < ShownGaps; gap++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (FindGap(validation.SentenceCount * gap / ShownGaps, validation.SentenceCount * (gap + 1) / ShownGaps) is not var (sentence, place))
                continue;
            var truth = sentence[place];
            sentence[place] = special.Mask;
            Console.WriteLine(tokenizer.Decode(sentence));
            var candidates = filler.Fill([special.Classify, .. sentence, special.Separator], ShownCandidates).Gaps[0].Candidates;
            Console.WriteLine($"    there stood: {tokenizer.Decode([truth])}; the model: "
                + string.Join(", ", candidates.Select(static candidate => $"{candidate.Text} {FillCommand.Percent(candidate.Probability)}")));
        }

        Console.WriteLine();
    }

    /// <summary>The first sentence of some with a word of one token to leave out, and that word nearest to its middle.</summary>
    private (int[] Sentence, int Place)? FindGap(int first, int end)
    {
        for (; first < end; first++)
        {
            var sentence = validation.Tokens(first, first + 1).ToArray();
            if (sentence.Length is < FewestTokens or > MostTokens)
                continue;
            var places = Enumerable.Range(0, sentence.Length - 1).Where(place => IsWord(sentence, place)).ToList();
            if (places.Count > 0)
                return (sentence, places.MinBy(place => Math.Abs((2 * place) - sentence.Length)));
        }

        return null;
    }

    private bool IsWord(int[] sentence, int place) =>
        !tokenizer.IsContinuation(sentence[place]) && !tokenizer.IsContinuation(sentence[place + 1])
        && tokenizer.Decode([sentence[place]]) is { Length: >= ShortestWord } text && text.All(char.IsLetter);
}
