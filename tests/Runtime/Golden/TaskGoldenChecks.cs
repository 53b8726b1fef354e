using Xunit;

namespace GptGen.Runtime.Tests.Golden;

/// <summary>What a generated task head on any device must compute, from a golden case's weights.</summary>
internal static class TaskGoldenChecks
{
    /// <summary>Scores, losses and hidden states within <paramref name="tolerance"/> of the largest value.</summary>
    public static void Values(Model model, TaskGoldenCase golden, double tolerance)
    {
        golden.Load(model);
        using var training = golden.Begin(model);
        var task = (ITaskTraining)training;
        training.Forward();
        training.Loss();

        var scores = new float[golden.Scores.Length];
        task.ReadScores(scores);
        GoldenChecks.Close("scores", scores, golden.Scores, tolerance);
        var losses = new float[golden.Labels.Length];
        task.ReadTaskLosses(losses);
        GoldenChecks.Close("task losses", losses, golden.Losses, tolerance);
        Assert.Equal(golden.TaskLoss, task.ReadTaskLoss(), tolerance);
        Assert.Equal(golden.TaskLoss + (0.5 * (golden.LanguageLoss ?? 0)), training.ReadLoss(), 2 * tolerance);

        var width = model.Description.Width;
        var hidden = new float[golden.Tokens.Length * width];
        var layers = model.Description.Layers;
        var readsFirstRows = training is EncoderTaskTrainingGraph;
        for (var layer = 0; layer <= (readsFirstRows ? layers - 1 : layers); layer++)
        {
            training.ReadHidden(layer, hidden);
            var expected = golden.Expected[layer == 0 ? "hidden.embed" : $"hidden.{layer - 1}"];
            // Rows behind a sequence's length are nobody's business.
            for (var sequence = 0; sequence < golden.Lengths.Length; sequence++)
            {
                var rows = (sequence * golden.Length * width)..(((sequence * golden.Length) + golden.Lengths[sequence]) * width);
                GoldenChecks.Close($"sequence {sequence} before layer {layer}", hidden[rows], expected[rows], tolerance);
            }
        }

        if (!readsFirstRows)
            return;
        // An encoder's last layer computes the rows alone that the head reads.
        var last = golden.Expected[$"hidden.{layers - 1}"];
        training.ReadHidden(hidden);
        GoldenChecks.Close(
            "first rows behind the layers", hidden[..(golden.Lengths.Length * width)],
            [.. golden.Lengths.SelectMany((_, sequence) => last.AsSpan(sequence * golden.Length * width, width).ToArray())], tolerance);
    }

    /// <summary>Without gradients, memory for them, or the language model's head.</summary>
    public static void Scores(Model model, TaskGoldenCase golden, double tolerance)
    {
        golden.Load(model);
        using var scoring = ((ITaskModel)model).CreateScoring(golden.Lengths.Length, golden.Length);
        scoring.Score(golden.Length, golden.Tokens, golden.TokenTypes, golden.Lengths);
        Assert.Equal(golden.Labels.Length, scoring.Examples);
        var scores = new float[golden.Scores.Length];
        scoring.ReadScores(scores);
        GoldenChecks.Close("scores", scores, golden.Scores, tolerance);
    }

    /// <summary>Other tokens and types behind the sequences' ends change no bit of scores, losses and gradients.</summary>
    public static void PaddingChangesNoBit(Model model, TaskGoldenCase golden)
    {
        golden.Load(model);
        var before = Compute();
        for (var sequence = 0; sequence < golden.Lengths.Length; sequence++)
        {
            for (var position = golden.Lengths[sequence]; position < golden.Length; position++)
            {
                var row = (sequence * golden.Length) + position;
                golden.Tokens[row] = (row * 7) % model.Description.Vocabulary;
                if (golden.IsEncoder)
                    golden.TokenTypes[row] = 1;
            }
        }

        var after = Compute();
        Assert.Equal(before.Keys, after.Keys);
        foreach (var (name, numbers) in before)
            Assert.Equal(numbers, after[name]);

        Dictionary<string, float[]> Compute()
        {
            using var training = golden.Begin(model);
            var task = (ITaskTraining)training;
            training.Forward();
            training.Backward(accumulate: false);
            var read = model.Description.Tensors.ToDictionary(tensor => tensor.Name, tensor => training.ReadGradient(tensor.Name));
            task.ReadScores(read["scores"] = new float[golden.Scores.Length]);
            task.ReadTaskLosses(read["losses"] = new float[golden.Labels.Length]);
            return read;
        }
    }
}
