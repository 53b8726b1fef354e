using System.Text;

namespace GptGen.Text;

/// <summary>
/// GPT-1's byte-pair encoding (Radford et al. 2018, "Improving Language Understanding by Generative Pre-Training", section 4.1): text in lower case
/// is cut into words (lower case, no accents), whose characters are merged; the last symbol of a word carries <c>&lt;/w&gt;</c>, which stands for a
/// space when text is written. A character that the vocabulary lacks is <c>&lt;unk&gt;</c>. What a text loses on the way (case, accents, which white
/// space) does not come back.
/// </summary>
public sealed class Gpt1Tokenizer : WordTokenizer
{
    internal const string WordEnd = "</w>";
    internal const string Unknown = "<unk>";

    private readonly TokenNumbers _numbers;
    private readonly int _unknown;

    internal Gpt1Tokenizer(string name, TokenizerDefinition definition, string?[] names)
        : base(name, definition, Array.ConvertAll(names, BytesOf), WordRules.Uncased)
    {
        _numbers = definition.Numbers;
        (Names, Merges, Added) = (names, definition.Merges!.Table, definition.Added);
        _unknown = _numbers.TryGet(Unknown, out var unknown)
            ? unknown
            : throw new GptGenException($"'{definition.Source}' has no token '{Unknown}', so not every text could be encoded: use GPT-1's files.");
    }

    /// <summary>The name of each number, null where a number stands for nothing.</summary>
    internal IReadOnlyList<string?> Names { get; }

    /// <summary>What two neighbours merge into.</summary>
    internal MergeTable Merges { get; }

    /// <summary>The tokens that are found by their names in prompts.</summary>
    internal IReadOnlyCollection<AddedToken> Added { get; }

    /// <summary>
    /// Reads a vocabulary as OpenAI stores it, <c>encoder_bpe_40000.json</c> and <c>vocab_40000.bpe</c>, or as Hugging Face does (<c>openai-gpt</c>),
    /// <c>tokenizer.json</c> or <c>vocab.json</c> and <c>merges.txt</c>.
    /// </summary>
    /// <param name="folder">The folder with the files.</param>
    /// <exception cref="GptGenException">A file is missing or damaged, or the vocabulary has no <c>&lt;unk&gt;</c>.</exception>
    public static Gpt1Tokenizer FromFolder(string folder) => TokenizerFolder.Look(folder).Open(note: null) as Gpt1Tokenizer
        ?? throw new GptGenException($"The tokenizer in '{folder}' is a byte-level one, not GPT-1's: open it as such.");

    /// <summary>The text of tokens, without the space that stands for the end of the last word.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <exception cref="GptGenException">The vocabulary lacks one of the tokens.</exception>
    public override string Decode(ReadOnlySpan<int> tokens)
    {
        var text = base.Decode(tokens);
        return text.EndsWith(' ') ? text[..^1] : text;
    }

    private protected override WordEncoder NewEncoder()
    {
        var merger = new BytePairMerger(Merges);
        return (word, tokens) => merger.Encode(Symbols(word), tokens);
    }

    private static byte[] BytesOf(string? token) => token is null
        ? []
        : Encoding.UTF8.GetBytes(token.EndsWith(WordEnd, StringComparison.Ordinal) ? token[..^WordEnd.Length] + " " : token);

    private int[] Symbols(string word)
    {
        var symbols = word.EnumerateRunes().Select(static rune => rune.ToString()).ToArray();
        symbols[^1] += WordEnd;
        return Array.ConvertAll(symbols, symbol => _numbers.Find(symbol, _unknown));
    }
}
