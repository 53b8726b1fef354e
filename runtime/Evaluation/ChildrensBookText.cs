using System.Text;
using System.Text.Unicode;

namespace GptGen.Evaluation;

/// <summary>
/// The text files of the Children's Book Test (Hill et al. 2016): numbered sentences, then "21 question TAB answer TAB TAB option|option|…"; an empty
/// line between two examples.
/// </summary>
internal static class ChildrensBookText
{
    private static readonly string[] s_lineEnds = ["\r\n", "\n", "\r"];

    internal static IEnumerable<ChoiceExample> Read(string path, ReadOnlyMemory<byte> bytes)
    {
        if (!Utf8.IsValid(bytes.Span))
            throw new GptGenException($"'{path}' is not UTF-8: convert it to UTF-8, and check that the file is of the kind asked for.");

        var sentences = new List<string>();
        var number = 0;
        foreach (var line in Encoding.UTF8.GetString(bytes.Span).Split(s_lineEnds, StringSplitOptions.None).Select(static line => line.TrimEnd(' ')))
        {
            number++;
            if (line.Length == 0)
                continue;
            var space = line.IndexOf(' ');
            if (space < 1 || !int.TryParse(line.AsSpan(0, space), out _))
                throw Wrong("begins with no number");
            var parts = line[(space + 1)..].Split('\t');
            if (parts.Length == 1)
            {
                sentences.Add(parts[0]);
                continue;
            }

            yield return EvaluationFiles.ChildrensBook(sentences, parts[0], parts[^1].Split('|'), parts[1]) is { } example
                ? example with { Place = $"'{path}', line {number}" }
                : throw Wrong("has no XXXXX in its question, or its answer is none of its options");
            sentences.Clear();
        }

        if (sentences.Count > 0)
            throw Wrong("ends the file without a question");

        GptGenException Wrong(string what) =>
            new($"'{path}', line {number} {what}: correct the line or leave it out, and check that the file is of the kind asked for.");
    }
}
