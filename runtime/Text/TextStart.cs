namespace GptGen.Text;

/// <summary>What stands before the first token of a text, since a model predicts each token from at least one.</summary>
internal static class TextStart
{
    /// <summary>The token that separates documents; a line's end where the vocabulary has none.</summary>
    internal static int[] Tokens(Tokenizer tokenizer) => tokenizer.EndOfText is { } end ? [end] : tokenizer.Encode("\n");
}
