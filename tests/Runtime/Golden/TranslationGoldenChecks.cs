using GptGen.Generation;
using Xunit;

namespace GptGen.Runtime.Tests.Golden;

/// <summary>What a translation model on any device must compute, from a golden case's weights.</summary>
internal static class TranslationGoldenChecks
{
    // The reference's longest translation, the start token among its tokens.
    private const int MostPositions = 24;

    /// <summary>Ways of beam search, with the length penalty of each.</summary>
    public static TheoryData<string, double, double> Searched => new()
    {
        { "beam4_huggingface", 0.6, 0 }, { "beam4_gnmt", 0.6, 5 }, { "beam4_no_penalty", 0, 0 },
    };

    /// <summary>The hidden states of encoder and decoder, logits and losses within <paramref name="tolerance"/> of the largest value.</summary>
    public static void Values(TranslationModel model, TranslationGoldenCase golden, double tolerance)
    {
        golden.Load(model);
        var (description, expected) = (model.Description, golden.Expected);
        using var training = golden.Begin(model);
        training.Forward();
        var source = new float[golden.Source.Length * description.Width];
        for (var layer = 0; layer <= description.EncoderLayers; layer++)
        {
            training.ReadSourceHidden(layer, source);
            GoldenChecks.Close(
                $"the encoder's state before layer {layer}", golden.RealSource(source, description.Width),
                golden.RealSource(expected[$"encoder.hidden.{State(layer)}"], description.Width), tolerance);
        }

        var hidden = new float[golden.Tokens.Length * description.Width];
        for (var layer = 0; layer <= description.Layers; layer++)
        {
            training.ReadHidden(layer, hidden);
            Close($"the decoder's state before layer {layer}", hidden, $"decoder.hidden.{State(layer)}", description.Width);
        }

        training.ReadHidden(hidden);
        Close("final states", hidden, $"decoder.hidden.{description.Layers - 1}", description.Width);
        var logits = new float[golden.Tokens.Length * description.Vocabulary];
        training.ReadLogits(logits);
        Close("logits", logits, "logits", description.Vocabulary);

        var isPlain = golden.Smoothing == 0;
        training.Loss();
        CheckLosses();
        training.Backward(accumulate: false);
        CheckLosses();

        void CheckLosses()
        {
            Assert.Equal(expected[isPlain ? "plain_loss" : "mean_loss"][0], training.ReadLoss(), 5 * tolerance);
            var losses = new float[golden.Tokens.Length];
            training.ReadLosses(losses);
            Close("losses", losses, isPlain ? "token_loss" : "smoothed_token_loss", 1);
        }

        void Close(string what, float[] actual, string name, int width) =>
            GoldenChecks.Close(what, golden.Real(actual, width), golden.Real(expected[name], width), tolerance);

        static string State(int layer) => layer == 0 ? "embed" : $"{layer - 1}";
    }

    /// <summary>
    /// Reading the sources once and then decoding token by token says what training says, row by row, within <paramref name="tolerance"/> of the
    /// largest logit.
    /// </summary>
    public static void DecodingEqualsTeacherForcing(TranslationModel model, TranslationGoldenCase golden, double tolerance)
    {
        golden.Load(model);
        var vocabulary = model.Description.Vocabulary;
        var expected = golden.Expected["logits"];
        using var inference = Read(model, golden);
        var actual = new float[vocabulary];
        for (var position = 0; position < golden.Length; position++)
        {
            int[] pairs = [.. Enumerable.Range(0, golden.Lengths.Length).Where(pair => position < golden.Lengths[pair])];
            if (position > 0)
            {
                inference.Decode(
                    [.. pairs.Select(pair => golden.Tokens[(pair * golden.Length) + position])], [.. pairs.Select(_ => position)], pairs);
            }

            for (var row = 0; row < pairs.Length; row++)
            {
                inference.ReadLogits(row, actual);
                var wanted = expected.AsSpan(((pairs[row] * golden.Length) + position) * vocabulary, vocabulary).ToArray();
                GoldenChecks.Close($"logits of pair {pairs[row]} at position {position}", actual, wanted, tolerance);
            }
        }
    }

    /// <summary>The most probable token after each one gives the expected translations.</summary>
    public static void Translates(TranslationModel model, TranslationGoldenCase golden)
    {
        golden.Load(model);
        using var inference = Read(model, golden);
        var logits = new float[model.Description.Vocabulary];
        int[][] translations = [.. golden.Greedy.Select(static _ => Array.Empty<int>())];
        int[] alive = [.. Enumerable.Range(0, translations.Length)];
        for (var position = 1; alive.Length > 0; position++)
        {
            for (var row = 0; row < alive.Length; row++)
            {
                inference.ReadLogits(row, logits);
                translations[alive[row]] = [.. translations[alive[row]], logits.IndexOf(logits.Max())];
            }

            alive = Array.FindAll(alive, pair => translations[pair][^1] != model.Description.EndToken && position < inference.Capacity);
            if (alive.Length > 0)
                inference.Decode([.. alive.Select(pair => translations[pair][^1])], [.. alive.Select(_ => position)], alive);
        }

        Assert.Equal(golden.Greedy, translations);
    }

    /// <summary>Beam search, all sources at once, finds the expected translations with the expected scores.</summary>
    public static void Searches(TranslationModel model, TranslationGoldenCase golden, string way, LengthPenalty penalty, double tolerance)
    {
        const int Beams = 4;
        golden.Load(model);
        using var inference = Read(model, golden, Beams);
        var options = new BeamOptions { Beams = Beams, Tokens = MostPositions - 1, LengthPenalty = penalty };
        var search = new BeamSearch(inference, options, model.Description.EndToken, model.Description.Vocabulary);
        var found = search.Run([.. golden.SourceLengths.Select(static _ => 1)]);
        Assert.Equal(golden.Decoded(way), found.Select(static texts => texts[0].Tokens));
        var scores = golden.Scores(way);
        for (var pair = 0; pair < scores.Length; pair++)
            Assert.Equal(scores[pair], found[pair][0].Score, tolerance * Math.Abs(scores[pair]));
    }

    private static TranslationInferenceGraph Read(TranslationModel model, TranslationGoldenCase golden, int beams = 1)
    {
        var pairs = golden.SourceLengths.Length;
        var inference = model.CreateInference(pairs * beams, MostPositions, pairs, golden.SourceLength + 1);
        inference.Prefill(
            golden.SourceLength, golden.Source, golden.SourceLengths, [.. Enumerable.Range(0, pairs).Select(pair => pair * beams)]);
        return inference;
    }

    /// <summary>Other tokens behind the ends of sources and translations change no bit of losses and gradients.</summary>
    public static void PaddingChangesNoBit(TranslationModel model, TranslationGoldenCase golden)
    {
        GoldenChecks.PaddingChangesNoBit(model, golden, golden.Tokens.Length, () =>
        {
            Change(golden.Source, golden.SourceLength, golden.SourceLengths);
            Change(golden.Tokens, golden.Length, golden.Lengths);
            Change(golden.Targets, golden.Length, golden.Lengths);
        });

        void Change(int[] tokens, int length, int[] lengths)
        {
            for (var row = 0; row < tokens.Length; row++)
            {
                if (row % length >= lengths[row / length])
                    tokens[row] = (row * 7) % model.Description.Vocabulary;
            }
        }
    }
}
