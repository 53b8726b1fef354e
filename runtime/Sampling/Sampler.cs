using GptGen.RandomNumbers;

namespace GptGen.Sampling;

/// <summary>
/// Chooses the tokens of one sequence. Its draws depend on seed, sequence and <see cref="Draws"/> only. After construction it allocates nothing.
/// </summary>
public sealed class Sampler
{
    private readonly SamplingOptions _options;
    private readonly RandomStream _stream;
    private readonly TokenRanking _ranking;
    private readonly float[] _weights;
    private readonly bool[] _seen;

    /// <summary>Creates the sampler of one sequence.</summary>
    /// <param name="options">How to choose.</param>
    /// <param name="vocabularySize">The number of logits, V.</param>
    /// <param name="sequence">Tells the sequences of one seed apart.</param>
    /// <exception cref="GptGenException">An option is out of range.</exception>
    public Sampler(SamplingOptions options, int vocabularySize, uint sequence = 0)
    {
        options.Validate();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(vocabularySize);
        _options = options;
        _stream = RandomStream.Sampling(options.Seed, sequence);
        _ranking = new TokenRanking(vocabularySize);
        _weights = new float[vocabularySize];
        _seen = new bool[vocabularySize];
    }

    /// <summary>The random draws made so far. Setting it continues a sequence where another sampler stopped.</summary>
    public ulong Draws { get; set; }

    /// <summary>Chooses the next token.</summary>
    /// <param name="logits">The logits, (V); the repetition penalty changes them in place. -∞ excludes a token.</param>
    /// <param name="history">The tokens so far, for the repetition penalty.</param>
    /// <returns>The token; of equally probable best ones the lowest, when greedy.</returns>
    /// <exception cref="GptGenException">The logits hold NaN or +∞, or exclude every token.</exception>
    public int Sample(Span<float> logits, ReadOnlySpan<int> history)
    {
        if (logits.Length != _weights.Length)
            throw new ArgumentException($"There are {logits.Length} logits for a vocabulary of {_weights.Length}.", nameof(logits));

        if (_options.RepetitionPenalty != 1)
            Penalise(logits, history);
        var best = Best(logits);
        if (_options.Temperature == 0)
            return best;

        var filtered = _options.TopK > 0 || _options.TopP < 1 || _options.MinP > 0;
        return filtered ? DrawFromBest(logits, logits[best]) : DrawFromAll(logits, logits[best]);
    }

    /// <summary>The penalty of Keskar et al., "CTRL" (2019), in the form that also lowers negative logits.</summary>
    private void Penalise(Span<float> logits, ReadOnlySpan<int> history)
    {
        foreach (var token in history)
        {
            if (_seen[token])
                continue;
            _seen[token] = true;
            logits[token] = logits[token] > 0 ? logits[token] / _options.RepetitionPenalty : logits[token] * _options.RepetitionPenalty;
        }

        foreach (var token in history)
            _seen[token] = false;
    }

    private static int Best(ReadOnlySpan<float> logits)
    {
        var best = 0;
        for (var token = 0; token < logits.Length; token++)
        {
            if (float.IsNaN(logits[token]))
                throw new GptGenException($"The model's logit of token {token} is not a number: the weights are damaged or training diverged; use an earlier checkpoint.");
            if (logits[token] > logits[best])
                best = token;
        }

        return float.IsFinite(logits[best])
            ? best
            : throw new GptGenException($"The model's largest logit is {(logits[best] > 0 ? "+" : "-")}infinity: the weights are damaged or training diverged; use an earlier checkpoint.");
    }

    private int DrawFromAll(ReadOnlySpan<float> logits, float maximum)
    {
        var total = 0.0;
        for (var token = 0; token < logits.Length; token++)
            total += _weights[token] = Weight(logits[token], maximum);
        return Draw(_weights, total);
    }

    /// <summary>Takes tokens from the most probable down while the filters allow, then draws among them.</summary>
    private int DrawFromBest(ReadOnlySpan<float> logits, float maximum)
    {
        var enough = Rank(logits, maximum);
        var (kept, total) = (0, 0.0);
        while (kept < _ranking.Count && (_options.TopK == 0 || kept < _options.TopK) && total < enough)
        {
            // The best token's weight is 1, so min-p compares with it directly; weight 0 is an excluded token.
            var weight = Weight(logits[_ranking.At(kept)], maximum);
            if (weight == 0 || weight < _options.MinP)
                break;
            _weights[kept++] = weight;
            total += weight;
        }

        return _ranking.At(Draw(_weights.AsSpan(0, kept), total));
    }

    /// <summary>Ranks the tokens, without those that the filters leave out for certain, and gives the total weight at which top-p has enough.</summary>
    private double Rank(ReadOnlySpan<float> logits, float maximum)
    {
        var total = 0.0;
        if (_options.TopK > 0 && _options.TopK < logits.Length)
        {
            _ranking.Restart(logits, _ranking.FloorOfBest(logits, _options.TopK));
            if (_options.TopP == 1)
                return double.PositiveInfinity;
            for (var rank = 0; rank < _options.TopK; rank++)
                total += Weight(logits[_ranking.At(rank)], maximum);
            return _options.TopP * total;
        }

        if (_options.TopP == 1)
        {
            _ranking.Restart(logits, LogitOf(_options.MinP, maximum));
            return double.PositiveInfinity;
        }

        foreach (var logit in logits)
            total += Weight(logit, maximum);

        // All tokens below the average of what top-p may leave out are together no more than that.
        var negligible = (1 - _options.TopP) * total / logits.Length;
        _ranking.Restart(logits, LogitOf(Math.Max(negligible, _options.MinP), maximum));
        return _options.TopP * total;
    }

    /// <summary>The logit of a weight, lowered by more than rounding can matter; the weights themselves decide.</summary>
    private float LogitOf(double weight, float maximum) => maximum + _options.Temperature * (float)Math.Log(weight / 2);

    /// <summary>A probability relative to the most probable token's.</summary>
    private float Weight(float logit, float maximum) => MathF.Exp((logit - maximum) / _options.Temperature);

    /// <summary>Draws an index in proportion to the weights.</summary>
    private int Draw(ReadOnlySpan<float> weights, double total)
    {
        var (x, y, _, _) = _stream.Block(Draws++);
        var place = (((ulong)y << 32 | x) >> 11) * (1.0 / (1UL << 53)) * total;
        var last = 0;
        for (var i = 0; i < weights.Length; i++)
        {
            // Rounding may carry the place beyond the sum, so the last index that can be drawn is remembered.
            if (weights[i] == 0)
                continue;
            last = i;
            if ((place -= weights[i]) < 0)
                break;
        }

        return last;
    }
}
