namespace GptGen.Checkpoints;

/// <summary>Where moments of a whole model lie while a checkpoint is written or read.</summary>
/// <param name="Arena">The place, which the first and the second moments may have one after the other.</param>
/// <param name="Turn">Puts them there before the first is written, or takes them when the last one is read; null where they stay.</param>
internal readonly record struct MomentPlace(Arena Arena, Action? Turn = null);
