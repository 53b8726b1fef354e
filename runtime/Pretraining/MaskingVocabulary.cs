using GptGen.Text;

namespace GptGen.Pretraining;

/// <summary>What masking knows of a vocabulary.</summary>
public sealed class MaskingVocabulary
{
    private readonly bool[] _continues;
    private readonly int[] _ordinary;

    /// <summary>A vocabulary.</summary>
    /// <param name="special">The tokens with a role.</param>
    /// <param name="continues">For each token whether it continues the word before it.</param>
    /// <exception cref="GptGenException">The vocabulary has nothing but special tokens.</exception>
    public MaskingVocabulary(MaskedTokens special, IReadOnlyList<bool> continues)
    {
        Special = special;
        _continues = [.. continues];
        _ordinary = [.. Enumerable.Range(0, continues.Count).Where(token => !special.Contains(token))];
        if (_ordinary.Length == 0)
            throw new GptGenException("The vocabulary has only special tokens, so there is nothing to predict: use another.");
    }

    /// <summary>The tokens with a role.</summary>
    public MaskedTokens Special { get; }

    /// <summary>The number of tokens.</summary>
    public int Size => _continues.Length;

    /// <summary>The vocabulary of a tokenizer.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <exception cref="GptGenException">It lacks a special token, such as <c>[MASK]</c>.</exception>
    public static MaskingVocabulary Of(WordPieceTokenizer tokenizer) =>
        new(tokenizer.Masked, [.. Enumerable.Range(0, tokenizer.VocabularySize).Select(tokenizer.IsContinuation)]);

    internal bool Continues(int token) => _continues[token];

    /// <summary>A token that is not special.</summary>
    internal int Ordinary(ref RandomWords words) => _ordinary[words.Below(_ordinary.Length)];
}
