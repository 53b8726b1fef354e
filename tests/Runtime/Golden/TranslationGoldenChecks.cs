using GptGen.Generation;
using Xunit;

namespace GptGen.Runtime.Tests.Golden;

/// <summary>What a translation model on any device must compute, from a golden case's weights.</summary>
internal static class TranslationGoldenChecks
{
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
        using var inference = Read(model, golden, beams: 1);
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
        using var inference = Read(model, golden, beams: 1);
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

    /// <summary>Beam search over all sources at once finds the expected translations with their scores, with each length penalty.</summary>
    public static void SearchesWithBeams(TranslationModel model, TranslationGoldenCase golden, double tolerance)
    {
        const int Beams = 4;
        golden.Load(model);
        using var inference = Read(model, golden, Beams);
        foreach (var (name, penalty) in new[]
        {
            ("beam4_huggingface", LengthPenalty.Power(0.6)), ("beam4_gnmt", LengthPenalty.Google(0.6)), ("beam4_no_penalty", default),
        })
        {
            Begin(inference, golden, Beams);
            BeamOptions options = new() { Beams = Beams, Tokens = golden.MaximumLength - 1, LengthPenalty = penalty };
            var search = new BeamSearch(inference, options, model.Description.EndToken, model.Description.Vocabulary);
            var found = search.Run([.. golden.SourceLengths.Select((_, pair) => inference.PositionsOf(pair * Beams))]);
            Assert.Equal(golden.Decoded(name), found.Select(static best => best[0].Tokens));
            Assert.All(golden.Scores(name).Zip(found), pair => Assert.Equal(pair.First, pair.Second[0].Score, tolerance));
        }
    }

    private static TranslationInferenceGraph Read(TranslationModel model, TranslationGoldenCase golden, int beams)
    {
        var pairs = golden.SourceLengths.Length;
        var inference = model.CreateInference(beams * pairs, golden.MaximumLength, pairs, golden.SourceLength + 1);
        Begin(inference, golden, beams);
        return inference;
    }

    private static void Begin(TranslationInferenceGraph inference, TranslationGoldenCase golden, int beams) =>
        inference.Prefill(golden.SourceLength, golden.Source, golden.SourceLengths, [.. golden.SourceLengths.Select((_, pair) => pair * beams)]);

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
