using System.Text;
using GptGen.Text;

namespace GptGen.Translation;

/// <summary>Pairs of texts as tokens.</summary>
public sealed class PairData
{
    // Sources are told apart by their hash's remainder.
    private const int Parts = 20;
    private const int ValidationPart = 0;
    private const int TestPart = 1;

    private readonly IReadOnlyList<TextPair> texts;

    private PairData(IReadOnlyList<TextPair> texts, IReadOnlyList<EncodedPair> pairs, int endOfText)
    {
        (this.texts, Pairs, EndOfText) = (texts, pairs, endOfText);
        TokenCount = pairs.Sum(static pair => (long)pair.Source.Length + pair.Target.Length);
    }

    /// <summary>The pairs.</summary>
    public IReadOnlyList<EncodedPair> Pairs { get; }

    /// <summary>The pairs as they were read.</summary>
    public IReadOnlyList<TextPair> Texts => texts;

    /// <summary>The token that ends sources and targets.</summary>
    public int EndOfText { get; }

    /// <summary>Tokens of all sources and targets, without those that end them.</summary>
    public long TokenCount { get; }

    /// <summary>Encodes pairs.</summary>
    /// <param name="pairs">The pairs.</param>
    /// <param name="tokenizer">A tokenizer with a token that ends texts.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="GptGenException">The tokenizer has no such token.</exception>
    /// <exception cref="OperationCanceledException">The token asked to stop.</exception>
    public static PairData Encode(IReadOnlyList<TextPair> pairs, Tokenizer tokenizer, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        ArgumentNullException.ThrowIfNull(tokenizer);
        var end = RequireEnd(tokenizer);
        var (source, target) = (tokenizer.NewSession(), tokenizer.Targets.NewSession());
        var tokens = new List<int>();
        int[] Encode(string text, AddedTokens.SectionEncoder encode)
        {
            tokens.Clear();
            encode(Encoding.UTF8.GetBytes(text), tokens);
            return [.. tokens];
        }

        var encoded = new EncodedPair[pairs.Count];
        for (var index = 0; index < encoded.Length; index++)
        {
            cancellation.ThrowIfCancellationRequested();
            encoded[index] = new(Encode(pairs[index].Source, source), Encode(pairs[index].Target, target));
        }

        return new(pairs, encoded, end);
    }

    /// <summary>The token that ends texts.</summary>
    /// <exception cref="GptGenException">The tokenizer has none.</exception>
    internal static int RequireEnd(Tokenizer tokenizer) => tokenizer.EndOfText ?? throw new GptGenException(
        $"The vocabulary '{MessageText.Shorten(tokenizer.Name)}' has no token that ends texts, by which a source is told from its target: "
        + "choose another tokenizer, such as one that BytePairTrainer.Train learns from the pairs.");

    /// <summary>
    /// Every twentieth source to validate on, chosen by the text alone: more pairs do not change which, and one source's pairs stay together.
    /// </summary>
    /// <exception cref="GptGenException">There are so few pairs that one of the two has none.</exception>
    public (PairData Training, PairData Validation) Split()
    {
        var held = Enumerable.Range(0, Pairs.Count).ToLookup(index => PartOf(texts[index].Source) == ValidationPart);
        return held[true].Any() && held[false].Any()
            ? (Of(held[false]), Of(held[true]))
            : throw new GptGenException(
                $"{Pairs.Count} pairs are too few to set every twentieth source aside to validate on: give more, a few hundred at least.");
    }

    /// <summary>Whether a source is one of every twentieth that may be set aside for tests, of which none is one to validate on.</summary>
    internal static bool IsForTests(string source) => PartOf(source) == TestPart;

    /// <summary>The pairs that fit something.</summary>
    internal PairData Where(Func<EncodedPair, bool> fits) => Of(Enumerable.Range(0, Pairs.Count).Where(index => fits(Pairs[index])));

    private static int PartOf(string source) => (int)(SdkLocator.Hash(source) % Parts);

    private PairData Of(IEnumerable<int> indexes)
    {
        var chosen = indexes.ToList();
        return new([.. chosen.Select(index => texts[index])], [.. chosen.Select(index => Pairs[index])], EndOfText);
    }
}
