namespace GptGen.Evaluation;

/// <summary>How much translations of a whole corpus agree with references, as sacreBLEU counts it with its defaults.</summary>
/// <param name="Bleu">By runs of words.</param>
/// <param name="Chrf">By runs of characters.</param>
public sealed record TranslationScore(BleuScore Bleu, ChrfScore Chrf)
{
    /// <summary>Compares plain, not tokenised, texts.</summary>
    /// <param name="hypotheses">The translations, a sentence each.</param>
    /// <param name="references">What they should be, sentence by sentence: one list, or several where there are several references.</param>
    /// <exception cref="GptGenException">There are no sentences, or not as many of both.</exception>
    public static TranslationScore Of(IReadOnlyList<string> hypotheses, params IReadOnlyList<string>[] references)
    {
        if (hypotheses.Count == 0)
            throw new GptGenException("There are no translations to compare: give at least one sentence.");
        if (references.Length == 0)
            throw new GptGenException("There are no references to compare translations with: give one for each sentence.");
        if (references.FirstOrDefault(list => list.Count != hypotheses.Count) is { } other)
        {
            throw new GptGenException(
                $"{hypotheses.Count} translations cannot be compared with {other.Count} references: give one for each sentence.");
        }

        return new(BleuScore.Of(hypotheses, references), ChrfScore.Of(hypotheses, references));
    }
}
