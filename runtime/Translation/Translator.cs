using GptGen.Distributed;
using GptGen.Generation;
using GptGen.Text;

namespace GptGen.Translation;

/// <summary>
/// Translates with a model that was trained on pairs of texts: the most probable translations by beam search, greedy with one beam. What is found for
/// a text does not depend on the others that it is translated with.
/// </summary>
public abstract class Translator
{
    /// <summary>Sources searched at once, by default.</summary>
    public const int DefaultBatch = 16;

    private readonly ModelDescription description;

    /// <summary>Remembers model and tokenizer.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <exception cref="GptGenException">The tokenizer has more tokens than the model, or none that ends texts.</exception>
    private protected Translator(Model model, Tokenizer tokenizer) =>
        (description, Tokenizer, EndOfText) = (model.Description, tokenizer.RequireFit(model.Description), PairData.RequireEnd(tokenizer));

    /// <summary>The token that ends sources and translations.</summary>
    private protected int EndOfText { get; }

    /// <summary>The tokenizer.</summary>
    private protected Tokenizer Tokenizer { get; }

    /// <summary>The most tokens of a source: what ends it must fit too.</summary>
    public int MostSourceTokens => MostTokens(description);

    /// <summary>A translator that works with a model of any kind that can be trained on pairs.</summary>
    /// <param name="model">The model, trained so.</param>
    /// <param name="tokenizer">The tokenizer that it was trained with.</param>
    /// <exception cref="GptGenException">
    /// The model is of another kind, or the tokenizer has more tokens than the model or none that ends texts.
    /// </exception>
    public static Translator Create(Model model, Tokenizer tokenizer) => model switch
    {
        LanguageModel language => new LanguageTranslator(language, tokenizer),
        TranslationModel translation => new PairTranslator(translation, tokenizer),
        _ => throw new GptGenException($"{model.Description.Name} writes no texts: translate with a GPT or an encoder-decoder model."),
    };

    /// <summary>The most tokens of a source that a model reads.</summary>
    internal static int MostTokens(ModelDescription model) => model.Context - 1;

    /// <summary>The graph that a search takes.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">How to search.</param>
    /// <param name="sources">Sources searched at once.</param>
    /// <param name="tokens">The most tokens of a source.</param>
    public static InferenceSize SizeFor(ModelDescription model, BeamOptions options, int sources, int tokens)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        // What no integer counts fits no memory either.
        static int Product(int a, int b) => (int)Math.Min(int.MaxValue, (long)a * b);
        var (slots, read) = (Product(sources, options.Beams), Math.Min(model.Context, tokens + 1));
        // The last token is read by nobody and needs no position.
        return model.StartToken is null
            ? new(slots, (int)Math.Min(model.Context, read + options.Tokens - 1L), Product(sources, read), slots)
            : new(slots, Math.Min(model.Context, options.Tokens), 0, 0) { Sources = sources, SourceLength = read };
    }

    /// <summary>The best translations of each source, best first.</summary>
    /// <param name="sources">The sources.</param>
    /// <param name="options">How to search; a translation has at most as many tokens as the model's context has room for.</param>
    /// <param name="batch">Sources searched at once.</param>
    /// <param name="progress">Told how many sources are done.</param>
    /// <param name="cancellation">Ends the work between two tokens.</param>
    /// <exception cref="GptGenException">An option is out of range, or a source is empty or too long; the message counts it from 1.</exception>
    /// <exception cref="OperationCanceledException">The token asked to stop.</exception>
    public IReadOnlyList<IReadOnlyList<BeamText>> Translate(
        IReadOnlyList<string> sources, BeamOptions options, int batch = DefaultBatch, Action<int>? progress = null,
        CancellationToken cancellation = default) => Translate(sources, options, batch, others: null, progress, cancellation);

    /// <summary>The same by several processes, which divide the batches; what is found does not depend on their number.</summary>
    internal IReadOnlyList<IReadOnlyList<BeamText>> Translate(
        IReadOnlyList<string> sources, BeamOptions options, int batch, Communicator? others, Action<int>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(sources);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        options.Validate();
        var encoded = new int[sources.Count][];
        for (var index = 0; index < encoded.Length; index++)
            encoded[index] = Encode(sources[index], index);
        var found = new IReadOnlyList<BeamText>[sources.Count];
        if (found.Length == 0)
            return found;
        using var search = Open(options, Math.Min(batch, encoded.Length), encoded.Max(static source => source.Length));
        var done = 0;
        // Similar lengths together, so that little is padding.
        var pieces = Enumerable.Range(0, encoded.Length).OrderBy(index => encoded[index].Length).Chunk(batch);
        var width = BeamNumbers.Width(Math.Min(batch, encoded.Length), options.Best, Math.Min(options.Tokens, description.Context));
        foreach (var (indexes, numbers) in DividedWork.Of(others, pieces, width, Find, cancellation))
        {
            var texts = BeamNumbers.Read(numbers.Span, indexes.Length);
            for (var index = 0; index < indexes.Length; index++)
                found[indexes[index]] = Array.ConvertAll(texts[index], text => BeamText.Of(text, Tokenizer));
            done += indexes.Length;
        }

        return found;

        void Find(int[] indexes, Span<double> own)
        {
            progress?.Invoke(done);
            BeamNumbers.Write(search.Find(Array.ConvertAll(indexes, index => encoded[index]), cancellation), own);
        }
    }

    /// <summary>A graph with room for some sources of some tokens at once, and what searches with it.</summary>
    private protected abstract Search Open(BeamOptions options, int sources, int tokens);

    private int[] Encode(string source, int index)
    {
        var tokens = Tokenizer.Encode(source);
        return tokens.Length == 0 ? throw new GptGenException($"Text {index + 1} to translate is empty: leave it out.")
            : tokens.Length <= MostSourceTokens ? tokens
            : throw new GptGenException(
                $"Text {index + 1} to translate has {tokens.Length} tokens, but the model reads {MostSourceTokens}: cut it into sentences.");
    }

    /// <summary>Searches with one graph.</summary>
    private protected abstract class Search : IDisposable
    {
        /// <summary>The best translations of some sources without the tokens that end them.</summary>
        public abstract BeamHypothesis[][] Find(int[][] sources, CancellationToken cancellation);

        /// <summary>Frees the graph.</summary>
        public abstract void Dispose();
    }
}
