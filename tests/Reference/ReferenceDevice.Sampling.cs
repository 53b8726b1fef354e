using System.Runtime.InteropServices;
using GptGen.Sampling;

namespace GptGen.Reference;

/// <content>A full sort and exponentials in f64; a weight may differ from the devices' by a rounding.</content>
public sealed partial class ReferenceDevice
{
    /// <inheritdoc/>
    protected override void Sample(Location logits, Location draws, Location seen, Location tokens, in SamplingShape shape)
    {
        var all = MemoryMarshal.Cast<int, TokenDraw>(Integers(draws, shape.Draws * TokenDraw.Words));
        for (var index = 0; index < shape.Draws; index++)
        {
            var draw = all[index];
            var bits = Integers(seen.Plus((nint)draw.Slot * ((shape.Vocabulary + 31) / 32)), (shape.Vocabulary + 31) / 32).ToArray();
            var values = Numbers(logits.Plus((nint)draw.Row * shape.Stride), shape.Limit).ToArray();
            var token = Choose(Array.ConvertAll(values, static value => (float)value), draw, bits);
            tokens.Arena.Write(tokens.Offset + index, [token]);
            if (token < 0 || draw.RepetitionPenalty == 1)
                continue;
            bits[token / 32] |= 1 << (token % 32);
            seen.Arena.Write(seen.Offset + ((nint)draw.Slot * bits.Length), bits);
        }
    }

    private static int Choose(float[] logits, TokenDraw draw, int[] seen)
    {
        for (var token = 0; token < logits.Length; token++)
        {
            if (draw.RepetitionPenalty != 1 && (seen[token / 32] >> (token % 32) & 1) != 0)
                logits[token] = logits[token] > 0 ? logits[token] / draw.RepetitionPenalty : logits[token] * draw.RepetitionPenalty;
            if (float.IsNaN(logits[token]))
                return ~token;
        }

        var maximum = logits.Max();
        if (float.IsInfinity(maximum))
            return maximum > 0 ? int.MinValue : int.MinValue + 1;
        var ranking = Enumerable.Range(0, logits.Length).OrderByDescending(token => logits[token]).ToList();
        if (draw.Temperature == 0)
            return ranking[0];

        UInt128 Weight(int token) => (UInt128)(Math.Exp((logits[token] - maximum) / draw.Temperature) * Math.Pow(2, 40));
        UInt128 Sum(IEnumerable<int> some) => some.Aggregate(UInt128.Zero, (sum, token) => sum + Weight(token));
        var isFiltered = draw.TopK > 0 || draw.TopShare > 0 || draw.LeastWeight > 0;
        if (draw.TopK > 0 && draw.TopK < ranking.Count)
            ranking = ranking[..draw.TopK];
        if (draw.TopShare > 0)
            ranking = ranking[..(ranking.IndexOf(Holder(ranking, Sum(ranking) * (draw.TopShare - 1) >> 64)) + 1)];
        ranking = [.. ranking.Where(token => Weight(token) >= draw.LeastWeight)];
        return Holder(isFiltered ? ranking : Enumerable.Range(0, logits.Length), Sum(ranking) * draw.Random >> 64);

        int Holder(IEnumerable<int> order, UInt128 place)
        {
            foreach (var token in order)
            {
                if (place < Weight(token))
                    return token;
                place -= Weight(token);
            }

            throw new InvalidOperationException("The place lies behind all tokens.");
        }
    }
}
