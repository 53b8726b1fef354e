using GptGen.Text;

namespace GptGen.Pretraining;

/// <summary>Writes sequences into batches, which training and evaluation choose differently.</summary>
internal sealed class ExampleWriter
{
    private readonly MaskedTokens _special;
    private readonly TokenMasking _masking;

    /// <exception cref="GptGenException">An option is out of range, or the text has no second sentence.</exception>
    public ExampleWriter(PretrainingDocuments documents, MaskingVocabulary vocabulary, PretrainingOptions options, int length)
    {
        options.Check(length);
        if (options.NextSentence && documents.SentenceCount < 2)
        {
            throw new GptGenException(
                $"There is one sentence in {documents.Name}, but a sequence needs two: give a longer text, whose lines or full stops end sentences.");
        }

        (Length, MaxPredictions, _special) = (length, options.PredictionsOf(length), vocabulary.Special);
        Pairs = new(documents, options, vocabulary.Special, length);
        _masking = new(vocabulary, options, length);
    }

    public int Length { get; }

    public int MaxPredictions { get; }

    public SentencePairs Pairs { get; }

    /// <summary>Empties a batch.</summary>
    /// <exception cref="ArgumentException">It is of another shape.</exception>
    public void Begin(MaskedBatch batch)
    {
        if (batch.Length != Length || batch.MaxPredictions < MaxPredictions)
            throw new ArgumentException($"A batch of (B, {Length}) tokens with {MaxPredictions} predictions is needed.", nameof(batch));
        (batch.Sequences, batch.Predictions) = (0, 0);
    }

    /// <summary>Adds a sequence.</summary>
    public void Add(MaskedBatch batch, int first, int end, int target, ref RandomWords words)
    {
        var row = batch.Sequences++;
        var tokens = batch.Tokens.AsSpan(row * Length, Length);
        (var length, batch.NextLabels[row]) = Pairs.Write(first, end, target, ref words, tokens, batch.TokenTypes.AsSpan(row * Length, Length));
        batch.Lengths[row] = length;
        var rows = batch.PredictedRows.AsSpan(batch.Predictions);
        var count = _masking.Mask(tokens[..length], ref words, rows, batch.PredictedTokens.AsSpan(batch.Predictions));
        foreach (ref var predicted in rows[..count])
            predicted += row * Length;
        batch.Predictions += count;
    }

    /// <summary>Fills what the batch holds beyond its sequences and predictions.</summary>
    public void End(MaskedBatch batch)
    {
        batch.Tokens.AsSpan(batch.Sequences * Length).Fill(_special.Padding);
        batch.TokenTypes.AsSpan(batch.Sequences * Length).Clear();
        batch.Lengths.AsSpan(batch.Sequences).Clear();
        batch.NextLabels.AsSpan(batch.Sequences).Fill(TokenWindow.Ignored);
        batch.PredictedRows.AsSpan(batch.Predictions).Clear();
        batch.PredictedTokens.AsSpan(batch.Predictions).Fill(TokenWindow.Ignored);
    }
}
