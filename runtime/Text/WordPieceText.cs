namespace GptGen.Text;

/// <summary>Takes out the spaces that decoding leaves before marks and within English contractions, as Hugging Face's decoder does.</summary>
internal static class WordPieceText
{
    private static readonly (string From, string To)[] s_replacements =
    [
        (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"),
        (" 'm", "'m"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
    ];

    /// <summary>A text without these spaces.</summary>
    public static string CleanUp(string text)
    {
        foreach (var (from, to) in s_replacements)
            text = text.Replace(from, to, StringComparison.Ordinal);
        return text;
    }
}
