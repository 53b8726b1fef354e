using System.Text.Json;

namespace GptGen.Files;

/// <summary>
/// Python's <c>json.dump</c> writes numbers that JSON does not have: <c>NaN</c>, with which pandas means a missing value, and <c>Infinity</c>.
/// </summary>
internal static class PythonNumbers
{
    /// <summary>
    /// The same JSON with null for each NaN outside of strings, and for Infinity a number beyond every other; the same bytes where there is none.
    /// </summary>
    internal static ReadOnlyMemory<byte> Replace(ReadOnlyMemory<byte> json)
    {
        var span = json.Span;
        if (span.IndexOf("NaN"u8) < 0 && span.IndexOf("Infinity"u8) < 0)
            return json;
        var result = new MemoryStream(span.Length + 64);
        var copied = 0;
        for (var at = 0; at < span.Length; at++)
        {
            if (span[at] == '"')
            {
                at = EndOfString(span, at);
                continue;
            }

            var isMissing = span[at..].StartsWith("NaN"u8);
            if (!isMissing && !span[at..].StartsWith("Infinity"u8))
                continue;
            result.Write(span[copied..at]);
            result.Write(isMissing ? "null"u8 : "1e999999"u8);
            copied = at + (isMissing ? "NaN"u8 : "Infinity"u8).Length;
            at = copied - 1;
        }

        result.Write(span[copied..]);
        return result.GetBuffer().AsMemory(0, (int)result.Length);
    }

    /// <summary>A number as its file has it.</summary>
    internal static string Text(JsonElement number) =>
        number.TryGetDouble(out var value) && double.IsInfinity(value) ? $"{(value < 0 ? "-" : "")}Infinity" : number.GetRawText();

    /// <summary>
    /// Where the string that begins at <paramref name="start"/> ends. JSON's strings hold no line's end: one that is not closed ends with its line.
    /// </summary>
    private static int EndOfString(ReadOnlySpan<byte> json, int start)
    {
        var at = start + 1;
        while (at < json.Length)
        {
            var step = json[at..].IndexOfAny("\"\\\n\r"u8);
            if (step < 0)
                break;
            at += step;
            if (json[at] != '\\')
                return at;
            at += 2;
        }

        return json.Length - 1;
    }
}
