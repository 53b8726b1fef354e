using Xunit;

namespace GptGen.Runtime.Tests.Golden;

/// <summary>What a segment model on any device must compute, from a golden case's weights.</summary>
internal static class SegmentGoldenChecks
{
    /// <summary>
    /// Of every segment the hidden states between layers, logits, losses and what is kept of it, within <paramref name="tolerance"/> of the largest
    /// value.
    /// </summary>
    public static void Values(SegmentModel model, SegmentGoldenCase golden, double tolerance)
    {
        golden.Load(model);
        var description = model.Description;
        using var memory = model.CreateMemory(golden.Sequences);
        for (var segment = 0; segment < golden.Segments; segment++)
        {
            using var training = golden.Forward(model, memory, segment);
            var name = $"seg{segment + 1}";
            var hidden = new float[training.RowCount * description.Width];
            for (var layer = 0; layer <= description.Layers; layer++)
            {
                training.ReadHidden(layer, hidden);
                var expected = golden.Values($"{name}.hidden.{(layer == 0 ? "embed" : $"{layer - 1}")}", description.Width);
                GoldenChecks.Close($"{name}, state before layer {layer}", hidden, expected, tolerance);
            }

            if (description.Cutoffs.Count == 0)
            {
                var logits = new float[training.RowCount * description.Vocabulary];
                training.ReadLogits(logits);
                GoldenChecks.Close($"{name}, logits", logits, golden.Values($"{name}.logits", description.Vocabulary), tolerance);
            }

            training.Loss();
            CheckLosses(training, golden, name, tolerance);
            Assert.Equal(golden.Expected[$"{name}.mean_loss"][0], training.ReadLoss(), 5 * tolerance);
            training.AdvanceMemory();
            if (segment + 1 < golden.Segments)
                CheckMemory(memory, golden, name, tolerance);
        }
    }

    /// <summary>The losses where every row sees as many rows as the memory holds.</summary>
    public static void SameLength(SegmentModel model, SegmentGoldenCase golden, double tolerance)
    {
        golden.Load(model);
        using var memory = model.CreateMemory(golden.Sequences);
        for (var segment = 0; segment < golden.Segments; segment++)
        {
            using var training = golden.Forward(model, memory, segment, sameLength: true);
            training.Loss();
            if (segment > 0)
                CheckLosses(training, golden, $"same_length.seg{segment + 1}", tolerance);
            training.AdvanceMemory();
        }
    }

    /// <summary>The loss of the first segment behind a whole memory of zeros.</summary>
    public static void ZeroMemory(SegmentModel model, SegmentGoldenCase golden, double tolerance)
    {
        golden.Load(model);
        using var memory = model.CreateMemory(golden.Sequences);
        memory.Reset(memory.Capacity);
        using var training = golden.Forward(model, memory, 0);
        training.Loss();
        // huggingface_zero_memory_segment1_loss, beside 5.892487558431193 with no memory.
        Assert.Equal(5.870105910760128, training.ReadLoss(), 5 * tolerance);
    }

    private static void CheckLosses(SegmentTrainingGraph training, SegmentGoldenCase golden, string name, double tolerance)
    {
        var losses = new float[training.RowCount];
        training.ReadLosses(losses);
        GoldenChecks.Close($"{name}, losses", losses, golden.Values($"{name}.token_loss", 1), tolerance);
    }

    private static void CheckMemory(SegmentMemory memory, SegmentGoldenCase golden, string name, double tolerance)
    {
        var width = memory.Model.Description.Width;
        for (var layer = 0; layer < memory.Model.Description.Layers; layer++)
        {
            var rows = new float[memory.Sequences * memory.Length * width];
            memory.Read(layer, rows);
            GoldenChecks.Close($"{name}, memory of layer {layer}", rows, golden.Values($"{name}.mems.{layer}", width), tolerance);
        }
    }
}
