using System.Text;
using System.Text.Unicode;
using GptGen.Text;

namespace GptGen.AspNetCore;

/// <summary>How a token is shown by itself.</summary>
internal static class TokenText
{
    /// <summary>Its text or, where it is no whole characters, its bytes as OpenAI writes them: <c>bytes:\xe2\x82</c>.</summary>
    public static string Of(Tokenizer tokenizer, int token)
    {
        var bytes = tokenizer.Bytes(token);
        if (Utf8.IsValid(bytes))
            return Encoding.UTF8.GetString(bytes);
        var text = new StringBuilder("bytes:");
        foreach (var value in bytes)
            text.Append($"\\x{value:x2}");
        return text.ToString();
    }

    /// <summary>Its bytes as numbers.</summary>
    public static int[] Bytes(Tokenizer tokenizer, int token)
    {
        var bytes = tokenizer.Bytes(token);
        var numbers = new int[bytes.Length];
        for (var index = 0; index < numbers.Length; index++)
            numbers[index] = bytes[index];
        return numbers;
    }

    /// <summary>The text of a special token's name; null where there is none.</summary>
    public static string? Name(Tokenizer tokenizer, int? token) => token is { } known ? Of(tokenizer, known) : null;
}
