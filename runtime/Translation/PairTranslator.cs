using GptGen.Generation;
using GptGen.Text;

namespace GptGen.Translation;

/// <summary>Translates with an encoder-decoder.</summary>
internal sealed class PairTranslator(TranslationModel model, Tokenizer tokenizer) : Translator(model, tokenizer)
{
    /// <summary>
    /// Refuses to train on a vocabulary in which the token that begins translations is an ordinary one, since it is never written.
    /// </summary>
    /// <exception cref="GptGenException">It is.</exception>
    internal static void RequireFreeStart(ModelDescription model, Tokenizer tokenizer)
    {
        if (model.StartToken is { } start && start < tokenizer.VocabularySize && !tokenizer.IsMark(start))
        {
            throw new GptGenException(
                $"{model.Name} begins translations with token {start}, which is an ordinary one of the vocabulary "
                + $"'{MessageText.Shorten(tokenizer.Name)}': choose a tokenizer with a smaller vocabulary, or a class with another StartToken.");
        }
    }

    private protected override Search Open(BeamOptions options, int sources, int tokens)
    {
        var size = SizeFor(model.Description, options, sources, tokens);
        // What begins translations is padding in published models, which never writes it.
        var start = model.Description.StartToken!.Value;
        var search = start == EndOfText ? options : options with { Forbidden = [.. options.Forbidden, start] };
        return new GraphSearch(
            this, search, model.CreateInference(size.Slots, size.Capacity, size.Sources, size.SourceLength));
    }

    private sealed class GraphSearch(PairTranslator translator, BeamOptions options, TranslationInferenceGraph graph) : Search
    {
        private readonly BeamSearch search = new(graph, options, translator.EndOfText, translator.Tokenizer.VocabularySize);

        public override BeamHypothesis[][] Find(int[][] sources, CancellationToken cancellation)
        {
            var length = sources.Max(static source => source.Length) + 1;
            var tokens = new int[sources.Length * length];
            tokens.AsSpan().Fill(translator.EndOfText);
            for (var index = 0; index < sources.Length; index++)
                sources[index].CopyTo(tokens, index * length);
            graph.Prefill(
                length, tokens, [.. sources.Select(static source => source.Length + 1)],
                [.. Enumerable.Range(0, sources.Length).Select(index => index * options.Beams)]);
            var positions = new int[sources.Length];
            positions.AsSpan().Fill(1);
            return search.Run(positions, cancellation);
        }

        public override void Dispose() => graph.Dispose();
    }
}
