using System.Text;
using System.Text.Json;
using GptGen.Files;

namespace GptGen.Finetuning;

/// <summary>
/// Reads texts whose words have tags: a line a word with its tag last, between tabs or spaces, and an empty line behind each text, as CoNLL's shared
/// tasks have them; or JSON objects with lists of words and tags.
/// </summary>
internal static class TagFile
{
    private const string Need = "a file of tagged words (lines of word and tag, or .jsonl or .json)";
    private const string DocumentStart = "-DOCSTART-";

    /// <summary>The texts of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="columns">The lists' names in JSON.</param>
    /// <param name="needsTags">Whether each word must have a tag.</param>
    /// <exception cref="GptGenException">The file cannot be read, or a line is damaged; the message names file, line and remedy.</exception>
    internal static IReadOnlyList<TaskExample> Read(string path, TaskColumns columns, bool needsTags)
    {
        var text = TextFile.Read(path, Need);
        var isJson = Path.GetExtension(path).ToLowerInvariant() is ".jsonl" or ".ndjson" or ".json"
            || (Path.GetExtension(path).Length == 0 && text.Span.TrimStart(" \t\r\n"u8).StartsWith("{"u8));
        var examples = isJson
            ? [.. JsonLine.Read(path, text).Select(line => OfObject(line, columns, needsTags))]
            : OfLines(path, Encoding.UTF8.GetString(text.Span), needsTags);
        return examples.Count > 0 ? examples : throw new GptGenException($"'{path}' has no words: give a file with at least one text.");
    }

    /// <summary>The words of a plain text.</summary>
    /// <exception cref="GptGenException">There is none.</exception>
    internal static TaskExample OfText(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } words
        ? new(words, null)
        : throw new GptGenException("The text has no words: give some between spaces.");

    private static TaskExample OfObject(JsonLine line, TaskColumns columns, bool needsTags)
    {
        var words = line.Texts(columns.Texts[0], least: 1);
        var hasTags = line.Object.TryGetProperty(columns.Label, out var given) && given.ValueKind != JsonValueKind.Null;
        var tags = needsTags || hasTags ? line.Texts(columns.Label, least: 1) : null;
        return tags is null || tags.Length == words.Length
            ? new(words, null, $"{line.Path}, line {line.Number}") { Tags = tags }
            : throw line.Wrong($"has {words.Length} words but {tags.Length} tags");
    }

    private static List<TaskExample> OfLines(string path, string text, bool needsTags)
    {
        var examples = new List<TaskExample>();
        var (words, tags) = (new List<string>(), new List<string>());
        var (number, first) = (0, 0);
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            number++;
            if (line.IsWhiteSpace())
            {
                End();
                continue;
            }

            var fields = Fields(line.ToString());
            if (fields[0] == DocumentStart)
                continue;
            if (needsTags && fields.Length < 2)
                throw TableFile.Wrong(path, number, $"the word '{MessageText.Shorten(fields[0])}' has no tag: write it behind a tab.");
            first = words.Count == 0 ? number : first;
            words.Add(fields[0]);
            if (fields.Length > 1)
                tags.Add(fields[^1]);
        }

        End();
        return examples;

        void End()
        {
            if (words.Count > 0)
                examples.Add(new([.. words], null, $"{path}, line {first}") { Tags = tags.Count == words.Count ? [.. tags] : null });
            words.Clear();
            tags.Clear();
        }
    }

    /// <summary>A line's columns: what stands between tabs where there is one, otherwise between spaces.</summary>
    private static string[] Fields(string line)
    {
        var fields = line.Contains('\t')
            ? line.Split('\t', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            : line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > 0 ? fields : [line.Trim()];
    }
}
