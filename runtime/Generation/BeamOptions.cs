namespace GptGen.Generation;

/// <summary>How the most probable text is searched for.</summary>
public sealed record BeamOptions
{
    // Three numbers a beam are counted by a 32-bit integer.
    private const int MostBeams = int.MaxValue / 4;

    /// <summary>
    /// Beginnings that are kept after each token, and finished texts among which the best ones are chosen. With 1 the search is greedy, whatever
    /// <see cref="LengthPenalty"/> is.
    /// </summary>
    public int Beams { get; init; } = 4;

    /// <summary>Texts that are wanted, the best ones.</summary>
    public int Best { get; init; } = 1;

    /// <summary>The most tokens of a text.</summary>
    public int Tokens { get; init; } = 256;

    /// <summary>How texts of different lengths compare; by default by the mean of their tokens' log probabilities.</summary>
    public LengthPenalty LengthPenalty { get; init; } = LengthPenalty.Power(1);

    /// <summary>Tokens that are never written; the others share their probability.</summary>
    public IReadOnlyList<int> Forbidden { get; init; } = [];

    /// <summary>Checks every number.</summary>
    /// <exception cref="GptGenException">One is out of range.</exception>
    public void Validate()
    {
        this.Require(Beams is >= 1 and <= MostBeams, Beams, $"between 1 and {MostBeams}");
        this.Require(Best >= 1 && Best <= Beams, Best, $"between 1 and the number of BeamOptions.Beams, {Beams}");
        this.Require(Tokens >= 1, Tokens, "at least 1");
        if (!double.IsFinite(LengthPenalty.Exponent) || !double.IsFinite(LengthPenalty.Offset) || LengthPenalty.Offset < 0)
            throw new GptGenException("BeamOptions.LengthPenalty must be a finite number.");
    }
}
