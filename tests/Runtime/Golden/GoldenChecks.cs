using Xunit;

namespace GptGen.Runtime.Tests.Golden;

/// <summary>What a generated model on any device must compute, from a golden case's weights.</summary>
internal static class GoldenChecks
{
    private const float LearningRate = 1e-3f;

    /// <summary>The hidden states between layers, the final ones and every logit, within <paramref name="tolerance"/> of the largest value.</summary>
    public static void Logits(LanguageModel model, GoldenCase golden, double tolerance)
    {
        golden.Load(model);
        var description = model.Description;
        var rows = golden.Tokens.Length;
        using var training = model.CreateTraining(golden.Sequences, golden.Length);
        training.SetBatch(golden.Sequences, golden.Length, golden.Tokens, golden.Targets);
        training.Forward();
        var hidden = new float[rows * description.Width];
        training.ReadHidden(hidden);
        // A model that normalises after each block has no final LayerNorm: its last block's output is the final state.
        var final = golden.Expected.TryGetValue("hidden.ln_f", out var normalized) ? normalized : golden.Expected[$"hidden.{description.Layers - 1}"];
        Close("hidden state", hidden, final, tolerance);
        for (var layer = 0; layer <= description.Layers; layer++)
        {
            training.ReadHidden(layer, hidden);
            Close($"hidden state before layer {layer}", hidden, golden.Expected[layer == 0 ? "hidden.embed" : $"hidden.{layer - 1}"], tolerance);
        }

        var logits = new float[rows * description.Vocabulary];
        training.ReadLogits(logits);
        Close("logits of training", logits, golden.Expected["logits"], tolerance);

        using var inference = model.CreateInference(golden.Sequences, golden.Length, rows, rows);
        var lengths = Enumerable.Repeat(golden.Length, golden.Sequences).ToArray();
        inference.PrefillAllLogits(golden.Length, golden.Tokens, lengths, [.. Enumerable.Range(0, golden.Sequences)]);
        for (var row = 0; row < rows; row++)
            inference.ReadLogits(row, logits.AsSpan(row * description.Vocabulary, description.Vocabulary));
        Close("logits", logits, golden.Expected["logits"], tolerance);
    }

    /// <summary>The mean loss with and without ignored targets.</summary>
    public static void Losses(LanguageModel model, GoldenCase golden, double tolerance)
    {
        golden.Load(model);
        using var training = model.CreateTraining(golden.Sequences, golden.Length);
        Check(golden.Targets, "mean_loss");
        if (golden.Expected.ContainsKey("ignored.mean_loss"))
            Check(golden.TargetsWithIgnored, "ignored.mean_loss");

        void Check(int[] targets, string name)
        {
            training.SetBatch(golden.Sequences, golden.Length, golden.Tokens, targets);
            training.Forward();
            training.Loss();
            Assert.Equal(golden.Expected[name][0], training.ReadLoss(), tolerance);
        }
    }

    /// <summary>
    /// Each parameter's gradient, within <paramref name="tolerance"/> in relative L2; a key bias's or choice bias's, which is zero, absolutely.
    /// </summary>
    public static void Gradients(Model model, GoldenFiles golden, double tolerance)
    {
        golden.Load(model);
        using var training = golden.Begin(model);
        training.Forward();
        training.Backward(accumulate: false);
        foreach (var parameter in model.Description.Tensors.Where(static tensor => !tensor.IsFrozen))
        {
            var actual = training.ReadGradient(parameter.Name);
            var expected = GoldenFiles.Tensor(golden.Expected, golden.GradientGroup, parameter, model);
            if (Vanishing(parameter).Count() < parameter.Count)
                Near($"gradient of {parameter.Name}", actual, expected, tolerance);
            foreach (var i in Vanishing(parameter))
                Assert.True(Math.Abs(actual[i]) <= tolerance, $"The gradient of {parameter.Name}[{i}] should vanish, but is {actual[i]:E2}.");
        }
    }

    /// <summary>Twenty steps of AdamW on one batch: the loss before each, and the weights after the last.</summary>
    public static void Trains(Model model, GoldenFiles golden, double tolerance)
    {
        golden.Load(model);
        var description = model.Description;
        var device = model.Device;
        using var training = golden.Begin(model);
        using var first = device.Allocate(BufferRole.Moment, description.TrainedElements);
        using var second = device.Allocate(BufferRole.Moment, description.TrainedElements);
        using var norm = device.Allocate(BufferRole.Statistic, 1);
        var normStatistic = new Statistics(norm.At(0), 1);
        var step = 0;
        foreach (var loss in golden.Training.GetProperty("loss").EnumerateArray())
        {
            golden.BeforeStep(model, training);
            training.Forward();
            training.Backward(accumulate: false);
            Assert.Equal(loss.GetDouble(), training.ReadLoss(), tolerance);
            device.GradientNorm(training.Gradients, description.TrainedElements, normStatistic);
            device.AdamW(
                model.Parameters, training.Gradients, first, second, normStatistic,
                new(description.TrainedElements, description.DecayedElements, step++, LearningRate, 0.9f, 0.95f, 1e-8f, 0.1f, 1));
        }

        foreach (var parameter in description.Tensors)
        {
            var actual = model.ReadParameter(parameter.Name);
            var expected = GoldenFiles.Tensor(parameter.IsFrozen ? golden.Weights : golden.Trained, "", parameter, model);
            // Adam turns the rounding noise of a gradient that should vanish into real steps.
            foreach (var i in Vanishing(parameter).Concat(NearlyVanishing(parameter, golden, model)))
                actual[i] = expected[i];
            Near($"trained {parameter.Name}", actual, expected, tolerance);
        }
    }

    /// <summary>Losses and gradients keep every bit when what stands behind the sequences' ends changes.</summary>
    /// <param name="model">The model.</param>
    /// <param name="golden">The case.</param>
    /// <param name="losses">The losses that there are.</param>
    /// <param name="change">Changes it.</param>
    public static void PaddingChangesNoBit(Model model, GoldenFiles golden, int losses, Action change)
    {
        golden.Load(model);
        var (before, gradientsBefore) = Compute();
        change();
        var (after, gradientsAfter) = Compute();
        Assert.Equal(before, after);
        foreach (var (name, gradient) in gradientsBefore)
            Assert.Equal(gradient, gradientsAfter[name]);

        (float[] Losses, Dictionary<string, float[]> Gradients) Compute()
        {
            using var training = golden.Begin(model);
            training.Forward();
            training.Backward(accumulate: false);
            var read = new float[losses];
            training.ReadLosses(read);
            var trained = model.Description.Tensors.Where(static tensor => !tensor.IsFrozen);
            return (read, trained.ToDictionary(tensor => tensor.Name, tensor => training.ReadGradient(tensor.Name)));
        }
    }

    /// <summary>The most probable continuation of the prompt, token by token through the cache.</summary>
    public static void Continues(LanguageModel model, GoldenCase golden)
    {
        golden.Load(model);
        using var inference = model.CreateInference(1, golden.Prompt.Length + golden.Continuation.Length, golden.Prompt.Length, 1);
        var logits = new float[model.Description.Vocabulary];
        inference.Prefill(golden.Prompt.Length, golden.Prompt, [golden.Prompt.Length], [0]);
        for (var i = 0; i < golden.Continuation.Length; i++)
        {
            inference.ReadLogits(0, logits);
            var best = logits.AsSpan().IndexOf(logits.Max());
            Assert.Equal(golden.Continuation[i], best);
            inference.Decode([best], [golden.Prompt.Length + i], [0]);
        }
    }

    /// <summary>A softmax's result does not change when all its arguments do alike, so neither matters: keys' biases and a score's.</summary>
    private static IEnumerable<int> Vanishing(ParameterInfo parameter) =>
        parameter.Name.EndsWith("c_attn.bias", StringComparison.Ordinal) ? Enumerable.Range(parameter.Rows / 3, parameter.Rows / 3)
        : parameter.Name.EndsWith("self.key.bias", StringComparison.Ordinal) ? Enumerable.Range(0, parameter.Rows)
        : parameter.Name.EndsWith("k_proj.bias", StringComparison.Ordinal) ? Enumerable.Range(0, parameter.Rows)
        : IsChoiceBias(parameter) ? [0]
        : [];

    /// <summary>
    /// The cosine of a slow frequency is nearly the same at every distance, which no softmax sees: columns of distances' projections whose gradient
    /// is less than a thousandth of the whole's.
    /// </summary>
    private static IEnumerable<int> NearlyVanishing(ParameterInfo parameter, GoldenFiles golden, Model model)
    {
        if (!parameter.Name.EndsWith("r_net.weight", StringComparison.Ordinal))
            return [];
        var gradient = GoldenFiles.Tensor(golden.Expected, golden.GradientGroup, parameter, model);
        double Norm(IEnumerable<int> elements) => Math.Sqrt(elements.Sum(i => (double)gradient[i] * gradient[i]));
        IEnumerable<int> Column(int column) => Enumerable.Range(0, parameter.Rows).Select(row => (row * parameter.Columns) + column);
        var least = 1e-3 * Norm(Enumerable.Range(0, gradient.Length));
        return Enumerable.Range(0, parameter.Columns).Where(column => Norm(Column(column)) < least).SelectMany(Column);
    }

    private static bool IsChoiceBias(ParameterInfo parameter) => parameter.Name == "multiple_choice_head.summary.bias";

    /// <summary>
    /// Within a relative L2 distance. Of trained weights no single one can be held to the largest: Adam turns the rounding noise of a small gradient
    /// into a step (PyTorch's own f32 is 2e-5 off in an element of bert-tiny2's position table, an H200 5e-5).
    /// </summary>
    private static void Near(string what, float[] actual, float[] expected, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        var distance = Math.Sqrt(actual.Zip(expected, static (a, e) => ((double)a - e) * ((double)a - e)).Sum());
        var limit = tolerance * Math.Sqrt(expected.Sum(static e => (double)e * e));
        Assert.True(distance <= limit, $"The {what} is {distance:E2} away from what was expected (limit {limit:E2}).");
    }

    internal static void Close(string what, float[] actual, float[] expected, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        var limit = tolerance * expected.Max(Math.Abs);
        var worst = Enumerable.Range(0, actual.Length).MaxBy(i => Math.Abs(actual[i] - expected[i]));
        Assert.True(
            Math.Abs(actual[worst] - expected[worst]) <= limit,
            $"{what}[{worst}] is {actual[worst]:R}, but {expected[worst]:R} was expected (limit {limit:E2}).");
    }
}
