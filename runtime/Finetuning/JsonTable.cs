using System.Text.Json;
using GptGen.Files;

namespace GptGen.Finetuning;

/// <summary>
/// Objects of JSON as rows. Texts, numbers and truth values are fields, <c>null</c> is an empty one, and an array of texts a field of several.
/// </summary>
internal static class JsonTable
{
    /// <summary>The rows of a file's text.</summary>
    /// <exception cref="GptGenException">A line is no JSON object, or the file is one table turned otherwise.</exception>
    internal static IEnumerable<TableRow> Read(string path, ReadOnlyMemory<byte> text)
    {
        foreach (var line in JsonLine.Read(path, text))
            yield return new Row(line.Number, Fields(line));
    }

    private static Dictionary<string, TableField> Fields(JsonLine line)
    {
        var fields = new Dictionary<string, TableField>();
        foreach (var property in line.Object.EnumerateObject())
        {
            if (!fields.TryAdd(property.Name, Field(property.Value)))
            {
                throw TableFile.Wrong(
                    line.Path, line.Number, $"two columns are named '{MessageText.Shorten(property.Name)}': give each a name of its own.");
            }
        }

        // pandas' to_json writes columns, index, split or table unless it is told otherwise.
        if (fields.Count == 0 || fields.Values.Any(static field => field.Fault is null))
            return fields;
        var (name, first) = fields.First();
        throw TableFile.Wrong(
            line.Path, line.Number,
            $"this object is no row, but holds {first.Fault} in '{MessageText.Shorten(name)}': write one object a row (pandas: "
            + "to_json(orient='records')).");
    }

    private static TableField Field(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => new([value.GetString()!]),
        JsonValueKind.Null => new([""]),
        JsonValueKind.Number => new([PythonNumbers.Text(value)]),
        JsonValueKind.True or JsonValueKind.False => new([value.GetRawText()]),
        JsonValueKind.Object => new([], "an object"),
        _ when value.EnumerateArray().All(static item => item.ValueKind == JsonValueKind.String) =>
            new([.. value.EnumerateArray().Select(static item => item.GetString()!)]),
        _ => new([], "a list of something else than texts"),
    };

    private sealed class Row(int line, Dictionary<string, TableField> fields) : TableRow(line)
    {
        internal override IEnumerable<string> Columns => fields.Keys;

        internal override string Otherwise => "or write each row as an object that has it (pandas: to_json(orient='records'))";

        internal override TableField? Find(string column) => fields.TryGetValue(column, out var field) ? field : null;
    }
}
