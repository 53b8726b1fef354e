using GptGen.Training;
using Xunit;

namespace GptGen.Runtime.Tests.Models;

/// <summary>Calls out of order, sizes that no graph has, and numbers out of range are refused by name.</summary>
public sealed class CallOrderTests : IDisposable
{
    private static readonly int[] s_tokens = [1, 2, 3, 4];
    private readonly CpuDevice device = new(1);
    private readonly Gpt2Tiny model;

    public CallOrderTests()
    {
        model = Gpt2Tiny.Create(device);
        model.Initialize(1);
    }

    public void Dispose()
    {
        model.Dispose();
        device.Dispose();
    }

    [Fact]
    public void TrainingNamesTheMissingCall()
    {
        using var graph = model.CreateTraining(1, 4);
        Missing("Forward needs a call of SetBatch", graph.Forward);
        Missing("Backward needs a call of SetBatch", () => graph.Backward(accumulate: false));
        Missing("ReadLoss needs a call of SetBatch", () => graph.ReadLoss());
        Missing("ReadGradient needs a call of Backward", () => graph.ReadGradient("wte.weight"));
        graph.SetBatch(1, 4, s_tokens, s_tokens);
        Missing("Loss needs a call of Forward", graph.Loss);
        Missing("Backward needs a call of Forward", () => graph.Backward(accumulate: false));
        Missing("ReadLosses needs a call of Forward", () => graph.ReadLosses(new float[4]));
        Missing("ReadHidden needs a call of Forward", () => graph.ReadHidden(new float[4 * 32]));
        Missing("ReadLogits needs a call of Forward", () => graph.ReadLogits(new float[4 * 257]));
        graph.Forward();
        Missing("ReadLoss needs a call of Loss or Backward", () => graph.ReadLoss());
        Missing("ReadGradient needs a call of Backward", () => graph.ReadGradient("wte.weight"));
        graph.Loss();
        Assert.True(graph.ReadLoss() > 0);
        graph.Backward(accumulate: false);
        Assert.Contains(graph.ReadGradient("transformer.wte.weight"), static value => value != 0);
        graph.SetBatch(1, 4, s_tokens, s_tokens);
        Missing("ReadLoss needs a call of Forward", () => graph.ReadLoss());
    }

    [Fact]
    public void InferenceNamesTheMissingCall()
    {
        using var graph = model.CreateInference(2, 8, 8, 2);
        Missing("ReadLogits needs a call of Prefill", () => graph.ReadLogits(0, new float[257]));
        Missing("ReadHidden needs a call of Prefill", () => graph.ReadHidden(0, new float[32]));
        Missing("position 3 needs a call of Prefill", () => graph.Decode([1], [3], [0]));
        Missing("needs a call of Prefill", () => graph.CopySlot(0, 1, 1));
        graph.Prefill(2, [1, 2], [2], [0]);
        Missing("Slot 0 has 2 positions", () => graph.Decode([1], [3], [0]));
        Missing("Slot 1 has 0 positions", () => graph.Decode([1, 1], [2, 2], [0, 1]));
        graph.Decode([1, 1], [2, 0], [0, 1]);
        graph.Decode([1, 1], [3, 1], [0, 1]);
        Assert.ThrowsAny<ArgumentException>(() => graph.ReadLogits(2, new float[257]));
        Assert.ThrowsAny<ArgumentException>(() => graph.ReadLogits(-1, new float[257]));
        Assert.ThrowsAny<ArgumentException>(() => graph.ReadHidden(0, new float[31]));
    }

    [Fact]
    public void ScoringNamesTheMissingCall()
    {
        using var task = TaskModels.CreateLanguage(nameof(Gpt1Entailment), device);
        using var scoring = task.CreateScoring(1, 4);
        Missing("ReadScores needs a call of Score", () => scoring.ReadScores(new float[3]));
        using var training = task.CreateTraining(1, 4);
        training.SetExamples(4, [29, 1, 2, 31], [4], [2]);
        Missing("ReadScores needs a call of Forward", () => training.ReadScores(new float[3]));
        Missing("ReadTaskLoss needs a call of Forward", () => training.ReadTaskLoss());
    }

    [Theory]
    [InlineData(-1, 4, "-1 sequences of 4 tokens is impossible")]
    [InlineData(0, 4, "0 sequences of 4 tokens is impossible")]
    [InlineData(2, -3, "2 sequences of -3 tokens is impossible")]
    [InlineData(2, 65, "Gpt2Tiny sees at most 64")]
    [InlineData(int.MaxValue, 64, "too large")]
    public void SizesThatNoGraphHasAreNamed(int sequences, int length, string message)
    {
        Assert.Contains(message, Assert.Throws<GptGenException>(() => model.CreateTraining(sequences, length)).Message);
        if (sequences < 1 || length < 1)
        {
            Assert.Contains("impossible", Assert.Throws<GptGenException>(() => model.CreateInference(sequences, length, 1, 1)).Message);
            using var task = TaskModels.CreateLanguage(nameof(Gpt1Entailment), device);
            Assert.Contains(message, Assert.Throws<GptGenException>(() => task.CreateScoring(sequences, length)).Message);
        }
    }

    [Fact]
    public void NumbersThatMakeNoStepAreRefused()
    {
        using var graph = model.CreateTraining(1, 4);
        using var optimizer = new AdamWOptimizer(model);
        graph.SetBatch(1, 4, s_tokens, s_tokens);
        graph.Forward();
        graph.Backward(accumulate: false);
        Assert.ThrowsAny<ArgumentException>(() => optimizer.Step(graph.Gradients, -1, new()));
        foreach (var rate in (float[])[1, -1, 1.5f, float.NaN, float.PositiveInfinity])
        {
            Assert.ThrowsAny<ArgumentException>(() => new Dropout(rate, 1, 0, 0));
            Assert.ThrowsAny<ArgumentException>(() => new Dropout(0.5f, 1, 0, 0) with { Rate = rate });
        }

        var before = model.ReadParameter("wte.weight");
        Assert.True(optimizer.Step(graph.Gradients, 0, new()) > 0);
        Assert.All(model.ReadParameter("wte.weight"), static value => Assert.True(float.IsFinite(value)));
        Assert.NotEqual(before, model.ReadParameter("wte.weight"));
    }

    [Fact]
    public void GradientsOfAnotherModelAreRefused()
    {
        using var other = OddUntied.Create(device);
        using var foreign = other.CreateTraining(1, 4);
        using var elsewhere = new CpuDevice(1);
        using var twin = Gpt2Tiny.Create(elsewhere);
        using var twins = twin.CreateTraining(1, 4);
        using var optimizer = new AdamWOptimizer(model);
        Assert.Contains("no gradients of Gpt2Tiny", Assert.Throws<ArgumentException>(() => optimizer.Step(foreign.Gradients, 0, new())).Message);
        Assert.Contains("no gradients of Gpt2Tiny", Assert.Throws<ArgumentException>(() => optimizer.Step(model.Parameters, 0, new())).Message);
        Assert.Contains("another device", Assert.Throws<ArgumentException>(() => optimizer.Step(twins.Gradients, 0, new())).Message);
    }

    [Fact]
    public void MessagesNameWhatIsWrong()
    {
        using var graph = model.CreateTraining(4, 4);
        var tokens = new int[16];
        Assert.Contains("needs 16 tokens, not 15", Refused(() => graph.SetBatch(4, 4, tokens.AsSpan(1), tokens)));
        Assert.Contains("4 sequences needs as many lengths or none, not 3", Refused(() => graph.SetBatch(4, 4, tokens, tokens, lengths: [1, 2, 3])));
        Assert.Contains("needs 16 targets, not 2", Refused(() => graph.SetBatch(4, 4, tokens, [1, 2])));
        Assert.Contains("needs 16 weights (or none), not 1", Refused(() => graph.SetBatch(4, 4, tokens, tokens, [1f])));
        Assert.Contains(
            "-100: a row without a loss has the target -1 (Device.IgnoredTarget)",
            Refused(() => graph.SetBatch(4, 4, tokens, [.. Enumerable.Repeat(-100, 16)])));
        Assert.Contains("target has id 257", Refused(() => graph.SetBatch(4, 4, tokens, [.. Enumerable.Repeat(257, 16)])));
        Assert.Contains("no parameter 'h.9.x'", Refused(() => model.ReadParameter("h.9.x")));
        Assert.Contains("[257, 32], not 3", Refused(() => model.WriteParameter("wte.weight", new float[3])));
    }

    /// <summary>
    /// A short sequence beside a long one has the losses and gradients of the same sequence alone, whatever its targets behind its end are.
    /// </summary>
    [Fact]
    public void RowsBehindASequencesEndDoNotCount()
    {
        int[] tokens = [1, 2, 3, 4, 5, 6, 0, 0], targets = [2, 3, 4, 5, 6, 7, 9, 9], ignored = [2, 3, 4, 5, 6, 7, -1, -1];
        var (loss, losses, gradient) = Run(targets, default);
        var (sameLoss, sameLosses, sameGradient) = Run(ignored, default);
        Assert.Equal(loss, sameLoss);
        Assert.Equal(losses, sameLosses);
        Assert.Equal(gradient, sameGradient);
        Assert.Equal(losses.Take(6).Average(), loss, 1e-6);
        Assert.Equal([0f, 0f], losses[6..]);
        var (weighted, _, weightedGradient) = Run(targets, [.. Enumerable.Repeat(1f, 8)]);
        Assert.Equal(6 * loss, weighted, 1e-5);
        Assert.Equal(6 * gradient[40], weightedGradient[40], 1e-5);

        (double Loss, float[] Losses, float[] Gradient) Run(int[] target, float[]? weights)
        {
            using var graph = model.CreateTraining(2, 4);
            graph.SetBatch(2, 4, tokens, target, weights, [4, 2]);
            graph.Forward();
            graph.Backward(accumulate: false);
            var rows = new float[8];
            graph.ReadLosses(rows);
            return (graph.ReadLoss(), rows, graph.ReadGradient("wte.weight"));
        }
    }

    private static void Missing(string message, Action call) => Assert.Contains(message, Assert.Throws<InvalidOperationException>(call).Message);

    private static string Refused(Action call) => Assert.Throws<GptGenException>(call).Message;
}
