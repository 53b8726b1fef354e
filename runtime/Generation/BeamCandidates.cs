namespace GptGen.Generation;

/// <summary>The best continuations of one source's beginnings, best first; of equal ones those offered first. It allocates nothing.</summary>
internal sealed class BeamCandidates(int capacity)
{
    // Wider than any rounding of sums of log probabilities.
    private const double Margin = 1e-6;

    private readonly BeamCandidate[] best = new BeamCandidate[capacity];
    private int count;

    /// <summary>The continuations.</summary>
    internal ReadOnlySpan<BeamCandidate> Best => best.AsSpan(0, count);

    /// <summary>Forgets all.</summary>
    internal void Clear() => count = 0;

    /// <summary>Offers every token after a beginning.</summary>
    /// <param name="beam">Which beginning.</param>
    /// <param name="sum">Its log probability.</param>
    /// <param name="logits">Of the tokens; -infinity where a token is forbidden.</param>
    internal void Offer(int beam, double sum, ReadOnlySpan<float> logits)
    {
        var normalizer = LogNormalizer.Of(logits);
        var least = Least(sum, normalizer);
        for (var token = 0; token < logits.Length; token++)
        {
            if (logits[token] < least)
                continue;
            if (!float.IsNegativeInfinity(logits[token]) && Insert(new(beam, token, sum + (logits[token] - normalizer))))
                least = Least(sum, normalizer);
        }
    }

    /// <summary>A logit below which no token of a beginning can be among the best.</summary>
    private double Least(double sum, double normalizer) =>
        count < capacity ? double.NegativeInfinity : best[^1].LogProbability - sum + normalizer - Margin;

    private bool Insert(BeamCandidate candidate)
    {
        if (count == capacity && candidate.LogProbability <= best[^1].LogProbability)
            return false;
        var place = count < capacity ? count++ : count - 1;
        for (; place > 0 && best[place - 1].LogProbability < candidate.LogProbability; place--)
            best[place] = best[place - 1];
        best[place] = candidate;
        return true;
    }
}

/// <summary>A beginning with one more token.</summary>
/// <param name="Beam">Which beginning.</param>
/// <param name="Token">The token.</param>
/// <param name="LogProbability">Of all together.</param>
internal readonly record struct BeamCandidate(int Beam, int Token, double LogProbability);
