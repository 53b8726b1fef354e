using GptGen.RandomNumbers;

namespace GptGen.Text;

/// <summary>
/// Training batches: windows that begin at random places. Which windows a batch holds follows from seed, step and micro-batch alone,
/// so there is no state to save, and a run that resumes at a step continues exactly.
/// </summary>
public sealed class RandomBatches
{
    private readonly TokenSource _tokens;
    private readonly uint _seed;

    /// <summary>Creates the sampler.</summary>
    /// <param name="tokens">The sequence.</param>
    /// <param name="length">Tokens in a window, T.</param>
    /// <param name="seed">The run's seed.</param>
    /// <exception cref="GptGenException">The sequence is shorter than one window and the token after it.</exception>
    public RandomBatches(TokenSource tokens, int length, uint seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        if (tokens.Count <= length)
        {
            throw new GptGenException(
                $"There is too little to train on in {tokens.Name}, which has {tokens.Count} tokens: a window of {length} needs {length + 1}; "
                + "give a longer text or a smaller length.");
        }

        _tokens = tokens;
        _seed = seed;
        Length = length;
    }

    /// <summary>Tokens in a window, T.</summary>
    public int Length { get; }

    /// <summary>Fills a batch. Allocates nothing.</summary>
    /// <param name="step">The training step.</param>
    /// <param name="microBatch">The micro-batch within the step.</param>
    /// <param name="inputs">Receives the windows' tokens, (B, T).</param>
    /// <param name="targets">Receives the token that follows each, (B, T).</param>
    /// <exception cref="GptGenException">The tokens cannot be read or lie outside the vocabulary.</exception>
    public void Fill(uint step, int microBatch, Span<int> inputs, Span<int> targets) =>
        Fill(step, (long)microBatch * (inputs.Length / Length), inputs.Length / Length, inputs, targets);

    /// <summary>Fills a batch with some of a step's windows, which are the same however the step is cut. Allocates nothing.</summary>
    /// <param name="step">The training step.</param>
    /// <param name="first">The first window's number within the step.</param>
    /// <param name="batch">Windows that are drawn from one random stream.</param>
    /// <param name="inputs">Receives the windows' tokens, (B, T).</param>
    /// <param name="targets">Receives the token that follows each, (B, T).</param>
    /// <exception cref="GptGenException">The tokens cannot be read or lie outside the vocabulary.</exception>
    internal void Fill(uint step, long first, int batch, Span<int> inputs, Span<int> targets)
    {
        TokenWindow.CheckShape(inputs, targets, Length);
        var places = (ulong)(_tokens.Count - Length);
        for (var row = 0; row < inputs.Length / Length; row++)
        {
            var (number, place) = Math.DivRem(first + row, batch);
            // The high half of a 64 x 64 bit product maps 64 random bits evenly onto the places.
            var (x, y, _, _) = RandomStream.Batches(_seed, step, (int)number).Block((ulong)place);
            var start = (long)Math.BigMul((ulong)y << 32 | x, places, out _);
            var window = row * Length;
            TokenWindow.Read(_tokens, start, inputs.Slice(window, Length), targets.Slice(window, Length));
        }
    }
}
