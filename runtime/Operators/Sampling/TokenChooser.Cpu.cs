namespace GptGen.Sampling;

/// <summary>Draws tokens on one thread, as <see cref="Device"/>'s <c>Sample</c> says. Its memory grows to the largest vocabulary and stays.</summary>
internal sealed class TokenChooser
{
    private TokenRanking _ranking = new(0);
    private ulong[] _weights = [];
    private float[] _penalised = [];

    /// <summary>Draws one token.</summary>
    /// <param name="logits">The logits of the tokens that may be drawn.</param>
    /// <param name="draw">How to draw.</param>
    /// <param name="seen">A bit a token: it has occurred.</param>
    /// <returns>The token, or a negative number that <see cref="TokenDraw.Check"/> understands.</returns>
    public int Choose(ReadOnlySpan<float> logits, in TokenDraw draw, Span<int> seen)
    {
        if (_weights.Length < logits.Length)
            (_ranking, _weights, _penalised) = (new(logits.Length), new ulong[logits.Length], new float[logits.Length]);
        var remembers = draw.RepetitionPenalty != 1;
        if (remembers)
            logits = Penalised(logits, draw.RepetitionPenalty, seen);
        var token = Best(logits);
        if (token < 0)
            return token;
        if (draw.Temperature != 0)
            token = draw.IsFiltered ? DrawFromBest(logits, logits[token], draw) : DrawFromAll(logits, logits[token], draw);
        if (remembers)
            seen[token / 32] |= 1 << (token % 32);
        return token;
    }

    /// <summary>The penalty of Keskar et al., "CTRL" (2019), in the form that also lowers negative logits.</summary>
    private ReadOnlySpan<float> Penalised(ReadOnlySpan<float> logits, float penalty, ReadOnlySpan<int> seen)
    {
        logits.CopyTo(_penalised);
        for (var word = 0; word < seen.Length; word++)
        {
            for (var (bits, first) = ((uint)seen[word], word * 32); bits != 0; bits &= bits - 1)
            {
                var token = first + System.Numerics.BitOperations.TrailingZeroCount(bits);
                if (token < logits.Length)
                    _penalised[token] = logits[token] > 0 ? logits[token] / penalty : logits[token] * penalty;
            }
        }

        return _penalised.AsSpan(0, logits.Length);
    }

    private static int Best(ReadOnlySpan<float> logits)
    {
        var best = 0;
        for (var token = 0; token < logits.Length; token++)
        {
            if (float.IsNaN(logits[token]))
                return TokenDraw.NotANumber(token);
            if (logits[token] > logits[best])
                best = token;
        }

        return float.IsFinite(logits[best]) ? best : logits[best] > 0 ? TokenDraw.PositiveInfinity : TokenDraw.NegativeInfinity;
    }

    private int DrawFromAll(ReadOnlySpan<float> logits, float maximum, in TokenDraw draw)
    {
        var place = Math.BigMul(draw.Random, Weigh(logits, maximum, draw.Temperature), out _);
        var token = 0;
        for (; place >= _weights[token]; token++)
            place -= _weights[token];
        return token;
    }

    /// <summary>All weights, and their sum.</summary>
    private ulong Weigh(ReadOnlySpan<float> logits, float maximum, float temperature)
    {
        var total = 0UL;
        for (var token = 0; token < logits.Length; token++)
            total += _weights[token] = TokenWeight.Of(logits[token], maximum, temperature);
        return total;
    }

    /// <summary>Finds how much weight at the ranking's beginning the filters keep, then draws from it.</summary>
    private int DrawFromBest(ReadOnlySpan<float> logits, float maximum, in TokenDraw draw)
    {
        var kept = ulong.MaxValue;
        if (draw.TopK > 0 && draw.TopK < logits.Length)
        {
            _ranking.Restart(logits, _ranking.FloorOfBest(logits, draw.TopK));
            kept = 0;
            for (var rank = 0; rank < draw.TopK; rank++)
                kept += WeightAt(rank, logits, maximum, draw);
            if (draw.TopShare > 0)
                Through(Share(kept, draw), logits, maximum, draw, out kept);
        }
        else if (draw.TopShare > 0)
        {
            kept = Weigh(logits, maximum, draw.Temperature);

            // All tokens below the average of what top-p may leave out are together no more than that.
            var negligible = (kept - Share(kept, draw)) / (double)logits.Length;
            _ranking.Restart(logits, LogitOf(negligible, maximum, draw));
            Through(Share(kept, draw), logits, maximum, draw, out kept);
        }
        else if (draw.LeastWeight > 0)
        {
            _ranking.Restart(logits, LogitOf(draw.LeastWeight, maximum, draw));
        }
        else
        {
            _ranking.Restart(logits, float.NegativeInfinity);
            kept = Weigh(logits, maximum, draw.Temperature);
        }

        kept = Math.Min(kept, WeightOfLeast(logits, maximum, draw));
        return Through(Math.BigMul(draw.Random, kept, out _), logits, maximum, draw, out _);
    }

    /// <summary>The weight that stands before the last token of those that top-p keeps.</summary>
    private static ulong Share(ulong weight, in TokenDraw draw) => Math.BigMul(weight, draw.TopShare - 1, out _);

    /// <summary>The first token of the ranking up to which there is more weight than <paramref name="target"/>, and how much there is.</summary>
    private int Through(ulong target, ReadOnlySpan<float> logits, float maximum, in TokenDraw draw, out ulong weight)
    {
        var rank = 0;
        weight = WeightAt(rank, logits, maximum, draw);
        while (weight <= target)
            weight += WeightAt(++rank, logits, maximum, draw);
        return _ranking.At(rank);
    }

    private ulong WeightAt(int rank, ReadOnlySpan<float> logits, float maximum, in TokenDraw draw) =>
        TokenWeight.Of(logits[_ranking.At(rank)], maximum, draw.Temperature);

    /// <summary>The weight of all tokens that have the least weight.</summary>
    private static ulong WeightOfLeast(ReadOnlySpan<float> logits, float maximum, in TokenDraw draw)
    {
        if (draw.LeastWeight == 0)
            return ulong.MaxValue;
        var (total, floor) = (0UL, LogitOf(draw.LeastWeight, maximum, draw));
        foreach (var logit in logits)
        {
            if (logit >= floor && TokenWeight.Of(logit, maximum, draw.Temperature) is var weight && weight >= draw.LeastWeight)
                total += weight;
        }

        return total;
    }

    /// <summary>The logit of a weight, lowered by more than rounding can matter; the weights themselves decide.</summary>
    private static float LogitOf(double weight, float maximum, in TokenDraw draw) =>
        maximum + (draw.Temperature * (float)Math.Log(weight / TokenWeight.Fixed(2)));
}
