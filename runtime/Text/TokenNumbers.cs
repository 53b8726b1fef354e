using System.Text.Json;

namespace GptGen.Text;

/// <summary>
/// The numbers of a vocabulary's tokens, in both directions. Numbers may have gaps, as where tokens were added behind others; each belongs to one
/// token.
/// </summary>
internal sealed class TokenNumbers
{
    /// <summary>The most numbers that may stand for nothing: a table of tokens costs memory by its largest number, not by its file's size.</summary>
    private const int MostUnused = 1_000_000;

    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);

    /// <summary>How many tokens there are; numbers may go further.</summary>
    public int Count => _numbers.Count;

    /// <summary>The names.</summary>
    public IReadOnlyCollection<string> All => _numbers.Keys;

    /// <summary>The number of a name, or a value for names that are no tokens.</summary>
    public int Find(string name, int otherwise) => _numbers.GetValueOrDefault(name, otherwise);

    /// <summary>The number of a name, if it is a token.</summary>
    public bool TryGet(string name, out int number) => _numbers.TryGetValue(name, out number);

    /// <summary>Reads an object from names to numbers.</summary>
    /// <exception cref="GptGenException">It is none, a name comes twice, or a number is none.</exception>
    public static TokenNumbers Read(JsonElement vocabulary, string source)
    {
        var tokens = new TokenNumbers();
        if (vocabulary.ValueKind != JsonValueKind.Object)
            throw new GptGenException($"'{source}': the vocabulary is no JSON object from token names to numbers: export it again.");
        foreach (var entry in vocabulary.EnumerateObject())
        {
            if (entry.Value.ValueKind != JsonValueKind.Number || !entry.Value.TryGetInt32(out var number) || number < 0)
            {
                throw new GptGenException(
                    $"'{source}': token '{MessageText.Shorten(entry.Name)}' has the number {MessageText.Shorten(entry.Value.GetRawText())}, "
                    + "but a token's number is whole and not below 0: give it the next free one, or download the file again.");
            }

            if (!tokens._numbers.TryAdd(entry.Name, number))
            {
                throw new GptGenException(
                    $"'{source}' has the token '{MessageText.Shorten(entry.Name)}' twice: remove one, or download the file again.");
            }
        }

        return tokens;
    }

    /// <summary>Adds a token that other files than the vocabulary name.</summary>
    /// <exception cref="GptGenException">It has another number already.</exception>
    public void Add(string name, int number, string source)
    {
        if (!_numbers.TryAdd(name, number) && _numbers[name] != number)
        {
            throw new GptGenException(
                $"'{source}' gives '{MessageText.Shorten(name)}' the number {number}, but the vocabulary says {_numbers[name]}: "
                + "download the folder again.");
        }
    }

    /// <summary>The name of each number, null where a number stands for nothing.</summary>
    /// <exception cref="GptGenException">Two names share a number, or a number is far beyond the others.</exception>
    public string?[] ToNames(string source)
    {
        var largest = _numbers.Count > 0 ? _numbers.MaxBy(static token => token.Value) : new("", -1);
        if (largest.Value >= _numbers.Count + MostUnused)
        {
            throw new GptGenException(
                $"'{source}': token '{MessageText.Shorten(largest.Key)}' has the number {largest.Value}, "
                + $"but there are only {_numbers.Count} tokens: give it the number {_numbers.Count}.");
        }

        var names = new string?[largest.Value + 1];
        foreach (var (name, number) in _numbers)
        {
            if (names[number] is { } other)
            {
                throw new GptGenException(
                    $"'{source}': the tokens '{MessageText.Shorten(other)}' and '{MessageText.Shorten(name)}' both have the number {number}: "
                    + "give each its own, or download the file again.");
            }

            names[number] = name;
        }

        return names;
    }
}
