using System.Text;
using GptGen.Finetuning;

namespace GptGen.Translation;

/// <summary>
/// Reads pairs of texts: lines of source, tab and target (<c>.tsv</c>), where quotes are part of the texts, or JSON lines or an array of objects with
/// <c>source</c> and <c>target</c> (<c>.jsonl</c>, <c>.json</c>). A separated file may have other columns too, and be a <c>.csv</c>, where its first
/// line names <c>source</c> and <c>target</c>; then it is read as tables are, with quotes around fields.
/// </summary>
public static class PairFile
{
    private const string Source = "source";
    private const string Target = "target";

    /// <summary>The pairs of a file, in its order; blank lines are passed over.</summary>
    /// <param name="path">The file; also a pipe.</param>
    /// <param name="note">Told in one line what the file's name does not say of its content.</param>
    /// <exception cref="GptGenException">
    /// The file cannot be read or has no pairs, or a line has one text only or an empty one; the message names file, line and remedy.
    /// </exception>
    public static IReadOnlyList<TextPair> Read(string path, Action<string>? note = null)
    {
        var file = TableFile.Open(path);
        var pairs = file.Format == '\t' && !NamesColumns(path, file.Text) ? Lines(path, Encoding.UTF8.GetString(file.Text.Span))
            : TableFile.Read(path, file, note).Select(row => new TextPair(Text(path, row, Source), Text(path, row, Target), row.Line));
        var read = new List<TextPair>();
        foreach (var pair in pairs)
        {
            var empty = string.IsNullOrWhiteSpace(pair.Source) ? Source : string.IsNullOrWhiteSpace(pair.Target) ? Target : null;
            if (empty is not null)
                throw TableFile.Wrong(path, pair.Line, $"the {empty} is empty: fill it in, or leave the line out.");
            read.Add(pair);
        }

        return read.Count > 0 ? read : throw new GptGenException($"'{path}' has no pairs: write a source, a tab and its target on each line.");
    }

    /// <summary>Whether the first line of a text between tabs is names of columns.</summary>
    private static bool NamesColumns(string path, ReadOnlyMemory<byte> text)
    {
        var end = text.Span.IndexOfAny((byte)'\n', (byte)'\r');
        var line = Encoding.UTF8.GetString((end < 0 ? text : text[..end]).Span);
        var names = new SeparatedText('\t', IsQuoted: false).Split(path, line).FirstOrDefault().Fields ?? [];
        return new[] { Source, Target }.All(wanted => names.Exists(name => name.Trim().Trim(SeparatedText.Quote) == wanted));
    }

    private static IEnumerable<TextPair> Lines(string path, string text)
    {
        foreach (var (line, fields) in new SeparatedText('\t', IsQuoted: false).Split(path, text))
        {
            yield return fields switch
            {
                [var source, var target] => new(source, target, line),
                [_] => throw TableFile.Wrong(
                    path, line, "there is one text and no tab: write a source, a tab and its target, or leave the line out."),
                _ => throw TableFile.Wrong(
                    path, line,
                    $"there are {fields.Count} texts between tabs, but a pair has two: leave out the others, or let the first line name the columns, "
                    + $"'{Source}' and '{Target}' among them."),
            };
        }
    }

    private static string Text(string path, TableRow row, string column)
    {
        if (row.Find(column) is not { } field)
        {
            throw TableFile.Wrong(
                path, row.Line, $"there is no column '{column}', but {row.Names}: name the columns '{Source}' and '{Target}', {row.Otherwise}.");
        }

        return field is { Fault: null, Texts: [var text] } ? text
            : throw TableFile.Wrong(path, row.Line, $"the {column} is {field.Fault ?? $"a list of {field.Texts.Length} texts"}: give one text.");
    }
}
