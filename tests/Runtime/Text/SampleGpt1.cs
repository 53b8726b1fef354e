using GptGen.Text;

namespace GptGen.Runtime.Tests.Text;

/// <summary>Small vocabularies of GPT-1's kind, learned from texts.</summary>
internal static class SampleGpt1
{
    /// <summary>Writes the two files of a vocabulary that has the characters of the texts' words and what merges most often.</summary>
    public static void Write(TemporaryFolder folder, string name, string text, int count)
    {
        List<List<string>> words =
        [
            .. BasicWords.Of(text, WordRules.Uncased).Select(static word =>
            {
                List<string> symbols = [.. word.EnumerateRunes().Select(static rune => rune.ToString())];
                symbols[^1] += Gpt1Tokenizer.WordEnd;
                return symbols;
            }),
        ];
        List<string> names = ["<unk>", .. words.SelectMany(static word => word).Distinct().Order(StringComparer.Ordinal)];
        var merges = new List<string>();
        while (merges.Count < count)
        {
            var (left, right) = words.SelectMany(static word => word.Zip(word.Skip(1))).CountBy(static pair => pair)
                .OrderByDescending(static pair => pair.Value).ThenBy(static pair => $"{pair.Key}", StringComparer.Ordinal).First().Key;
            merges.Add($"{left} {right}");
            if (!names.Contains(left + right))
                names.Add(left + right);
            foreach (var word in words)
            {
                for (var at = 0; at + 1 < word.Count; at++)
                {
                    if (word[at] != left || word[at + 1] != right)
                        continue;
                    word[at] += right;
                    word.RemoveAt(at + 1);
                }
            }
        }

        var numbers = names.Select(static (token, number) => KeyValuePair.Create(token, number)).ToDictionary();
        folder.Write($"{name}/vocab.json", SampleVocabulary.Json(numbers));
        folder.Write($"{name}/merges.txt", "#version: 0.2\n" + string.Join('\n', merges) + "\n");
    }
}
