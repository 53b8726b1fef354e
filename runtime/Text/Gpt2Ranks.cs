using System.Text;
using SharpToken;

namespace GptGen.Text;

/// <summary>
/// GPT-2's vocabulary from the list that the SharpToken package carries as a resource: one token a line, its bytes in base64 and its rank.
/// Only the data is taken from there; the package's encoder neither reveals a token's bytes nor keeps invalid text.
/// </summary>
internal static class Gpt2Ranks
{
    private const string Resource = "SharpToken.data.r50k_base.tiktoken";

    public static BytePairVocabulary Load()
    {
        using var stream = typeof(GptEncoding).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"The SharpToken package has no resource {Resource}.");
        using var reader = new StreamReader(stream);
        var tokens = new List<byte[]>();
        while (reader.ReadLine() is { Length: > 0 } line)
        {
            // Ranks count up from 0 without a gap, so the line's number is the rank and the token.
            tokens.Add(Convert.FromBase64String(line[..line.IndexOf(' ')]));
        }

        var merges = AllMerges(tokens);
        tokens.Add(Encoding.UTF8.GetBytes(BytePairTokenizer.EndOfTextName));
        return new BytePairVocabulary([.. tokens], merges, new AddedToken(BytePairTokenizer.EndOfTextName, tokens.Count - 1), Resource);
    }

    /// <summary>In such a list any two neighbours whose bytes together form a token merge into it, in the order of the tokens.</summary>
    private static MergeTable AllMerges(List<byte[]> tokens)
    {
        // Latin-1 gives each byte a character of its own, and strings can be looked up by a slice.
        var names = tokens.ConvertAll(Encoding.Latin1.GetString);
        var numbers = new Dictionary<string, int>(names.Count, StringComparer.Ordinal);
        for (var token = 0; token < names.Count; token++)
            numbers.Add(names[token], token);

        var lookup = numbers.GetAlternateLookup<ReadOnlySpan<char>>();
        var merges = new MergeTable(3 * names.Count);
        for (var token = 0; token < names.Count; token++)
        {
            ReadOnlySpan<char> name = names[token];
            for (var cut = 1; cut < name.Length; cut++)
            {
                if (lookup.TryGetValue(name[..cut], out var left) && lookup.TryGetValue(name[cut..], out var right))
                    merges.TryAdd(left, right, new(token, token));
            }
        }

        return merges;
    }
}
