using GptGen.Text;

namespace GptGen.Pretraining;

/// <summary>Fills the gaps of a text, <c>[MASK]</c>, with what a masked model finds probable. Each gap is filled as if the others stayed.</summary>
/// <param name="model">The model; its head of masked tokens must be trained.</param>
/// <param name="tokenizer">Its tokenizer.</param>
public sealed class MaskFiller(MaskedModel model, WordPieceTokenizer tokenizer)
{
    /// <summary>The candidates of each gap, the most probable first.</summary>
    /// <param name="text">The text, in which <c>[MASK]</c> stands for one token.</param>
    /// <param name="top">Candidates a gap.</param>
    /// <exception cref="GptGenException">There is no gap, the text is too long, or the weights give no numbers.</exception>
    public FilledText Fill(string text, int top = 5) => Fill(Tokens(text, tokenizer, model.Description), top);

    /// <summary>The tokens of a text with gaps, between their marks: what <see cref="Fill(string, int)"/> reads.</summary>
    /// <param name="text">The text.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="model">The model.</param>
    /// <exception cref="GptGenException">There is no gap, or the text is too long.</exception>
    internal static int[] Tokens(string text, WordPieceTokenizer tokenizer, ModelDescription model)
    {
        var (tokens, context) = (tokenizer.EncodePair(text).Tokens, model.Context);
        return !tokens.Contains(tokenizer.Masked.Mask) ? throw new GptGenException("The text has no gap to fill: put [MASK] in the place of a word.")
            : tokens.Length > context ? throw new GptGenException(
                $"The text has {tokens.Length} tokens with its marks, but {model.Name} reads at most {context}: shorten it.")
            : tokens;
    }

    /// <summary>The same of tokens between marks.</summary>
    internal FilledText Fill(int[] tokens, int top)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        var mask = tokenizer.Masked.Mask;
        int[] rows = [.. Enumerable.Range(0, tokens.Length).Where(row => tokens[row] == mask)];
        var vocabulary = model.Description.Vocabulary;
        var logits = new float[checked(rows.Length * vocabulary)];
        using (var graph = model.CreateTraining(1, tokens.Length))
        {
            graph.SetBatch(tokens.Length, tokens, [], [tokens.Length], rows, Array.ConvertAll(rows, _ => mask), []);
            graph.Forward();
            graph.ReadLogits(logits);
        }

        if (!logits.All(float.IsFinite))
            throw new GptGenException("The logits are no numbers: the weights are damaged or their training diverged; use an earlier checkpoint.");
        var filled = tokens.ToArray();
        var gaps = new FilledGap[rows.Length];
        for (var gap = 0; gap < rows.Length; gap++)
        {
            gaps[gap] = new(rows[gap], Best(logits.AsSpan(gap * vocabulary, vocabulary), top));
            filled[rows[gap]] = gaps[gap].Candidates[0].Token;
        }

        return new(tokenizer.Decode(filled.AsSpan(1, filled.Length - 2)), gaps);
    }

    /// <summary>The most probable tokens that the tokenizer has; probabilities are among all of the model's.</summary>
    private MaskCandidate[] Best(ReadOnlySpan<float> logits, int top)
    {
        var largest = logits[0];
        foreach (var logit in logits)
            largest = Math.Max(largest, logit);
        var powers = new double[logits.Length];
        for (var token = 0; token < powers.Length; token++)
            powers[token] = Math.Exp(logits[token] - (double)largest);
        var sum = powers.Sum();
        return
        [
            .. Enumerable.Range(0, Math.Min(powers.Length, tokenizer.VocabularySize)).OrderByDescending(token => powers[token]).Take(top)
                .Select(token => new MaskCandidate(token, tokenizer.Decode([token]), powers[token] / sum)),
        ];
    }
}

/// <summary>A text whose gaps are filled.</summary>
/// <param name="Text">The text with each gap's first candidate, as the tokenizer decodes it.</param>
/// <param name="Gaps">The gaps from left to right.</param>
public sealed record FilledText(string Text, IReadOnlyList<FilledGap> Gaps);

/// <summary>A gap.</summary>
/// <param name="Position">Where it stands among the tokens, <c>[CLS]</c> being 0.</param>
/// <param name="Candidates">What may stand there, the most probable first.</param>
public sealed record FilledGap(int Position, IReadOnlyList<MaskCandidate> Candidates);

/// <summary>A token that may stand in a gap.</summary>
/// <param name="Token">The token.</param>
/// <param name="Text">Its text; <c>##</c> begins what continues a word.</param>
/// <param name="Probability">Its probability.</param>
public readonly record struct MaskCandidate(int Token, string Text, double Probability);
