namespace GptGen.Text;

/// <summary>
/// Evaluation batches: consecutive windows without overlap that together predict every token of a sequence but the first exactly once. The
/// last window may be shorter.
/// </summary>
public sealed class SequentialBatches
{
    private readonly TokenSource _tokens;

    /// <summary>Creates the batches.</summary>
    /// <param name="tokens">The sequence.</param>
    /// <param name="batch">Windows in a batch, B.</param>
    /// <param name="length">Tokens in a window, T.</param>
    /// <exception cref="GptGenException">The sequence has fewer than two tokens, so nothing to predict.</exception>
    public SequentialBatches(TokenSource tokens, int batch, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batch);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        tokens.RequirePredictable();
        _tokens = tokens;
        Batch = batch;
        Length = length;
    }

    /// <summary>Windows in a batch, B.</summary>
    public int Batch { get; }

    /// <summary>Tokens in a window, T.</summary>
    public int Length { get; }

    /// <summary>The number of tokens that are predicted: all but the first.</summary>
    public long PredictionCount => _tokens.Count - 1;

    /// <summary>The number of windows, the shorter last one included.</summary>
    public long WindowCount => (PredictionCount + Length - 1) / Length;

    /// <summary>The number of batches; the last may have fewer windows.</summary>
    public long Count => (WindowCount + Batch - 1) / Batch;

    /// <summary>Fills a batch. Allocates nothing.</summary>
    /// <param name="index">The batch, below <see cref="Count"/>.</param>
    /// <param name="inputs">Receives the windows' tokens, (B, T); 0 beyond a window's length.</param>
    /// <param name="targets">Receives the token that follows each, (B, T); <see cref="TokenWindow.Ignored"/> beyond a window's length.</param>
    /// <param name="lengths">Receives the windows' lengths, (B); 0 for windows that the last batch lacks.</param>
    /// <returns>The number of windows filled.</returns>
    /// <exception cref="GptGenException">The tokens cannot be read or lie outside the vocabulary.</exception>
    public int Fill(long index, Span<int> inputs, Span<int> targets, Span<int> lengths)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        TokenWindow.CheckShape(inputs, targets, Length);
        if (inputs.Length != Batch * Length || lengths.Length != Batch)
            throw new ArgumentException($"A batch is ({Batch}, {Length}) tokens and {Batch} lengths.", nameof(inputs));

        var filled = 0;
        for (var row = 0; row < Batch; row++)
        {
            var start = (index * Batch + row) * Length;
            var length = (int)Math.Clamp(PredictionCount - start, 0, Length);
            var rowInputs = inputs.Slice(row * Length, Length);
            var rowTargets = targets.Slice(row * Length, Length);
            rowInputs[length..].Clear();
            rowTargets[length..].Fill(TokenWindow.Ignored);
            lengths[row] = length;
            if (length > 0)
            {
                TokenWindow.Read(_tokens, start, rowInputs[..length], rowTargets[..length]);
                filled++;
            }
        }

        return filled;
    }
}
