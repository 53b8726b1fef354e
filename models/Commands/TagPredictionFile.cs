using System.Text;
using System.Text.Json;
using GptGen.Finetuning;

namespace GptGen.Models.Commands;

/// <summary>
/// Predicted tags: a line a word with its tag behind a tab and an empty line behind each text, or JSON with lists of words and tags.
/// </summary>
internal static class TagPredictionFile
{
    /// <exception cref="GptGenException">The format is commas, between which no lines of words are read.</exception>
    internal static void Write(
        Stream stream, PredictionFormat format, TagSet tags, IReadOnlyList<EncodedExample> examples, IReadOnlyList<float[]> predictions)
    {
        if (format == PredictionFormat.Commas)
            throw new GptGenException("Tags are written as lines of word and tag or as JSON: name --out .tsv, .jsonl or .json.");
        var texts = examples.Zip(predictions).GroupBy(static part => part.First.Source!, ReferenceEqualityComparer.Instance)
            .Select(text => (
                ((TaskExample)text.Key!).Texts, Tags: tags.TagsOf(text.Select(static part => part.First), text.Select(static part => part.Second))));
        if (format == PredictionFormat.Tabs)
            WriteLines(stream, texts);
        else
            WriteJson(stream, format == PredictionFormat.JsonArray, [.. texts]);
    }

    private static void WriteLines(Stream stream, IEnumerable<(IReadOnlyList<string> Words, string[] Tags)> texts)
    {
        using var writer = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        foreach (var (words, tags) in texts)
        {
            for (var word = 0; word < words.Count; word++)
                writer.WriteLine($"{words[word]}\t{tags[word]}");
            writer.WriteLine();
        }
    }

    private static void WriteJson(Stream stream, bool asArray, List<(IReadOnlyList<string> Words, string[] Tags)> texts)
    {
        using var writer = new Utf8JsonWriter(stream);
        if (asArray)
            stream.Write("[\n"u8);
        for (var text = 0; text < texts.Count; text++)
        {
            writer.WriteStartObject();
            writer.WriteNumber("example", text + 1);
            WriteList(writer, "words", texts[text].Words);
            WriteList(writer, "tags", texts[text].Tags);
            writer.WriteEndObject();
            writer.Flush();
            writer.Reset();
            stream.Write(asArray && text < texts.Count - 1 ? ",\n"u8 : "\n"u8);
        }

        if (asArray)
            stream.Write("]\n"u8);
    }

    private static void WriteList(Utf8JsonWriter writer, string name, IEnumerable<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (var text in texts)
            writer.WriteStringValue(text);
        writer.WriteEndArray();
    }
}
