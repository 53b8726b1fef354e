using GptGen.Generation;
using GptGen.Text;

namespace GptGen.Translation;

/// <summary>Translates with a language model: after a source and the token that ends it the model writes the translation.</summary>
internal sealed class LanguageTranslator(LanguageModel model, Tokenizer tokenizer) : Translator(model, tokenizer)
{
    private protected override Search Open(BeamOptions options, int sources, int tokens)
    {
        var size = SizeFor(model.Description, options, sources, tokens);
        return new GraphSearch(this, options, model.CreateInference(size.Slots, size.Capacity, size.PrefillRows, size.LogitRows));
    }

    private sealed class GraphSearch(LanguageTranslator translator, BeamOptions options, InferenceGraph graph) : Search
    {
        private readonly BeamSearch search = new(graph, options, translator.EndOfText, translator.Tokenizer.VocabularySize);

        public override BeamHypothesis[][] Find(int[][] sources, CancellationToken cancellation)
        {
            var length = sources.Max(static source => source.Length) + 1;
            var prompts = new int[sources.Length * length];
            var lengths = new int[sources.Length];
            prompts.AsSpan().Fill(translator.EndOfText);
            for (var index = 0; index < sources.Length; index++)
            {
                sources[index].CopyTo(prompts, index * length);
                lengths[index] = sources[index].Length + 1;
            }

            graph.Prefill(length, prompts, lengths, [.. Enumerable.Range(0, sources.Length).Select(index => index * options.Beams)]);
            return search.Run(lengths, cancellation);
        }

        public override void Dispose() => graph.Dispose();
    }
}
