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

    /// <summary>Token by token, with rings that hold all: the logits of two segments.</summary>
    public static void Decodes(SegmentModel model, SegmentGoldenCase golden, double tolerance)
    {
        golden.Load(model);
        var vocabulary = model.Description.Vocabulary;
        var (first, second) = (golden.Tokens(0), golden.Tokens(1));
        var (sequences, length) = (golden.Sequences, golden.Tokens(0).Length / golden.Sequences);
        // A slot more than there are texts, and in another order.
        using var inference = model.CreateInference(sequences + 1, 2 * length);
        int[] slots = [.. Enumerable.Range(1, sequences).Reverse()];
        var logits = new float[vocabulary];
        foreach (var (segment, tokens) in new[] { (1, first), (2, second) })
        {
            var name = $"seg{segment}.{(model.Description.Cutoffs.Count == 0 ? "logits" : "log_probs")}";
            var expected = golden.Values(name, vocabulary);
            for (var time = 0; time < length; time++)
            {
                int[] now = [.. Enumerable.Range(0, sequences).Select(sequence => tokens[(sequence * length) + time])];
                var position = ((segment - 1) * length) + time;
                if (position == 0)
                    inference.Prefill(1, now, [.. slots.Select(static _ => 1)], slots);
                else
                    inference.Decode(now, [.. slots.Select(_ => position)], slots);
                for (var sequence = 0; sequence < sequences; sequence++)
                {
                    inference.ReadLogits(sequence, logits);
                    GoldenChecks.Close(
                        $"{name} of token {time} of text {sequence}", logits,
                        expected.AsSpan(((sequence * length) + time) * vocabulary, vocabulary).ToArray(), tolerance);
                }
            }
        }
    }

    /// <summary>
    /// Rings that forget: a text far longer than they are, token by token, is as in training graphs with segments of one token and a memory of a row
    /// less, behind nothing or behind zeros.
    /// </summary>
    public static void Forgets(SegmentModel model, SegmentGoldenCase golden, double tolerance, bool zeros)
    {
        const int memoryRows = 5;
        golden.Load(model);
        var text = golden.Tokens(0).Concat(golden.Tokens(1)).ToArray();
        using var memory = model.CreateMemory(1, memoryRows);
        memory.Reset(zeros ? memoryRows : 0);
        using var training = model.CreateTraining(1, 1);
        using var inference = model.CreateInference(2, memoryRows + 1);
        inference.BeginsWithZeros = zeros;
        // A slot that was used before.
        inference.Prefill(9, text.AsSpan(3, 9), [9], [1]);
        var (logits, losses, hidden) = (new float[model.Description.Vocabulary], new float[1], new float[model.Description.Width]);
        var expectedHidden = new float[model.Description.Width];
        for (var index = 0; index + 1 < text.Length; index++)
        {
            training.SetBatch(memory, 1, 1, [text[index]], [text[index + 1]]);
            training.Forward();
            training.Loss();
            training.ReadLosses(losses);
            training.ReadHidden(expectedHidden);
            training.AdvanceMemory();
            if (index == 0)
                inference.Prefill(1, [text[0]], [1], [1]);
            else
                inference.Decode([text[index]], [inference.PositionsOf(1)], [1]);
            inference.ReadLogits(0, logits);
            inference.ReadHidden(0, hidden);
            Assert.Equal(losses[0], GptGen.Generation.LogNormalizer.Of(logits) - logits[text[index + 1]], 10 * tolerance);
            GoldenChecks.Close($"state of token {index}", hidden, expectedHidden, tolerance);
        }

        // All of it at once, beside a shorter text.
        inference.Prefill(text.Length, [.. text, .. text[..4], .. new int[text.Length - 4]], [text.Length - 1, 4], [1, 0]);
        inference.ReadHidden(0, hidden);
        GoldenChecks.Close("state at once", hidden, expectedHidden, tolerance);
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
