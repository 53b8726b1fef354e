using System.Text;

namespace GptGen.Runtime.Tests.Text;

internal static class SampleTexts
{
    private static readonly string[] s_fragments =
    [
        "the", " quick", "don't", "I'll we've they're it'd I'm she's", "'S 'RE", "123", " 4567", "½²Ⅷ", "  ", "\n\n", "\r\n\t", " \u00a0",
        "\u0085\u2003\u3000",
        "\u00e9t\u00e9", "e\u0301", "中文字符", "日本 語", "привет", "עברית", "हिन्दी", "😀", "👩‍👩‍👧‍👦", "🇩🇪", "!?", "...",
        "<|endoftext|>", "\0\u0001", "\ufeff", "a", "'", "_x_", "}{",
    ];

    /// <summary>Text of words, numbers, white space and symbols of many scripts, always the same for a seed.</summary>
    public static string Mixed(int seed, int fragments)
    {
        var random = new Random(seed);
        var text = new StringBuilder();
        for (var i = 0; i < fragments; i++)
            text.Append(s_fragments[random.Next(s_fragments.Length)]);
        return text.ToString();
    }

    /// <summary>Any Unicode scalar values.</summary>
    public static string AnyRunes(int seed, int runes)
    {
        var random = new Random(seed);
        var text = new StringBuilder();
        for (var i = 0; i < runes; i++)
        {
            int value;
            do
                value = random.Next(random.Next(4) switch { 0 => 0x80, 1 => 0x800, 2 => 0x10000, _ => 0x110000 });
            while (!Rune.IsValid(value));
            text.Append(new Rune(value));
        }

        return text.ToString();
    }
}
