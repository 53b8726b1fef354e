using Xunit;

namespace GptGen.Runtime.Tests.Golden;

/// <summary>What a masked model on any device must compute, from a golden case's weights.</summary>
internal static class MaskedGoldenChecks
{
    /// <summary>
    /// Hidden and pooled states, logits and losses within <paramref name="tolerance"/> of the largest value, in training and in encoding.
    /// </summary>
    public static void Values(MaskedModel model, MaskedGoldenCase golden, double tolerance)
    {
        golden.Load(model);
        var (width, vocabulary) = (model.Description.Width, model.Description.Vocabulary);
        var expected = golden.Expected;
        using var training = golden.Begin(model);
        training.Forward();
        var hidden = new float[golden.Tokens.Length * width];
        for (var layer = 0; layer < model.Description.Layers; layer++)
        {
            training.ReadHidden(layer, hidden);
            Close($"hidden state before layer {layer}", expected[layer == 0 ? "hidden.embed" : $"hidden.{layer - 1}"]);
        }

        // The last layer computes the rows alone that losses read.
        var last = expected[$"hidden.{model.Description.Layers - 1}"];
        int[] read = [.. golden.PredictedRows.Union(golden.Lengths.Select((_, sequence) => sequence * golden.Length))];
        Assert.Equal(read.Length, training.ReadRowCount);
        training.ReadHidden(model.Description.Layers, hidden);
        GoldenChecks.Close(
            "final states of the rows that are read", hidden[..(read.Length * width)],
            [.. read.SelectMany(row => last.AsSpan(row * width, width).ToArray())], tolerance);

        void Close(string what, float[] wanted) => GoldenChecks.Close(what, golden.Real(hidden, width), golden.Real(wanted, width), tolerance);

        var pooled = new float[golden.Lengths.Length * width];
        training.ReadPooled(pooled);
        GoldenChecks.Close("pooled states", pooled, expected["pooled_output"], tolerance);
        var scores = new float[2 * golden.Lengths.Length];
        training.ReadNextScores(scores);
        GoldenChecks.Close("scores of next sentences", scores, expected["seq_relationship_logits"], tolerance);
        var logits = new float[golden.PredictedRows.Length * vocabulary];
        training.ReadLogits(logits);
        GoldenChecks.Close(
            "logits", logits, [.. golden.PredictedRows.SelectMany(row => expected["logits"].AsSpan(row * vocabulary, vocabulary).ToArray())],
            tolerance);

        training.Loss();
        Assert.Equal(expected["mlm_loss"][0], training.ReadPredictionLoss(), 5 * tolerance);
        Assert.Equal(expected["mean_loss"][0], training.ReadLoss(), 5 * tolerance);
        var losses = new float[golden.PredictedRows.Length];
        training.ReadLosses(losses);
        GoldenChecks.Close("losses", losses, [.. golden.PredictedRows.Select(row => expected["token_loss"][row])], tolerance);
        var sequenceLosses = new float[golden.Lengths.Length];
        training.ReadSequenceLosses(sequenceLosses);
        GoldenChecks.Close("losses of next sentences", sequenceLosses, expected["nsp_losses"], tolerance);

        using var encoding = model.CreateEncoding(golden.Lengths.Length, golden.Length);
        encoding.Encode(golden.Length, golden.Tokens, golden.TokenTypes, golden.Lengths);
        encoding.ReadHidden(hidden);
        Close("encoded state", expected[$"hidden.{model.Description.Layers - 1}"]);
        encoding.ReadPooled(pooled);
        GoldenChecks.Close("encoded pooled states", pooled, expected["pooled_output"], tolerance);
    }

    /// <summary>Other tokens and types behind the sequences' ends change no bit of losses and gradients.</summary>
    public static void PaddingChangesNoBit(MaskedModel model, MaskedGoldenCase golden) =>
        GoldenChecks.PaddingChangesNoBit(model, golden, golden.PredictedRows.Length, () =>
        {
            for (var row = 0; row < golden.Tokens.Length; row++)
            {
                if (row % golden.Length >= golden.Lengths[row / golden.Length])
                    (golden.Tokens[row], golden.TokenTypes[row]) = ((row * 7) % model.Description.Vocabulary, 1);
            }
        });

    /// <summary>A batch without predictions has the loss of next sentences alone, and no gradient of the masked tokens' head.</summary>
    public static void NothingToPredict(MaskedModel model, MaskedGoldenCase golden, double tolerance)
    {
        golden.Load(model);
        using var training = model.CreateTraining(golden.Lengths.Length, golden.Length);
        training.SetBatch(golden.Length, golden.Tokens, golden.TokenTypes, golden.Lengths, [], [], golden.NextLabels);
        training.Forward();
        training.Backward(accumulate: false);
        Assert.Equal(0, training.ReadPredictionLoss());
        Assert.Equal(golden.Expected["nsp_loss"][0], training.ReadLoss(), tolerance);
        Assert.All(training.ReadGradient("cls.predictions.transform.dense.weight"), gradient => Assert.Equal(0, gradient));
        Assert.All(training.ReadGradient("cls.predictions.bias"), gradient => Assert.Equal(0, gradient));
    }
}
