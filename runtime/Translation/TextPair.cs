namespace GptGen.Translation;

/// <summary>A text and what becomes of it.</summary>
/// <param name="Source">The text.</param>
/// <param name="Target">Its translation.</param>
/// <param name="Line">The line of the file that the pair begins on, from 1; 0 where it comes from no file.</param>
public readonly record struct TextPair(string Source, string Target, int Line = 0);
