namespace GptGen.Text;

/// <summary>The tokens to train on and those to validate on.</summary>
/// <param name="training">Tokens to train on.</param>
/// <param name="validation">Tokens that training never sees.</param>
public sealed class TokenDataset(TokenSource training, TokenSource validation) : IDisposable
{
    /// <summary>Tokens to train on.</summary>
    public TokenSource Training { get; } = training;

    /// <summary>Tokens that training never sees.</summary>
    public TokenSource Validation { get; } = validation;

    /// <summary>Cuts a sequence in two: its beginning to train on, its end to validate on.</summary>
    /// <param name="tokens">The whole sequence, which must outlive the dataset.</param>
    /// <param name="validationFraction">The part to validate on, in (0, 1); nanoGPT's recipes use a tenth.</param>
    /// <exception cref="GptGenException">The fraction is out of range.</exception>
    public static TokenDataset Split(TokenSource tokens, double validationFraction = 0.1)
    {
        if (!(validationFraction is > 0 and < 1))
            throw new GptGenException($"The validation fraction is {validationFraction:R}: give a number between 0 and 1, such as 0.1.");

        var cut = (long)(tokens.Count * (1 - validationFraction));
        return new TokenDataset(
            tokens.Slice(0, cut, $"the part of {tokens.Name} to train on"),
            tokens.Slice(cut, tokens.Count - cut, $"the part of {tokens.Name} to validate on"));
    }

    /// <summary>Closes the files behind both parts.</summary>
    public void Dispose()
    {
        Training.Dispose();
        Validation.Dispose();
    }
}
