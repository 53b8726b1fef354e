using System.Text.Json;
using GptGen.Files;

namespace GptGen.Evaluation;

/// <summary>Reads examples in the formats in which the benchmarks' authors publish them.</summary>
public static class EvaluationFiles
{
    private const string Blank = "XXXXX";

    /// <summary>LAMBADA in OpenAI's form: JSON lines <c>{"text": passage}</c>.</summary>
    /// <exception cref="GptGenException">The file cannot be read, or a line is not of that form.</exception>
    public static IEnumerable<LastWordExample> LastWords(string path)
    {
        foreach (var line in BenchmarkForm.Lambada.Lines(path))
        {
            yield return LastWordExample.Of(line.Text("text")) is { } example
                ? example with { Place = line.Place }
                : throw line.Wrong("has fewer than two words in 'text'");
        }
    }

    /// <summary>
    /// HellaSwag: JSON lines with <c>ctx</c>, <c>endings</c> and <c>label</c>, the right ending from 0. An ending follows the context after a space.
    /// </summary>
    /// <exception cref="GptGenException">The file cannot be read, or a line is not of that form.</exception>
    public static IEnumerable<ChoiceExample> HellaSwag(string path)
    {
        foreach (var line in BenchmarkForm.HellaSwag.Lines(path))
        {
            if (line.Object.TryGetProperty("label", out var given) && given.ValueKind == JsonValueKind.String && given.ValueEquals(""))
            {
                throw line.Wrong(
                    "has an empty label, as the lines of the test split, whose answers are not published: name the validation split's file");
            }

            var (context, endings, label) = (line.Text("ctx"), line.Texts("endings", least: 2), line.Whole("label"));
            if (label < 0 || label >= endings.Length)
                throw line.Wrong($"has the label {label}, but {endings.Length} endings, which count from 0");
            yield return new(context.TrimEnd(), [.. endings.Select(static ending => " " + ending.Trim())], label) { Place = line.Place };
        }
    }

    /// <summary>
    /// The Children's Book Test: JSON lines with <c>sentences</c>, <c>question</c> with a blank XXXXX, <c>options</c> and <c>answer</c>; or the
    /// authors' text files, whose 21st line of each example holds question, answer and options behind tabs. What is scored is the option with the
    /// rest of its sentence, as for GPT-2.
    /// </summary>
    /// <exception cref="GptGenException">The file cannot be read, or a line is not of that form.</exception>
    public static IEnumerable<ChoiceExample> ChildrensBooks(string path)
    {
        // Read once: it may be a pipe.
        var bytes = JsonLine.FileBytes(path);
        return bytes.Span.TrimStart(" \t\r\n"u8) is [(byte)'{' or (byte)'[', ..]
            ? ChildrensBookLines(path, bytes)
            : ChildrensBookText.Read(path, bytes);
    }

    private static IEnumerable<ChoiceExample> ChildrensBookLines(string path, ReadOnlyMemory<byte> bytes)
    {
        foreach (var line in BenchmarkForm.ChildrensBook.Lines(path, bytes))
        {
            yield return ChildrensBook(
                line.Texts("sentences", least: 1), line.Text("question"), line.Texts("options", least: 2), line.Text("answer")) is { } example
                ? example with { Place = line.Place }
                : throw line.Wrong($"has no {Blank} in 'question', or 'answer' is none of 'options'");
        }
    }

    /// <summary>One example, or null where the blank or the answer is missing.</summary>
    internal static ChoiceExample? ChildrensBook(IEnumerable<string> sentences, string question, string[] options, string answer)
    {
        var blank = question.IndexOf(Blank, StringComparison.Ordinal);
        var right = Array.IndexOf(options, answer);
        if (blank < 0 || right < 0)
            return null;
        var context = string.Join(' ', [.. sentences.Select(static sentence => sentence.Trim()), question[..blank].Trim()]).Trim();
        var rest = question[(blank + Blank.Length)..].TrimEnd();
        return new(context, [.. options.Select(option => $" {option}{rest}")], right);
    }
}
