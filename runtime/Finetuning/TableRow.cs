namespace GptGen.Finetuning;

/// <summary>A row of a data file.</summary>
/// <param name="Line">The line of the file that it begins on, from 1.</param>
/// <param name="Fields">The fields by column; a field of a JSON array has several texts, any other one.</param>
internal sealed record TableRow(int Line, IReadOnlyDictionary<string, string[]> Fields);
