using GptGen.Runtime.Tests.Text;

namespace GptGen.MiniLm.Tests;

/// <summary>Two hundred texts of every kind, always the same.</summary>
internal static class Sentences
{
    private static readonly string[] s_written =
    [
        "", " ", "\t\r\n", "a", ".", "?!", "0", "The", "[CLS]", "[MASK] [SEP] [PAD]",
        "A man is eating food.", "Someone is having a meal.", "A man is riding a white horse on an enclosed ground.",
        "Two dogs run through the snow.",
        "The quick brown fox jumps over the lazy dog.", "THE QUICK BROWN FOX JUMPS OVER THE LAZY DOG.",
        "tHe QuIcK bRoWn FoX jUmPs OvEr ThE lAzY dOg.", "How do I open a file for reading in C#?", "Opens an existing file for reading.",
        "Returns the absolute value of a decimal number.", "What is the capital of France?", "Paris is the capital and largest city of France.",
        "The mitochondrion is the powerhouse of the cell.", "Interest rates were raised by a quarter of a percentage point.",
        "She said: \"I don't know - perhaps it's over; we'll see...\"",
        "Antidisestablishmentarianism, floccinaucinihilipilification and pneumonoultramicroscopicsilicovolcanoconiosis",
        "e.g. 3.14159, 0xFF, 1,000,000 and 50%", "−2e-7 ≈ 0 qz",
        "https://example.org/a/b?c=d&e=f#g", "user.name+tag@example.org", "if (x < 0 && y >= 1) { return ~(x ^ y) | z[0]; } // why?",
        "snake_case camelCase PascalCase kebab-case",
        "Café Müller, naïve façade, São Paulo, Ångström, Øresund, Łódź, Dvořák",
        "CAFÉ MÜLLER, NAÏVE FAÇADE, SÃO PAULO, ÅNGSTRÖM, ØRESUND, ŁÓDŹ, DVOŘÁK",
        "e\u0301t\u00E9 and \u00E9te\u0301: one letter or two", "İstanbul'da hava çok güzel, değil mi?", "Der Fluß fließt; STRASSE, Straße, ẞ.",
        "ﬁne ﬂow oﬃce Ⅷ ½ ²", "これは日本語の文章です。", "私は猫が好きです", "ひらがなとカタカナとガギグ", "今天天气很好,我们去公园散步吧。", "中文 and English 混合 in one 句子", "한국어 문장을 하나 써 보겠습니다.",
        "Сегодня хорошая погода, и мы идём гулять.", "Η γρήγορη καφέ αλεπού πηδάει ΣΊΣΥΦΟΣ.", "اليوم الطقس جميل جدا", "היום מזג האוויר נפלא",
        "आज मौसम बहुत अच्छा है", "วันนี้อากาศดีมาก", "Xin chào, hôm nay trời đẹp quá!",
        "😀", "I love pizza 🍕 and code 💻!", "👩‍👩‍👧‍👦 family 🇩🇪 flag 👍🏽 tone", "🎉🎉🎉", "Great!!!! 😂😂 5/5 ⭐⭐⭐⭐⭐", "♥ ♦ ♣ ♠ ← → ↔ ∑ ∫ √ ≠ ≤ €  £ ¥ © ® ™",
        "zero\0byte and bell\u0007 and escape\u001B[0m", "soft\u00ADhyphen zero\u200Bwidth \u200Ejoined\u200D \uFEFFmark",
        "no\u00A0break\u2003em\u3000ideographic spaces", "replacement \uFFFD character and a private \uE000 one",
        "tab\tand\nline\r\nends\u2028and\u2029others\u0085too", "“curly quotes” — dashes – and… ‘apostrophes’ ’s",
        "«guillemets» ¿preguntas? ¡exclamaciones! „unten“", "?!?!?!...---***///", "((([[[{{{<<<>>>}}}]]])))",
        new string('a', 100), new string('b', 101), new string('-', 80), string.Concat(Enumerable.Repeat("ab ", 60)),
        string.Concat(Enumerable.Repeat("the ", 255)), string.Concat(Enumerable.Repeat("the ", 510)),
        string.Concat(Enumerable.Repeat("word😀é中 ", 120)),
        string.Concat(Enumerable.Repeat("Long sentences are cut where the model's positions end. ", 60)),
    ];

    private static readonly string[] s_subjects =
    [
        "the old farmer", "A young scientist", "My sister", "The committee", "every second customer", "Nobody here", "This compiler",
        "the garbage collector", "An unusually large elephant", "The orchestra", "our neighbour's cat", "The Bank of England", "a retired astronaut",
        "The method",
    ];

    private static readonly string[] s_verbs =
    [
        "carefully examined", "bought", "refuses to discuss", "has never seen", "returns", "will probably allocate", "threw away", "is painting",
        "misunderstood", "published", "translated", "recommends",
    ];

    private static readonly string[] s_objects =
    [
        "the broken bicycle", "a list of 42 strings", "the quarterly report", "an empty collection", "two tickets to Vienna",
        "the theory of evolution", "a buffer of bytes", "Beethoven's ninth symphony",
        "the price of gold", "some strawberries", "a null reference", "the weather forecast", "an unfinished novel",
    ];

    private static readonly string[] s_ends =
    [
        ".", " in the morning.", ", which surprised everyone!", " - or so they say.", " before 10:30 a.m.", "; then it rained.", "?",
        " (see page 7).", " without asking for permission.", " because of the noise.",
        ", and that was that.", " in 1989.",
    ];

    /// <summary>The texts.</summary>
    public static IReadOnlyList<string> All { get; } = [.. s_written, .. Enumerable.Range(0, 200 - s_written.Length).Select(Made)];

    /// <summary>A text that a seed makes: mostly sentences, some of several, some of mixed scripts or any characters.</summary>
    private static string Made(int seed)
    {
        var random = new Random(seed);
        return (seed % 8) switch
        {
            6 => SampleTexts.Mixed(seed, 30),
            7 => SampleTexts.AnyRunes(seed, 30),
            5 => string.Join(' ', Enumerable.Range(0, random.Next(2, seed % 3 == 2 ? 30 : 6)).Select(_ => Sentence(random))),
            _ => Sentence(random),
        };
    }

    private static string Sentence(Random random)
    {
        return $"{Any(s_subjects)} {Any(s_verbs)} {Any(s_objects)}{Any(s_ends)}";

        string Any(string[] choices) => choices[random.Next(choices.Length)];
    }
}
