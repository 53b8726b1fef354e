namespace GptGen.Translation;

/// <summary>A pair as tokens, without any that begin or end it.</summary>
/// <param name="Source">The source's.</param>
/// <param name="Target">The target's.</param>
public sealed record EncodedPair(int[] Source, int[] Target);
