using System.Text.Json;

namespace GptGen.Finetuning;

/// <summary>One JSON object a line. Strings, numbers and truth values are fields; an array of strings is a field of several texts.</summary>
internal static class JsonLines
{
    /// <exception cref="GptGenException">A line is no JSON object.</exception>
    internal static IEnumerable<TableRow> Read(string path, string text)
    {
        var number = 0;
        foreach (var line in text.Split('\n'))
        {
            number++;
            if (!string.IsNullOrWhiteSpace(line))
                yield return new(number, Parse(path, number, line));
        }
    }

    private static Dictionary<string, string[]> Parse(string path, int number, string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw TableFile.Wrong(path, number, "this is no JSON object: write {\"column\": \"text\", …} on each line.");
            var fields = new Dictionary<string, string[]>();
            foreach (var property in document.RootElement.EnumerateObject())
            {
                if (Texts(property.Value) is { } texts)
                    fields[property.Name] = texts;
            }

            return fields;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw TableFile.Wrong(path, number, $"this is not valid JSON ({MessageText.Of(error)}): write one object a line.");
        }
    }

    private static string[]? Texts(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => [value.GetString()!],
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => [value.GetRawText()],
        JsonValueKind.Array when value.EnumerateArray().All(static item => item.ValueKind == JsonValueKind.String) =>
            [.. value.EnumerateArray().Select(static item => item.GetString()!)],
        _ => null,
    };
}
