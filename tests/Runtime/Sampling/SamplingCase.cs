using GptGen.Sampling;

namespace GptGen.Runtime.Tests.Sampling;

/// <summary>Draws of every kind from rows of every kind, on any device.</summary>
internal static class SamplingCase
{
    private static readonly SamplingOptions[] s_options =
    [
        SamplingOptions.Greedy,
        new(),
        new() { Temperature = 0.3f },
        new() { Temperature = 1e-30f },
        new() { Temperature = 50 },
        new() { TopK = 1 },
        new() { TopK = 40 },
        new() { TopK = 1_000_000 },
        new() { TopP = 0.9f, Temperature = 1.5f },
        new() { TopP = 1e-6f },
        new() { TopP = 0.9999f, Temperature = 4 },
        new() { MinP = 0.05f },
        new() { MinP = 1 },
        new() { TopK = 20, TopP = 0.8f, MinP = 0.01f, Temperature = 2 },
        new() { Temperature = 0, RepetitionPenalty = 1.7f },
        new() { RepetitionPenalty = 1.7f, Temperature = 1.3f },
        new() { RepetitionPenalty = 0.8f, TopK = 30, TopP = 0.95f },
    ];

    /// <summary>
    /// Tokens, and behind them the bits of the tokens seen afterwards. Of <paramref name="repetitions"/>, each has seeds of its own.
    /// </summary>
    /// <param name="device">Where.</param>
    /// <param name="limit">Tokens that may be drawn.</param>
    /// <param name="repetitions">Draws of each kind from each row.</param>
    /// <param name="most">The most rows of logits, which begin with a usual one.</param>
    public static int[] Run<TVocabulary>(Device device, int limit, int repetitions = 1, int most = int.MaxValue)
        where TVocabulary : struct, IDimension
    {
        var rows = Rows(limit).Take(most).ToArray();
        var count = s_options.Length * rows.Length * repetitions;
        using var memory = new SamplingMemory<TVocabulary>(device, [.. rows.SelectMany(static row => row)], limit, count);
        var draws = new TokenDraw[count];
        var random = new Random(7);
        for (var slot = 0; slot < count; slot++)
        {
            memory.SetSeen(slot, [.. Enumerable.Range(0, 1 + (limit / 3)).Select(_ => random.Next(limit))]);
            var sampler = new Sampler(s_options[slot % s_options.Length] with { Seed = (uint)(slot / rows.Length) }, sequence: (uint)(slot % 3));
            draws[slot] = sampler.Next(slot / s_options.Length % rows.Length, slot);
        }

        var tokens = new int[count];
        memory.Draw(draws, tokens);
        return [.. tokens, .. memory.Seen()];
    }

    /// <summary>What each device must say of logits that are no numbers: the token at fault, or that none can be drawn.</summary>
    public static int[] Broken<TVocabulary>(Device device)
        where TVocabulary : struct, IDimension
    {
        const int Limit = 9;
        float[] whole = [1, 2, 3, 4, 5, 6, 7, 8, 9];
        float[][] rows =
        [
            [.. whole[..5], float.NaN, float.NaN, 1, 2], [.. whole[..8], -float.NaN], [.. whole[..2], float.PositiveInfinity, .. whole[3..]],
            [float.PositiveInfinity, .. whole[1..8], float.NaN], [.. Enumerable.Repeat(float.NegativeInfinity, Limit)],
        ];
        using var memory = new SamplingMemory<TVocabulary>(device, [.. rows.SelectMany(static row => row)], Limit, rows.Length);
        var tokens = new int[3 * rows.Length];
        for (var kind = 0; kind < 3; kind++)
        {
            var sampler = new Sampler(kind == 0 ? SamplingOptions.Greedy : new() { TopK = kind == 1 ? 0 : 3, RepetitionPenalty = 1 + (kind / 2) });
            memory.Draw([.. rows.Select((_, row) => sampler.Next(row, row))], tokens.AsSpan(kind * rows.Length, rows.Length));
        }

        return tokens;
    }

    /// <summary>What <see cref="Broken"/> gives.</summary>
    public static int[] BrokenTokens { get; } = [
        .. Enumerable.Repeat<int[]>([~5, ~8, TokenDraw.PositiveInfinity, ~8, TokenDraw.NegativeInfinity], 3).SelectMany(static row => row)];

    private static float[][] Rows(int limit)
    {
        var random = new Random(limit);
        float[] Make(Func<int, float> logit) => [.. Enumerable.Range(0, limit).Select(logit)];
        return
        [
            Make(_ => (float)(3 * Normal(random))),
            Make(_ => (float)(-80 + (4 * Normal(random)))),
            Make(_ => MathF.Round((float)Normal(random))),                                              // ties
            Make(_ => 0),
            Make(token => token % 2 == 0 ? -0f : 0),                                                    // equal, whatever the sign
            Make(token => token % 3 == 1 && token > 0 ? (float)Normal(random) : float.NegativeInfinity),
            Make(token => token == limit / 2 ? 60 : (float)Normal(random)),                             // one holds all the weight
            Make(token => token * 1e-6f),
        ];
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}

/// <summary>A vocabulary of the size and padding of GPT-2's.</summary>
internal readonly struct LargeVocabulary : IDimension
{
    public static int Size => 50257;

    public static int Stored => 50304;
}

/// <summary>A small one without padding, whose rows begin at odd places.</summary>
internal readonly struct OddVocabulary : IDimension
{
    public static int Size => 347;

    public static int Stored => 347;
}
