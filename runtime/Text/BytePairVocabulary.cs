namespace GptGen.Text;

/// <summary>A byte-pair vocabulary as the merging needs it.</summary>
internal sealed class BytePairVocabulary
{
    /// <param name="tokens">The bytes of each token.</param>
    /// <param name="merges">What two neighbouring tokens merge into.</param>
    /// <param name="endOfText">The token that separates documents.</param>
    /// <param name="source">What error messages call the vocabulary.</param>
    /// <exception cref="GptGenException">Some byte has no token, so not every text could be encoded.</exception>
    public BytePairVocabulary(byte[][] tokens, MergeTable merges, int? endOfText, string source)
    {
        Tokens = tokens;
        Merges = merges;
        EndOfText = endOfText;
        Array.Fill(TokenOfByte, -1);
        for (var token = 0; token < tokens.Length; token++)
        {
            if (tokens[token] is [var value])
                TokenOfByte[value] = token;
        }

        if (Array.IndexOf(TokenOfByte, -1) is >= 0 and var missing)
            throw new GptGenException($"{source} has no token for byte {missing}: it is not a byte-level vocabulary; use GPT-2's files.");
    }

    public byte[][] Tokens { get; }

    public int[] TokenOfByte { get; } = new int[256];

    public int? EndOfText { get; }

    public MergeTable Merges { get; }
}
