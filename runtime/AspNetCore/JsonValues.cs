using System.Text.Json;

namespace GptGen.AspNetCore;

/// <summary>Values that may have one of several forms.</summary>
internal static class JsonValues
{
    private const int MostStops = 16;

    /// <summary>A string, or several.</summary>
    /// <exception cref="ApiException">It is neither.</exception>
    public static string[] Strings(JsonElement? value, string name)
    {
        if (value is not { } element || element.ValueKind == JsonValueKind.Null)
            return [];
        return element.ValueKind == JsonValueKind.Array
            ? [.. element.EnumerateArray().Select(item => String(item, name))]
            : [String(element, name)];
    }

    /// <summary>The strings before which texts end.</summary>
    /// <exception cref="ApiException">They are none.</exception>
    public static string[] Stops(JsonElement? value)
    {
        string[] stops = [.. Strings(value, "stop").Where(static stop => stop.Length > 0)];
        return stops.Length <= MostStops
            ? stops
            : throw ApiException.Invalid($"There are {stops.Length} stops, but at most {MostStops} may be.", "stop");
    }

    /// <summary>A text, several, a list of tokens, or several lists.</summary>
    /// <exception cref="ApiException">It is nothing of that, or empty.</exception>
    public static int[][] Texts(JsonElement? value, string name, Func<string, int[]> encode)
    {
        if (value is not { } element || element.ValueKind is not (JsonValueKind.String or JsonValueKind.Array))
            throw ApiException.Invalid($"'{name}' is needed: a string, a list of strings, of tokens, or of lists of tokens.", name);
        if (element.ValueKind == JsonValueKind.String)
            return [encode(String(element, name))];
        if (element.GetArrayLength() == 0)
            throw ApiException.Invalid($"'{name}' is an empty list: give at least one text.", name);
        return element[0].ValueKind == JsonValueKind.Number
            ? [Tokens(element, name)]
            : [.. element.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.Array ? Tokens(item, name) : encode(String(item, name)))];
    }

    /// <summary>A string.</summary>
    /// <exception cref="ApiException">It is none.</exception>
    public static string String(JsonElement value, string name)
    {
        try
        {
            if (value.ValueKind == JsonValueKind.String)
                return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw ApiException.Invalid($"'{name}' has half a surrogate pair, which is no character.", name);
        }

        throw ApiException.Invalid($"'{name}' is not a string where one must be.", name);
    }

    private static int[] Tokens(JsonElement value, string name)
    {
        var tokens = new int[value.GetArrayLength()];
        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt32(out tokens[index++]))
                throw ApiException.Invalid($"'{name}' has a list of tokens in which one is no whole number.", name);
        }

        return tokens;
    }
}
