namespace GptGen.Text;

/// <summary>The tokens with a role in masked language models (Devlin et al. 2018).</summary>
/// <param name="Padding">Fills sequences up to a common length, <c>[PAD]</c>.</param>
/// <param name="Unknown">Stands for words that the vocabulary cannot say, <c>[UNK]</c>.</param>
/// <param name="Classify">Begins every sequence, <c>[CLS]</c>: tasks are read from its row.</param>
/// <param name="Separator">Ends each part of a sequence, <c>[SEP]</c>.</param>
/// <param name="Mask">Stands for a token that is to be predicted, <c>[MASK]</c>.</param>
public sealed record MaskedTokens(int Padding, int Unknown, int Classify, int Separator, int Mask)
{
    /// <summary>Whether a token is one of them.</summary>
    /// <param name="token">The token.</param>
    public bool Contains(int token) => token == Padding || token == Unknown || token == Classify || token == Separator || token == Mask;
}
