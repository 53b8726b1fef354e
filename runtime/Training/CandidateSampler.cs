using GptGen.RandomNumbers;

namespace GptGen.Training;

/// <summary>
/// Draws distinct tokens for a sampled softmax, frequent ones more often: token v, counted from the most frequent, with the probability
/// log((v + 2) / (v + 1)) / log(V + 1), again and again until there are enough (TensorFlow's <c>log_uniform_candidate_sampler</c> with
/// <c>unique</c>). The draws follow from seed, step and micro-batch, and are the same for all rows.
/// </summary>
/// <param name="vocabulary">V; tokens are numbered by how frequent they are.</param>
/// <param name="count">How many tokens are drawn.</param>
internal sealed class CandidateSampler(int vocabulary, int count)
{
    /// <summary>Words that are made at once.</summary>
    private const int Run = 1024;

    private readonly int[] tokens = count <= vocabulary ? new int[count] : throw new GptGenException(
        $"{count} sampled tokens are more than the vocabulary's {vocabulary}: sample fewer, or none for all tokens.");

    private readonly float[] logs = new float[count];
    private readonly bool[] isDrawn = new bool[vocabulary];
    private readonly uint[] words = new uint[2 * Run];
    private long tries;

    /// <summary>The tokens.</summary>
    public ReadOnlySpan<int> Tokens => tokens;

    /// <summary>The logarithm of how often each was expected among the draws, at most once.</summary>
    public ReadOnlySpan<float> Logs => logs;

    /// <summary>Draws anew.</summary>
    public void Draw(uint seed, uint step, int microBatch)
    {
        var stream = RandomStream.Candidates(seed, step, microBatch);
        foreach (var token in tokens)
            isDrawn[token] = false;
        tries = 0;
        for (var found = 0; found < count;)
        {
            if (tries % Run == 0)
                stream.Fill((ulong)tries * 2, words);
            var at = (int)(tries++ % Run) * 2;
            // 53 bits in [0, 1).
            var uniform = ((ulong)words[at] << 21 ^ words[at + 1] >> 11) * (1.0 / (1L << 53));
            var token = Math.Min((int)(Math.Exp(uniform * Math.Log(vocabulary + 1.0)) - 1), vocabulary - 1);
            if (isDrawn[token])
                continue;
            isDrawn[token] = true;
            tokens[found++] = token;
        }

        for (var i = 0; i < count; i++)
            logs[i] = LogExpected(tokens[i]);
    }

    /// <summary>The logarithm of how often a token is expected among the last draws, 1 - (1 - p)^tries.</summary>
    public float LogExpected(int token)
    {
        var probability = Math.Log(1 + 1.0 / (token + 1)) / Math.Log(vocabulary + 1.0);
        return (float)Math.Log(-double.ExpM1(tries * double.LogP1(-probability)));
    }
}
