using GptGen.Sampling;
using Xunit;

namespace GptGen.Runtime.Tests.Models;

/// <summary>Prefill and decode say what the training graph says, at every position, in every slot.</summary>
public class InferenceTests
{
    private const int Sequences = 3;
    private const int Length = 5;
    private const double Tolerance = 1e-4;
    private static readonly int[] Lengths = [3, 5, 1];
    private static readonly int[] Slots = [2, 0, 3];

    [Theory]
    [MemberData(nameof(Variants.NamesAndDevices), MemberType = typeof(Variants))]
    public void EveryLogitOfAPrefill(string name, string deviceName)
    {
        using var device = Variants.Open(deviceName);
        using var model = Variants.Create(name, device);
        var expected = new Expectation(model);
        using var inference = Inference(model);
        inference.PrefillAllLogits(Length, expected.Prompts(), Lengths, Slots);
        for (var sequence = 0; sequence < Sequences; sequence++)
        {
            for (var position = 0; position < Lengths[sequence]; position++)
                expected.Verify(inference, sequence * Length + position, sequence, position);
        }
    }

    [Theory]
    [MemberData(nameof(Variants.NamesAndDevices), MemberType = typeof(Variants))]
    public void PrefillThenDecodeToTheEndOfTheContext(string name, string deviceName)
    {
        using var device = Variants.Open(deviceName);
        using var model = Variants.Create(name, device);
        var context = model.Description.Context;
        var expected = new Expectation(model);
        using var inference = Inference(model);
        inference.Prefill(Length, expected.Prompts(), Lengths, Slots);
        for (var sequence = 0; sequence < Sequences; sequence++)
            expected.Verify(inference, sequence, sequence, Lengths[sequence] - 1);

        var random = new Random(3);
        var reached = (int[])Lengths.Clone();
        while (reached.Any(length => length < context))
        {
            // Some of the unfinished sequences, in any order, each at its own position.
            int[] rows = [.. Enumerable.Range(0, Sequences).Where(sequence => reached[sequence] < context)];
            random.Shuffle(rows);
            rows = rows[..random.Next(1, rows.Length + 1)];
            inference.Decode(
                [.. rows.Select(sequence => expected.Token(sequence, reached[sequence]))],
                [.. rows.Select(sequence => reached[sequence])],
                [.. rows.Select(sequence => Slots[sequence])]);
            for (var row = 0; row < rows.Length; row++)
                expected.Verify(inference, row, rows[row], reached[rows[row]]++);
        }
    }

    [Theory]
    [MemberData(nameof(Variants.NamesAndDevices), MemberType = typeof(Variants))]
    public void ASlotThatIsFilledAgainForgetsWhatItHeld(string name, string deviceName)
    {
        using var device = Variants.Open(deviceName);
        using var model = Variants.Create(name, device);
        var expected = new Expectation(model);
        using var inference = Inference(model);
        inference.Prefill(Length, expected.Prompts(), Lengths, Slots);
        // The longest prompt's slot takes the shortest one.
        inference.Prefill(1, [expected.Token(2, 0)], [1], [Slots[1]]);
        expected.Verify(inference, 0, 2, 0);
        inference.Decode([expected.Token(2, 1)], [1], [Slots[1]]);
        expected.Verify(inference, 0, 2, 1);
        inference.Decode([expected.Token(0, 3)], [3], [Slots[0]]);
        expected.Verify(inference, 0, 0, 3);
    }

    [Theory]
    [MemberData(nameof(Variants.NamesAndDevices), MemberType = typeof(Variants))]
    public void ACopiedSlotContinuesAsItsOriginal(string name, string deviceName)
    {
        using var device = Variants.Open(deviceName);
        using var model = Variants.Create(name, device);
        var expected = new Expectation(model);
        using var inference = Inference(model);
        inference.Prefill(Length, expected.Prompts(), Lengths, Slots);
        // The second sequence's slot, then the first's over its beginning.
        inference.CopySlot(Slots[1], 1, Lengths[1]);
        inference.Decode([expected.Token(1, 5), expected.Token(1, 5)], [5, 5], [1, Slots[1]]);
        expected.Verify(inference, 0, 1, 5);
        expected.Verify(inference, 1, 1, 5);
        inference.CopySlot(Slots[0], 1, Lengths[0]);
        inference.Decode([expected.Token(0, 3)], [3], [1]);
        expected.Verify(inference, 0, 0, 3);
        Assert.Throws<GptGenException>(() => inference.CopySlot(0, inference.Slots, 1));
        Assert.Throws<GptGenException>(() => inference.CopySlot(0, 1, inference.Capacity + 1));
    }

    [Fact]
    public void DrawsThatFitNothingAreRefused()
    {
        using var device = new CpuDevice(1);
        using var model = Gpt2Tiny.Create(device);
        model.Initialize(1);
        using var inference = model.CreateInference(2, 8, 8, 2);
        var sampler = new Sampler(SamplingOptions.Greedy);
        int[] one = [0], two = [0, 0];
        Assert.Contains("left 0", Assert.Throws<GptGenException>(() => inference.Sample([sampler.Next(0, 0)], one, 5)).Message);
        inference.Prefill(2, [1, 2], [2], [0]);
        inference.Sample([sampler.Next(0, 0), sampler.Next(0, 1)], two, 1);
        Assert.Equal([0, 0], two);
        Assert.Contains("row 1", Assert.Throws<GptGenException>(() => inference.Sample([sampler.Next(1, 0)], one, 5)).Message);
        Assert.Contains("Slot 2", Assert.Throws<GptGenException>(() => inference.Sample([sampler.Next(0, 2)], one, 5)).Message);
        Assert.Contains("made for 2", Assert.Throws<GptGenException>(() => inference.Sample([], [], 5)).Message);
        Assert.Contains("made for 2", Assert.Throws<GptGenException>(() => inference.Sample([sampler.Next(0, 0)], two, 5)).Message);
        Assert.Contains("below 0", Assert.Throws<GptGenException>(() => inference.Sample([sampler.Next(0, 0)], one, 0)).Message);
        Assert.Contains("below 9999", Assert.Throws<GptGenException>(() => inference.Sample([sampler.Next(0, 0)], one, 9999)).Message);
        Assert.Throws<GptGenException>(() => inference.SetSeen(2, []));
        Assert.Throws<GptGenException>(() => inference.SetSeen(0, [9999]));
    }

    private static LanguageInferenceGraph Inference(LanguageModel model) =>
        model.CreateInference(Slots.Max() + 1, model.Description.Context, Sequences * Length, Sequences * Length);

    /// <summary>Random sequences of the whole context, and their final states and logits by the training graph.</summary>
    private sealed class Expectation
    {
        private readonly ModelDescription description;
        private readonly int[] tokens;
        private readonly float[] hidden;
        private readonly float[] head;

        public Expectation(LanguageModel model)
        {
            description = model.Description;
            tokens = Variants.Tokens(model, 7, Sequences * description.Context);
            hidden = new float[tokens.Length * description.Width];
            using var training = model.CreateTraining(Sequences, description.Context);
            training.SetBatch(Sequences, description.Context, tokens, tokens);
            training.Forward();
            training.ReadHidden(hidden);
            var name = description.TiedHead ? "wte.weight" : "lm_head.weight";
            head = Variants.Read(model.Parameters, description.Parameters.Single(parameter => parameter.Name == name));
        }

        public int Token(int sequence, int position) => tokens[sequence * description.Context + position];

        /// <summary>The beginnings of the sequences; what lies behind each one's length should not matter.</summary>
        public int[] Prompts() =>
            [
                .. Enumerable.Range(0, Sequences * Length).Select(
                    row => row % Length < Lengths[row / Length] ? Token(row / Length, row % Length) : row)];

        public void Verify(InferenceGraph inference, int row, int sequence, int position)
        {
            var width = description.Width;
            var state = hidden.AsSpan((sequence * description.Context + position) * width, width);
            var actualState = new float[width];
            inference.ReadHidden(row, actualState);
            for (var i = 0; i < width; i++)
                Assert.Equal(state[i], actualState[i], Tolerance);
            var logits = new float[description.Vocabulary];
            inference.ReadLogits(row, logits);
            for (var token = 0; token < logits.Length; token++)
            {
                var expected = 0.0;
                for (var i = 0; i < width; i++)
                    expected += (double)state[i] * head[token * width + i];
                Assert.True(
                    Math.Abs(expected - logits[token]) <= Tolerance,
                    $"Sequence {sequence}, position {position}, token {token}: {logits[token]:R}, but the training graph says {expected:R}.");
            }
        }
    }
}
