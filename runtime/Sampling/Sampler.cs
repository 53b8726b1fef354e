using GptGen.RandomNumbers;

namespace GptGen.Sampling;

/// <summary>
/// The draws of one sequence: they depend on seed, sequence and <see cref="Draws"/> only, on every device. After construction it allocates nothing.
/// </summary>
public sealed class Sampler
{
    private readonly SamplingOptions _options;
    private readonly RandomStream _stream;

    /// <summary>Creates the sampler of one sequence.</summary>
    /// <param name="options">How to choose.</param>
    /// <param name="sequence">Tells the sequences of one seed apart.</param>
    /// <exception cref="GptGenException">An option is out of range.</exception>
    public Sampler(SamplingOptions options, uint sequence = 0)
    {
        options.Validate();
        _options = options;
        _stream = RandomStream.Sampling(options.Seed, sequence);
    }

    /// <summary>The random draws made so far. Setting it continues a sequence where another sampler stopped.</summary>
    public ulong Draws { get; set; }

    /// <summary>Whether the tokens so far count, so that <see cref="InferenceGraph.SetSeen"/> must be told them.</summary>
    public bool NeedsHistory => _options.RepetitionPenalty != 1;

    /// <summary>The next draw.</summary>
    /// <param name="row">The row of logits to draw from.</param>
    /// <param name="slot">Whose tokens so far count, for the repetition penalty.</param>
    public TokenDraw Next(int row, int slot)
    {
        var random = 0UL;
        if (_options.Temperature > 0)
        {
            var (x, y, _, _) = _stream.Block(Draws++);
            random = (ulong)y << 32 | x;
        }

        return new()
        {
            Random = random,
            TopShare = _options.TopP < 1 ? Math.Max(1, (ulong)(_options.TopP * TokenDraw.Whole)) : 0,
            LeastWeight = TokenWeight.Fixed(_options.MinP),
            Temperature = _options.Temperature,
            RepetitionPenalty = _options.RepetitionPenalty,
            TopK = _options.TopK,
            Row = row,
            Slot = slot,
        };
    }
}
