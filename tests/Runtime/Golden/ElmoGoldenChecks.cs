using GptGen.Features;
using Xunit;

namespace GptGen.Runtime.Tests.Golden;

/// <summary>What a bidirectional model on any device must compute, from elmo-tiny's weights.</summary>
internal static class ElmoGoldenChecks
{
    /// <summary>The states between layers, logits and losses of a pass, and the states of a second one that goes on from it.</summary>
    public static void Values(BidirectionalModel model, ElmoGoldenCase golden, double tolerance)
    {
        Load(model, golden);
        using var state = model.CreateState(golden.Sequences);
        using var training = model.CreateTraining(golden.Sequences + 1, golden.Length + 1);
        golden.SetBatch(training, state);
        training.Forward();
        CheckStates("", firstLayer: 0);
        var vocabulary = model.Description.Vocabulary;
        var logits = new float[training.DirectedRowCount * vocabulary];
        training.ReadLogits(logits);
        // Where nothing is predicted they are expected as 0.
        for (var row = 0; row < training.DirectedRowCount; row++)
        {
            if (golden.Targets[row] < 0)
                Array.Clear(logits, row * vocabulary, vocabulary);
        }

        GoldenChecks.Close("logits", logits, [.. golden.Expected["logits.forward"], .. golden.Expected["logits.backward"]], tolerance);
        training.Loss();
        var losses = new float[training.DirectedRowCount];
        training.ReadLosses(losses);
        for (var row = 0; row < losses.Length; row++)
            losses[row] = golden.Targets[row] < 0 ? 0 : losses[row];
        GoldenChecks.Close("losses", losses, [.. golden.Expected["token_loss.forward"], .. golden.Expected["token_loss.backward"]], tolerance);
        Assert.Equal(golden.Expected["mean_loss"][0], training.ReadLoss(), 5 * tolerance);
        training.AdvanceState();

        golden.SetBatch(training, state);
        training.Forward();
        CheckStates("second_pass.", firstLayer: 1);

        void CheckStates(string pass, int firstLayer)
        {
            var rows = golden.Sequences * golden.Length;
            var width = model.Description.Width;
            var both = new float[2 * rows * width];
            for (var layer = firstLayer; layer <= model.Description.Layers; layer++)
            {
                training.ReadHidden(layer, both);
                float[] sideBySide =
                    [.. Enumerable.Range(0, 2 * rows).SelectMany(half => both.AsSpan(((half % 2 * rows) + (half / 2)) * width, width).ToArray())];
                var name = $"{pass}lm_embeddings.{layer}";
                GoldenChecks.Close(name, golden.Counted(sideBySide), golden.Expected[name], tolerance);
            }
        }
    }

    /// <summary>The states of encoding, twice with the state that goes on.</summary>
    public static void Encodes(BidirectionalModel model, ElmoGoldenCase golden, double tolerance)
    {
        Load(model, golden);
        using var state = model.CreateState(golden.Sequences);
        using var graph = model.CreateEncoding(golden.Sequences + 1, golden.Length + 1);
        for (var pass = 0; pass < 2; pass++)
        {
            graph.Encode(golden.Length, golden.Read(model), golden.Lengths, state);
            for (var layer = pass; layer <= model.Description.Layers; layer++)
            {
                var states = new float[graph.DirectedRowCount * model.Description.Width];
                graph.ReadLayer(layer, states);
                var name = $"{(pass == 0 ? "" : "second_pass.")}lm_embeddings.{layer}";
                GoldenChecks.Close(name, golden.Counted(states), golden.Expected[name], tolerance);
            }
        }
    }

    /// <summary>The features of each text by itself: every layer, the mix of them that the golden weights have, and its normalised form.</summary>
    public static void Features(BidirectionalModel model, ElmoGoldenCase golden, double tolerance)
    {
        Load(model, golden);
        var layers = model.Description.Layers;
        var features = new LayerFeatures(model) { Weights = golden.Weights["input_ELMo_W"], Gamma = golden.Weights["input_ELMo_gamma"][0] };
        var (read, each) = (golden.Read(model), golden.Read(model).Length / (golden.Sequences * golden.Length));
        for (var text = 0; text < golden.Sequences; text++)
        {
            var tokens = read.AsSpan(text * golden.Length * each, golden.Lengths[text] * each).ToArray();
            for (var layer = 0; layer <= layers; layer++)
                Near($"lm_embeddings.{layer}", features.Compute(tokens, layer));
            Near("elmo", features.Compute(tokens));

            // Of one text, the mean and the variance are its own.
            float[][] states = [.. Enumerable.Range(0, layers + 1).Select(layer => features.Compute(tokens, layer))];
            double[] shares = [.. features.Weights.Select(static weight => Math.Exp(weight))];
            var mean = Array.ConvertAll(states, static layer => layer.Average(static value => (double)value));
            double[] deviation =
                [.. states.Select((layer, index) => Math.Sqrt(layer.Average(value => Math.Pow(value - mean[index], 2)) + 1e-12))];
            float[] normal =
            [
                .. states[0].Select((_, place) => (float)(features.Gamma * Enumerable.Range(0, layers + 1)
                    .Sum(layer => shares[layer] / shares.Sum() * (states[layer][place] - mean[layer]) / deviation[layer]))),
            ];
            var normalized = new LayerFeatures(model) { Weights = features.Weights, Gamma = features.Gamma, IsNormalized = true };
            GoldenChecks.Close("normalised", normalized.Compute(tokens), normal, tolerance);

            void Near(string name, float[] actual)
            {
                var width = 2 * model.Description.Width;
                var expected = golden.Expected[name].AsSpan(text * golden.Length * width, golden.Lengths[text] * width).ToArray();
                GoldenChecks.Close($"{name} of text {text}", actual, expected, tolerance);
            }
        }
    }

    private static void Load(BidirectionalModel model, ElmoGoldenCase golden)
    {
        foreach (var parameter in model.Description.Tensors)
        {
            model.WriteParameter(
                parameter.Name,
                golden.Weights.TryGetValue(parameter.Name, out var weight)
                    ? weight
                    : golden.TableOfWords(model.Description.Vocabulary, model.Description.Width));
        }
    }
}
