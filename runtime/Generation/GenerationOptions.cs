using GptGen.Sampling;

namespace GptGen.Generation;

/// <summary>How text is written.</summary>
public sealed record GenerationOptions
{
    // Three numbers a sample are counted by a 32-bit integer.
    private const int MostSamples = int.MaxValue / 4;

    /// <summary>The most tokens of each sample.</summary>
    public int Tokens { get; init; } = 256;

    /// <summary>Samples written side by side in one batch.</summary>
    public int Samples { get; init; } = 1;

    /// <summary>A sample ends before any of these.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>Whether each token comes with its log probability, which costs a copy of its logits from the device.</summary>
    public bool LogProbabilities { get; init; }

    /// <summary>How tokens are drawn.</summary>
    public SamplingOptions Sampling { get; init; } = new();

    /// <summary>Checks every number.</summary>
    /// <exception cref="GptGenException">One is out of range.</exception>
    public void Validate()
    {
        this.Require(Tokens >= 1, Tokens, "at least 1");
        this.Require(Samples is >= 1 and <= MostSamples, Samples, $"between 1 and {MostSamples}");
        if (Stop.Any(string.IsNullOrEmpty))
            throw new GptGenException("GenerationOptions.Stop must not be empty text.");
        Sampling.Validate();
    }
}
