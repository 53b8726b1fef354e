using System.Text;

namespace GptGen.Finetuning;

/// <summary>
/// Reads files of rows: tab-separated without quoting (<c>.tsv</c>, as GLUE's), comma-separated with quotes of RFC 4180 (<c>.csv</c>), or JSON lines
/// (<c>.jsonl</c>, <c>.ndjson</c>).
/// </summary>
internal static class TableFile
{
    /// <summary>The rows of a file; the first line of a separated file names its columns.</summary>
    /// <exception cref="GptGenException">The file cannot be read, is no UTF-8, or a line is damaged.</exception>
    internal static IEnumerable<TableRow> Read(string path)
    {
        var text = ReadText(path);
        return Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".tsv" or ".txt" => Named(path, SplitTabs(text)),
            ".csv" => Named(path, CsvFormat.Split(path, text)),
            ".jsonl" or ".ndjson" or ".json" => JsonLines.Read(path, text),
            _ => throw new GptGenException($"The format of '{path}' is not known: name the file .tsv, .csv or .jsonl as its content is."),
        };
    }

    /// <summary>A mistake in a line of a file.</summary>
    internal static GptGenException Wrong(string path, int line, string what) => new($"{path}, line {line}: {what}");

    private static string ReadText(string path)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(File.ReadAllBytes(path)).TrimStart('\uFEFF');
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GptGenException($"Cannot read '{path}': {error.Message.TrimEnd('.')}. Check the path.", error);
        }
        catch (DecoderFallbackException error)
        {
            throw new GptGenException($"'{path}' is not UTF-8 (at byte {error.Index}): save it as UTF-8.", error);
        }
    }

    private static IEnumerable<(int Line, List<string> Fields)> SplitTabs(string text)
    {
        var number = 0;
        foreach (var line in text.Split('\n'))
        {
            number++;
            var content = line.TrimEnd('\r');
            if (content.Length > 0)
                yield return (number, [.. content.Split('\t')]);
        }
    }

    private static IEnumerable<TableRow> Named(string path, IEnumerable<(int Line, List<string> Fields)> rows)
    {
        List<string>? names = null;
        foreach (var (line, fields) in rows)
        {
            if (names is null)
            {
                names = [.. fields.Select(static name => name.Trim())];
                if (names.GroupBy(static name => name).FirstOrDefault(static group => group.Count() > 1) is { } twice)
                    throw Wrong(path, line, $"two columns are named '{twice.Key}': give each a name of its own.");
                continue;
            }

            if (fields.Count != names.Count)
                throw Wrong(path, line, $"there are {fields.Count} fields, but the first line names {names.Count} columns: mend the line, or quote what contains a separator (.csv).");
            yield return new(line, names.Zip(fields).ToDictionary(static pair => pair.First, static pair => (string[])[pair.Second]));
        }

        if (names is null)
            throw new GptGenException($"'{path}' is empty: its first line must name the columns.");
    }
}
