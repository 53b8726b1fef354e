namespace GptGen.Files;

/// <summary>Python's <c>json.dump</c> writes a missing value of pandas as <c>NaN</c>, which JSON does not have.</summary>
internal static class PythonNumbers
{
    /// <summary>JSON with an empty text, of the same length, for each NaN outside of strings; the same bytes where there is none.</summary>
    internal static ReadOnlyMemory<byte> Replace(ReadOnlyMemory<byte> json)
    {
        if (json.Span.IndexOf("NaN"u8) < 0)
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
            else if (!isString && copy.AsSpan(at).StartsWith("NaN"u8))
            {
                "\"\" "u8.CopyTo(copy.AsSpan(at));
                at += 2;
            }
        }

        return copy;
    }
}
