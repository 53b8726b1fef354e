using System.Text.Json;
using GptGen.Files;

namespace GptGen.Evaluation;

/// <summary>
/// The form in which a benchmark's authors publish it, told from other benchmarks' forms, so that a file given to the wrong task is said to be so.
/// </summary>
/// <param name="Name">The benchmark.</param>
/// <param name="Reader">What reads it.</param>
/// <param name="Members">What each of its JSON objects has.</param>
internal sealed record BenchmarkForm(string Name, string Reader, params string[] Members)
{
    internal static readonly BenchmarkForm HellaSwag = new("HellaSwag", "EvaluationFiles.HellaSwag", "ctx", "endings", "label");
    internal static readonly BenchmarkForm ChildrensBook = new(
        "the Children's Book Test", "EvaluationFiles.ChildrensBooks", "sentences", "question", "options", "answer");
    internal static readonly BenchmarkForm Lambada = new("LAMBADA", "EvaluationFiles.LastWords", "text");

    // The most particular first: text is a common name.
    private static readonly BenchmarkForm[] s_all = [HellaSwag, ChildrensBook, Lambada];

    /// <summary>The lines of a file in this form.</summary>
    /// <exception cref="GptGenException">The file cannot be read, or a line is no JSON object or of another benchmark's form.</exception>
    internal IEnumerable<JsonLine> Lines(string path) => Lines(path, JsonLine.FileBytes(path));

    /// <summary>The lines of a file whose bytes are known.</summary>
    /// <exception cref="GptGenException">A line is no JSON object or of another benchmark's form.</exception>
    internal IEnumerable<JsonLine> Lines(string path, ReadOnlyMemory<byte> bytes)
    {
        RequireObjects(path, bytes.Span);
        foreach (var line in JsonLine.Read(path, bytes))
        {
            if (Array.Find(s_all, form => form.Fits(line.Object)) is { } other && other != this && !Fits(line.Object))
            {
                throw new GptGenException(
                    $"'{path}', line {line.Number} is in the form of {other.Name}, not of {Name}: give the file to {other.Reader}, "
                    + "or name the right one.");
            }

            yield return line;
        }
    }

    /// <summary>Says what to give in place of a file that does not even begin like JSON lines.</summary>
    private void RequireObjects(string path, ReadOnlySpan<byte> bytes)
    {
        var text = bytes.TrimStart(" \t\r\n"u8);
        if (text is [] or [(byte)'{' or (byte)'[', ..])
            return;
        var line = 1 + bytes[..^text.Length].Count((byte)'\n');
        var form = $"{Name} is read as JSON lines, one object {{{string.Join(", ", Members.Select(static member => $"\"{member}\": …"))}}} a line";
        throw new GptGenException(
            text.StartsWith("1 "u8) && text.Contains((byte)'\t')
                ? $"'{path}', line {line} is in the form of {ChildrensBook.Name}, not of {Name}: give the file to {ChildrensBook.Reader}, "
                    + "or name the right one."
            : $"'{path}', line {line} is no JSON object: {form}; name such a file.");
    }

    private bool Fits(JsonElement line) => Array.TrueForAll(Members, member => line.TryGetProperty(member, out _));
}
