namespace GptGen.Text;

/// <summary>What stands before the first token of a text, since a model predicts each token from at least one.</summary>
internal static class TextStart
{
    /// <summary>
    /// The token that precedes documents; where the vocabulary has none, one that ends a line or, as GPT-1's tokenizer knows no lines, a sentence.
    /// </summary>
    internal static int[] Tokens(Tokenizer tokenizer)
    {
        if (tokenizer.Marks.Before is { } before)
            return [before];
        if (tokenizer is CharacterTokenizer characters)
            return [characters.Start];
        return tokenizer.Encode("\n") is { Length: > 0 } line ? line : tokenizer.Encode(".");
    }
}
