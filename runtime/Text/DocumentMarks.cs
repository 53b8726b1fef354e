namespace GptGen.Text;

/// <summary>The tokens that stand around each document of a corpus.</summary>
/// <param name="Before">What stands before it; null for nothing.</param>
/// <param name="Behind">
/// What stands behind it, where a document's sentences stand between the same two marks, which are part of what models predict; null for nothing.
/// </param>
internal readonly record struct DocumentMarks(int? Before, int? Behind);
