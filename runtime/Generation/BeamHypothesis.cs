namespace GptGen.Generation;

/// <summary>A text that a search found.</summary>
/// <param name="Tokens">Its tokens, the one that ends it among them.</param>
/// <param name="LogProbability">The natural logarithm of its probability.</param>
/// <param name="Score">The same after the length penalty.</param>
/// <param name="IsEnded">Whether it ended by itself; otherwise there was no room for more tokens.</param>
internal sealed record BeamHypothesis(int[] Tokens, double LogProbability, double Score, bool IsEnded);
