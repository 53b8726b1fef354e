using GptGen.Generation;

namespace GptGen.Serving;

/// <summary>
/// The log probabilities of some tokens, one behind the other, each with its alternatives. One thread adds, others read what was counted before.
/// </summary>
internal sealed class ScoredTokens(int alternatives, int capacity)
{
    private double[] own = new double[capacity];
    private TokenProbability[] best = new TokenProbability[capacity * alternatives];
    private int count;

    /// <summary>Adds a token's, under the logits of what stands before it.</summary>
    /// <exception cref="GptGenException">A logit is not a number.</exception>
    public void Add(int token, ReadOnlySpan<float> logits)
    {
        if (count == own.Length)
        {
            Array.Resize(ref own, 2 * count);
            Array.Resize(ref best, 2 * count * alternatives);
        }

        var normalizer = LogNormalizer.Of(logits);
        own[count] = logits[token] - normalizer;
        var places = best.AsSpan(count * alternatives, alternatives);
        var filled = 0;
        for (var other = 0; other < logits.Length && alternatives > 0; other++)
        {
            var value = logits[other] - normalizer;
            if (filled == alternatives && value <= places[^1].LogProbability)
                continue;
            // Of equally probable tokens the lower numbers come first.
            var place = filled < alternatives ? filled++ : alternatives - 1;
            for (; place > 0 && value > places[place - 1].LogProbability; place--)
                places[place] = places[place - 1];
            places[place] = new(other, value);
        }

        count++;
    }

    /// <summary>A token's log probability.</summary>
    public double Of(int index) => own[index];

    /// <summary>The most probable tokens in its place, the best first.</summary>
    public ReadOnlySpan<TokenProbability> Best(int index) => best.AsSpan(index * alternatives, alternatives);
}
