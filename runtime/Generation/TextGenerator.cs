using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GptGen.Sampling;
using GptGen.Text;

namespace GptGen.Generation;

/// <summary>A generated token of one sample, with the text that it completes.</summary>
/// <param name="Sample">Which sample.</param>
/// <param name="Text">The text; never half a character, and so sometimes none, as for the token that ends a text.</param>
/// <param name="Token">The token.</param>
/// <param name="LogProbability">
/// The natural logarithm of the probability that the model gives to the token after those before it, whatever temperature, filters and penalties the
/// draw had; null unless <see cref="GenerationOptions.LogProbabilities"/> asks for it.
/// </param>
public readonly record struct GeneratedText(int Sample, string Text, int Token, double? LogProbability);

/// <summary>
/// Writes text with a model. Weights are only read, so any number of generators may serve one model at once. When a window is full, its last
/// half is kept and read anew; a model with a memory has no window, and each token costs the same however long the text is.
/// </summary>
public sealed partial class TextGenerator(TextModel model, Tokenizer tokenizer)
{
    /// <summary>The model.</summary>
    public TextModel Model { get; } = model;

    /// <summary>The tokenizer.</summary>
    public Tokenizer Tokenizer { get; } = tokenizer.RequireFit(model.Description);

    /// <summary>Rows of a memory, of models that have one; as many as the model can unless set.</summary>
    public int? MemoryLength { get; init; }

    /// <summary>Whether texts begin behind a whole memory of zeros, as Hugging Face's models do; of models that have one.</summary>
    public bool BeginsWithZeros { get; init; }

    /// <summary>The inference graph that some samples need.</summary>
    /// <param name="model">The model.</param>
    /// <param name="samples">How many.</param>
    /// <param name="memoryLength">Rows of a memory, of models that have one; as many as the model can unless given.</param>
    public static InferenceSize SizeFor(ModelDescription model, int samples, int? memoryLength = null) =>
        model.Distances == 0
            ? new(samples, model.Context, model.Context, samples)
            : SegmentInferenceGraph.SizeFor(model, samples, (memoryLength ?? model.MemoryLength) + 1);

    /// <summary>One sample's text as it appears.</summary>
    /// <exception cref="GptGenException">An option is out of range.</exception>
    public IAsyncEnumerable<string> GenerateAsync(string prompt, GenerationOptions? options = null, CancellationToken cancellation = default) =>
        GenerateAsync(Tokenizer.EncodePrompt(prompt), options, cancellation);

    /// <summary>One sample's text as it appears, after a prompt in tokens.</summary>
    /// <exception cref="GptGenException">An option is out of range, or the prompt is longer than the context.</exception>
    public async IAsyncEnumerable<string> GenerateAsync(
        int[] prompt, GenerationOptions? options = null, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        options = (options ?? new()) with { Samples = 1 };
        using var pieces = Generate(prompt, options, cancellation).GetEnumerator();
        while (await Task.Run(pieces.MoveNext, cancellation).ConfigureAwait(false))
        {
            if (pieces.Current.Text.Length > 0)
                yield return pieces.Current.Text;
        }
    }

    /// <summary>All samples' text as it appears, a decoding step of the whole batch after the other.</summary>
    /// <exception cref="GptGenException">An option is out of range, or the prompt is longer than the context.</exception>
    public IEnumerable<GeneratedText> Generate(string prompt, GenerationOptions options, CancellationToken cancellation = default) =>
        Generate(Tokenizer.EncodePrompt(prompt), options, cancellation);

    /// <summary>The same after a prompt in tokens.</summary>
    /// <exception cref="GptGenException">An option is out of range, or the prompt is longer than the context.</exception>
    public IEnumerable<GeneratedText> Generate(int[] prompt, GenerationOptions options, CancellationToken cancellation = default)
    {
        options.Validate();
        return Continue(Start(prompt), options, 0, options.Samples, cancellation);
    }

    /// <summary>Some of the samples, from the first one's number on.</summary>
    private IEnumerable<GeneratedText> Continue(int[] start, GenerationOptions options, int first, int count, CancellationToken cancellation)
    {
        var description = Model.Description;
        using var graph = CreateInference(count, cancellation);
        var context = graph.IsEndless ? int.MaxValue : description.Context;
        var (draws, drawn, inputs) = (new TokenDraw[count], new int[count], new int[3 * count]);
        var logits = options.LogProbabilities ? new float[description.Vocabulary] : null;
        var sequences = Enumerable.Range(0, count).Select(slot => new Sequence(slot, first + slot, start, options, Tokenizer, context)).ToList();
        while (sequences.Count > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            var decoding = sequences.FindAll(static sequence => !sequence.NeedsPrefill);
            var prompted = sequences.Find(static sequence => !sequence.IsCached);
            foreach (var sequence in sequences.Where(static sequence => sequence.NeedsPrefill))
            {
                // All samples begin with the same prompt, whose keys, values and logits the first one's prefill leaves.
                if (prompted is null || sequence == prompted)
                    sequence.Prefill(graph);
                else
                    sequence.CopyPrompt(graph, prompted.Slot);
                Draw(graph, [sequence], draws, drawn);
                yield return Piece(sequence, 0);
            }

            if (decoding.Count > 0)
            {
                Decode(graph, decoding, inputs);
                Draw(graph, decoding, draws, drawn);
            }

            for (var row = 0; row < decoding.Count; row++)
                yield return Piece(decoding[row], row);
            sequences.RemoveAll(static sequence => sequence.IsFinished);
        }

        GeneratedText Piece(Sequence sequence, int row) =>
            new(sequence.Sample, sequence.Append(drawn[row]), drawn[row], logits is null ? null : LogProbability(graph, row, drawn[row], logits));
    }

    /// <summary>Of a token under the logits that the last call left in a row.</summary>
    private static double LogProbability(InferenceGraph graph, int row, int token, float[] logits)
    {
        graph.ReadLogits(row, logits);
        return logits[token] - LogNormalizer.Of(logits);
    }

    /// <summary>Draws the next token of each sequence, whose logits follow one another in the rows.</summary>
    private void Draw(InferenceGraph graph, List<Sequence> sequences, TokenDraw[] draws, int[] drawn)
    {
        for (var row = 0; row < sequences.Count; row++)
            draws[row] = sequences[row].NextDraw(row);
        graph.Sample(draws.AsSpan(0, sequences.Count), drawn.AsSpan(0, sequences.Count), Tokenizer.VocabularySize);
    }

    private InferenceGraph CreateInference(int slots, CancellationToken cancellation)
    {
        var graph = Model.CreateInference(SizeFor(Model.Description, slots, MemoryLength));
        if (graph is SegmentInferenceGraph segments)
            (segments.BeginsWithZeros, segments.Cancellation) = (BeginsWithZeros, cancellation);
        return graph;
    }

    private int[] Start(int[] prompt)
    {
        if (prompt.Length == 0)
            return TextStart.Tokens(Tokenizer);
        return Model is SegmentModel || prompt.Length <= Model.Description.Context
            ? prompt
            : throw new GptGenException(
                $"The prompt has {prompt.Length} tokens, but the model sees {Model.Description.Context} at once: shorten the prompt.");
    }

    private static void Decode(InferenceGraph graph, List<Sequence> sequences, int[] inputs)
    {
        var count = sequences.Count;
        Span<int> tokens = inputs.AsSpan(0, count), positions = inputs.AsSpan(count, count), slots = inputs.AsSpan(2 * count, count);
        for (var row = 0; row < sequences.Count; row++)
        {
            var slot = sequences[row].Slot;
            (tokens[row], positions[row], slots[row]) = (sequences[row].LastToken, graph.PositionsOf(slot), slot);
        }

        graph.Decode(tokens, positions, slots);
    }

    /// <summary>One sample: its window of tokens, its sampler and its text so far.</summary>
    private sealed class Sequence(int slot, int sample, int[] start, GenerationOptions options, Tokenizer tokenizer, int context)
    {
        private readonly List<int> history = [.. start];
        private readonly Sampler sampler = new(options.Sampling, (uint)sample);
        private readonly SampleText text = new(options, tokenizer);
        private int windowStart;

        public int Slot => slot;

        public int Sample => sample;

        public bool IsFinished => text.IsFinished;

        public bool IsCached { get; private set; }

        /// <summary>Whether the cache has nothing of this sequence yet, or no room for its last token.</summary>
        public bool NeedsPrefill => !IsCached || history.Count - windowStart > context;

        public int LastToken => history[^1];

        public void CopyPrompt(InferenceGraph graph, int from)
        {
            graph.CopySlot(from, slot, graph.PositionsOf(from));
            Begin(graph);
        }

        public void Prefill(InferenceGraph graph)
        {
            if (IsCached)
                windowStart = history.Count - ((context + 1) / 2);
            var window = CollectionsMarshal.AsSpan(history)[windowStart..];
            graph.Prefill(window.Length, window, [window.Length], [slot]);
            if (!IsCached)
                Begin(graph);
        }

        public TokenDraw NextDraw(int row) => sampler.Next(row, slot);

        public string Append(int token)
        {
            history.Add(token);
            return text.Append(token);
        }

        private void Begin(InferenceGraph graph)
        {
            if (sampler.NeedsHistory)
                graph.SetSeen(slot, CollectionsMarshal.AsSpan(history));
            IsCached = true;
        }
    }
}
