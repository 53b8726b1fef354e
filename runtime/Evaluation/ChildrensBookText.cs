using GptGen.Text;
using System.Text;

namespace GptGen.Evaluation;

/// <summary>
/// The text files of the Children's Book Test (Hill et al. 2016): numbered sentences, then "21 question TAB answer TAB TAB option|option|…"; an empty line
/// between two examples.
/// </summary>
internal static class ChildrensBookText
{
    internal static IEnumerable<ChoiceExample> Read(string path)
    {
        var sentences = new List<string>();
        var number = 0;
        foreach (var line in Encoding.UTF8.GetString(TextCorpus.Load(path).Documents[0]).Split('\n').Select(static line => line.TrimEnd('\r', ' ')))
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

            yield return EvaluationFiles.ChildrensBook(sentences, parts[0], parts[^1].Split('|'), parts[1])
                ?? throw Wrong("has no XXXXX in its question, or its answer is none of its options");
            sentences.Clear();
        }

        if (sentences.Count > 0)
            throw Wrong("ends the file without a question");

        GptGenException Wrong(string what) =>
            new($"'{path}', line {number} {what}: correct the line or leave it out, and check that the file is of the kind asked for.");
    }
}
