namespace GptGen.Generation;

/// <summary>
/// What makes texts of different lengths comparable, since every further token makes a text less probable: the score of n tokens, the end-of-text
/// token among them, is log probability / ((n + offset) / (1 + offset))^exponent. An exponent of 0 changes nothing; a search's default is
/// <see cref="Power"/> with 1.
/// </summary>
/// <param name="Exponent">Above 0 favours longer texts.</param>
/// <param name="Offset">Makes the first tokens count less.</param>
public readonly record struct LengthPenalty(double Exponent, double Offset)
{
    /// <summary>Hugging Face's: log probability / n^exponent; with 1 the mean of the tokens' log probabilities.</summary>
    public static LengthPenalty Power(double exponent) => new(exponent, 0);

    /// <summary>Google's (Wu et al. 2016, equation 14): log probability / ((5 + n) / 6)^alpha.</summary>
    public static LengthPenalty Google(double alpha) => new(alpha, 5);

    /// <summary>The score of a text.</summary>
    /// <param name="logProbability">Natural logarithm of its probability.</param>
    /// <param name="tokens">Number of its tokens, from 1.</param>
    public double Score(double logProbability, int tokens) => logProbability / Math.Pow((tokens + Offset) / (1 + Offset), Exponent);
}
