using GptGen.RandomNumbers;

namespace GptGen.Training;

/// <summary>
/// Draws distinct tokens for a sampled softmax, frequent ones more often: token v, counted from the most frequent, with the probability
/// log((v + 2) / (v + 1)) / log(V + 1), again and again until there are enough (TensorFlow's <c>log_uniform_candidate_sampler</c> with
/// <c>unique</c>). The draws follow from seed, step and micro-batch, and are the same for all rows.
/// </summary>
internal sealed class CandidateSampler
{
    /// <summary>Words that are made at once.</summary>
    private const int Run = 2048;

    /// <summary>Drawn tokens of more probability than this are no longer drawn in vain.</summary>
    private const double MostInVain = 0.9;

    private readonly int vocabulary;
    private readonly int[] tokens;
    private readonly float[] logs;
    private readonly bool[] isDrawn;
    private readonly uint[] words = new uint[Run];

    /// <summary>Tokens that were not drawn when they were last gone through, and the sums of their probabilities.</summary>
    private readonly int[] left;
    private readonly double[] sums;
    private RandomStream stream;
    private ulong used;
    private long tries;

    /// <summary>Prepares draws.</summary>
    /// <param name="vocabulary">V; tokens are numbered by how frequent they are.</param>
    /// <param name="count">How many tokens are drawn.</param>
    public CandidateSampler(int vocabulary, int count)
    {
        if (count > vocabulary)
        {
            throw new GptGenException(
                $"{count} sampled tokens are more than the vocabulary's {vocabulary}: sample fewer, or none for all tokens.");
        }

        (this.vocabulary, tokens, logs, isDrawn) = (vocabulary, new int[count], new float[count], new bool[vocabulary]);
        // The most frequent tokens have the probability log(count + 1) / log(V + 1), and no others more.
        var most = Math.Log(count + 1.0) > MostInVain * Math.Log(vocabulary + 1.0) ? vocabulary : 0;
        (left, sums) = (new int[most], new double[most]);
    }

    /// <summary>The tokens.</summary>
    public ReadOnlySpan<int> Tokens => tokens;

    /// <summary>The logarithm of how often each was expected among the draws, at most once.</summary>
    public ReadOnlySpan<float> Logs => logs;

    /// <summary>Random words that the last draws took: what they cost.</summary>
    internal ulong WordsTaken => used;

    /// <summary>Draws anew.</summary>
    public void Draw(uint seed, uint step, int microBatch)
    {
        stream = RandomStream.Candidates(seed, step, microBatch);
        foreach (var token in tokens)
            isDrawn[token] = false;
        (tries, used) = (0, 0);
        var (found, drawn) = (0, 0.0);
        while (found < tokens.Length && (left.Length == 0 || drawn < MostInVain))
        {
            tries++;
            var token = Math.Min((int)(Math.Exp(NextUniform() * Math.Log(vocabulary + 1.0)) - 1), vocabulary - 1);
            if (isDrawn[token])
                continue;
            Take(token, found++);
            if (left.Length > 0)
                drawn += Probability(token);
        }

        while (found < tokens.Length)
            found = DrawOfLeft(found);
        for (var i = 0; i < tokens.Length; i++)
            logs[i] = LogExpected(tokens[i]);
    }

    /// <summary>The logarithm of how often a token is expected among the last draws, 1 - (1 - p)^tries.</summary>
    public float LogExpected(int token) => (float)Math.Log(-double.ExpM1(tries * double.LogP1(-Probability(token))));

    /// <summary>
    /// Draws among the tokens that are left, until half of their probability is gone. How many draws would have been in vain before each of them is
    /// drawn too: the numbers are distributed as if all had been made.
    /// </summary>
    private int DrawOfLeft(int found)
    {
        var (count, total, taken) = (0, 0.0, 0.0);
        for (var token = 0; token < vocabulary; token++)
        {
            if (!isDrawn[token])
                (left[count], sums[count++]) = (token, total += Probability(token));
        }

        while (found < tokens.Length && taken <= total / 2)
        {
            // In vain are those that fall on none of these tokens: a geometric distribution.
            tries += 1 + (long)(double.LogP1(-NextUniform()) / double.LogP1(-total));
            var place = Array.BinarySearch(sums, 0, count, NextUniform() * total);
            // A token has what lies below its sum and not below the one before.
            place = Math.Min(place < 0 ? ~place : place + 1, count - 1);
            if (isDrawn[left[place]])
                continue;
            Take(left[place], found++);
            taken += Probability(left[place]);
        }

        return found;
    }

    private void Take(int token, int place)
    {
        isDrawn[token] = true;
        tokens[place] = token;
    }

    private double Probability(int token) => Math.Log(1 + 1.0 / (token + 1)) / Math.Log(vocabulary + 1.0);

    /// <summary>53 bits in [0, 1).</summary>
    private double NextUniform()
    {
        if (used % Run == 0)
            stream.Fill(used, words);
        var at = (int)(used % Run);
        used += 2;
        return ((ulong)words[at] << 21 ^ words[at + 1] >> 11) * (1.0 / (1L << 53));
    }
}
