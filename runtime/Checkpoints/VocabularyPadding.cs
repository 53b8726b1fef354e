namespace GptGen.Checkpoints;

/// <summary>
/// Rows that training tools put behind a vocabulary so that a matrix has a round size. They belong to no token: they are not loaded, and never drawn.
/// </summary>
internal static class VocabularyPadding
{
    private const int Alignment = 8;
    private const int MostRows = 128;
    private const int LeastShare = 32;

    /// <summary>
    /// Whether a table of so many rows is a vocabulary, or one with padding behind it: to a multiple of 8, by at most 128 rows or 1/32 of the
    /// vocabulary (50,257 to 50,304 or to 51,200). More could be the vocabulary of another tokenizer.
    /// </summary>
    internal static bool Covers(double rows, int vocabulary) =>
        rows == vocabulary || (rows > vocabulary && rows % Alignment == 0 && rows - vocabulary <= Math.Max(MostRows, vocabulary / LeastShare));
}
