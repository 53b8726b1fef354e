namespace GptGen.Features;

/// <summary>How a kind of model comes from texts to vectors.</summary>
internal interface ITextStates
{
    /// <summary>A text's tokens, with the marks that the kind of model reads.</summary>
    int[] Encode(string text);

    /// <summary>The vectors of texts of 1 to context tokens, in their order.</summary>
    float[][] Compute(int[][] tokens, CancellationToken cancellation);
}
