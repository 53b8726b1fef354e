namespace GptGen.Pretraining;

/// <summary>What BERT's pre-training asks of a text (Devlin et al. 2018, section 3.1 and appendix A; the numbers are its).</summary>
public sealed record PretrainingOptions
{
    /// <summary>The share of tokens that are predicted.</summary>
    public double MaskingRate { get; init; } = 0.15;

    /// <summary>The most predictions of a sequence; null for what the rate gives for the longest, rounded up: 20 of 128 tokens.</summary>
    public int? MaxPredictions { get; init; }

    /// <summary>Whether a word is predicted wholly or not at all; otherwise each of its tokens is chosen by itself.</summary>
    public bool WholeWords { get; init; }

    /// <summary>Whether a sequence is two texts, of which the model says whether the second follows the first; otherwise it is one.</summary>
    public bool NextSentence { get; init; } = true;

    /// <summary>The share of sequences that are shorter than they could be, so that short texts are not strange to the model.</summary>
    public double ShortSequences { get; init; } = 0.1;

    /// <summary>The most predictions of a sequence of some length.</summary>
    /// <param name="length">The longest sequence, T.</param>
    public int PredictionsOf(int length) => MaxPredictions ?? (int)Math.Ceiling(MaskingRate * length);

    /// <summary>Refuses what cannot be done.</summary>
    /// <param name="length">The longest sequence, T.</param>
    /// <exception cref="GptGenException">A number is out of range.</exception>
    public void Check(int length)
    {
        if (!(MaskingRate is > 0 and < 1))
            throw new GptGenException($"The share of tokens to predict is {MaskingRate:R}: give a number between 0 and 1, such as 0.15.");
        if (!(ShortSequences is >= 0 and <= 1))
            throw new GptGenException($"The share of short sequences is {ShortSequences:R}: give a number from 0 to 1, such as 0.1.");
        if (MaxPredictions < 1)
            throw new GptGenException($"At most {MaxPredictions} predictions a sequence train nothing: give at least 1.");
        var shortest = NextSentence ? SentencePairs.Marks + 2 : SentencePairs.Marks;
        if (length < shortest)
        {
            throw new GptGenException(
                $"Sequences of {length} tokens are too short for their marks and text: give a TrainingOptions.Length of at least {shortest}.");
        }
    }
}
