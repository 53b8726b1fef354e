namespace GptGen.Files;

/// <summary>Python's <c>json.dump</c> writes a missing value of pandas as <c>NaN</c>, and <c>Infinity</c>, which JSON does not have.</summary>
internal static class PythonNumbers
{
    /// <summary>
    /// JSON with texts of the same length in the place of what it does not have, outside of strings: an empty one for NaN, and <c>inf</c>, as Python's own
    /// texts have it, for Infinity. The same bytes where there is none.
    /// </summary>
    internal static ReadOnlyMemory<byte> Replace(ReadOnlyMemory<byte> json)
    {
        if (json.Span.IndexOf("NaN"u8) < 0 && json.Span.IndexOf("Infinity"u8) < 0)
            return json;
        var copy = json.ToArray();
        var isString = false;
        for (var at = 0; at < copy.Length; at++)
        {
            if (copy[at] == '"')
            {
                isString = !isString;
            }
            else if (copy[at] == '\\')
            {
                at++;
            }
            else if (copy[at] is (byte)'\n' or (byte)'\r')
            {
                // No string of JSON holds one: a string that is not closed ends with its line.
                isString = false;
            }
            else if (!isString)
            {
                at += Math.Max(0, Text(copy.AsSpan(at)) - 1);
            }
        }

        return copy;
    }

    /// <summary>Puts a text where a number of Python's begins.</summary>
    /// <returns>Its length; 0 where none begins.</returns>
    private static int Text(Span<byte> json)
    {
        var text = json.StartsWith("NaN"u8) ? "\"\" "u8 : json.StartsWith("Infinity"u8) ? "\"inf\"   "u8 : json.StartsWith("-Infinity"u8) ? "\"-inf\"   "u8 : default;
        text.CopyTo(json);
        return text.Length;
    }
}
