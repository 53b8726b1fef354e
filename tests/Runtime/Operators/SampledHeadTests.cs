using GptGen.Reference;
using GptGen.Training;
using Xunit;

namespace GptGen.Runtime.Tests.Operators;

/// <summary>The sampled softmax: gradients against central differences, the whole softmax as its limit, and what is drawn.</summary>
public class SampledHeadTests
{
    private static readonly int[] Targets = [3, 10, Device.IgnoredTarget, 0, 3];
    private static readonly double[] TargetLogs = [-0.5, -1.25, 0.75, -2, -0.5];

    [Theory]
    [InlineData(GradientWrite.Write)]
    [InlineData(GradientWrite.Add)]
    public void Parameters(GradientWrite write) => GradientCheck.Verify(
        [TestMemory.Random(1, 16 * 7), TestMemory.Random(2, 16)],
        (device, memory, inputs) => Run(device, memory, TestMemory.Random(4, 5 * 7), inputs[0], inputs[1], new double[5]).Losses,
        (device, memory, inputs, dy, begun) =>
        {
            var run = Run(device, memory, TestMemory.Random(4, 5 * 7), inputs[0], inputs[1], dy, begun[0], begun[1], write);
            return [run.Table, run.Bias];
        },
        write);

    [Fact]
    public void Input() => GradientCheck.Verify(
        [TestMemory.Random(4, 5 * 7)],
        (device, memory, inputs) => Run(device, memory, inputs[0], TestMemory.Random(1, 16 * 7), null, new double[5]).Losses,
        (device, memory, inputs, dy, _) => [Run(device, memory, inputs[0], TestMemory.Random(1, 16 * 7), null, dy).Input]);

    /// <summary>Where every token is a sample that is expected once, loss and gradients are those of all tokens.</summary>
    [Fact]
    public void AllTokensAsSamplesAreTheWholeSoftmax()
    {
        foreach (var (device, tolerance) in ((Device, double)[])[(new ReferenceDevice(), 1e-12), (new CpuDevice(2), 1e-5)])
        {
            using (device)
            using (var memory = new TestMemory(device))
            {
                var (x, table, bias) = (TestMemory.Random(4, 5 * 7), TestMemory.Random(1, 16 * 7), TestMemory.Random(2, 16));
                double[] weights = [0.5, 1, 2, 0.25, -1];
                var sampled = Run(
                    device, memory, x, table, bias, weights, samples: [.. Enumerable.Range(0, 11).Reverse()], logs: new double[11],
                    targetLogs: new double[5]);
                var (losses, dx) = (memory.Statistics(5), memory.Rows<Width7>(new double[5 * 7]));
                var dWeight = memory.Matrix<PaddedVocabulary, Width7>(new double[16 * 7]);
                var dBias = memory.Vector<PaddedVocabulary>(new double[16]);
                device.HeadLossBackward(
                    memory.Rows<Width7>(x), memory.Matrix<PaddedVocabulary, Width7>(table), memory.Vector<PaddedVocabulary>(bias),
                    memory.Integers(Targets), memory.Statistics(weights), memory.Rows<PaddedVocabulary>(new double[2 * 16]), losses, dx, dWeight,
                    dBias, GradientWrite.Write);
                GradientCheck.Near(TestMemory.Read(losses.Start), sampled.Losses, tolerance);
                GradientCheck.Near(TestMemory.Read(dx.Start), sampled.Input, tolerance);
                GradientCheck.Near(TestMemory.Read(dWeight.Start), sampled.Table, tolerance);
                GradientCheck.Near(TestMemory.Read(dBias.Start), sampled.Bias, tolerance);
            }
        }
    }

    /// <summary>Draws are distinct, follow from seed, step and micro-batch, and are as frequent as they say.</summary>
    [Fact]
    public void CandidatesAreAsFrequentAsTheySay()
    {
        const int Vocabulary = 50, Count = 8, Draws = 20_000;
        var (sampler, again) = (new CandidateSampler(Vocabulary, Count), new CandidateSampler(Vocabulary, Count));
        var (drawn, expected) = (new double[Vocabulary], new double[Vocabulary]);
        for (var step = 0; step < Draws; step++)
        {
            sampler.Draw(3, (uint)step, 0);
            Assert.Equal(Count, sampler.Tokens.ToArray().Distinct().Count());
            foreach (var token in sampler.Tokens)
                drawn[token] += 1.0 / Draws;
            for (var token = 0; token < Vocabulary; token++)
                expected[token] += Math.Exp(sampler.LogExpected(token)) / Draws;
        }

        Assert.Equal(Count, expected.Sum(), 0.1);
        Assert.All(drawn.Zip(expected), static pair => Assert.InRange(pair.First / pair.Second, 0.9, 1.1));
        Assert.True(drawn[0] > 3 * drawn[10] && drawn[10] > 2 * drawn[40]);
        again.Draw(3, Draws - 1, 0);
        Assert.Equal(sampler.Tokens, again.Tokens);
        Assert.Equal(sampler.Logs, again.Logs);
        Assert.Equal(sampler.LogExpected(again.Tokens[0]), again.Logs[0]);
        again.Draw(3, Draws - 1, 1);
        Assert.NotEqual(sampler.Tokens.ToArray(), again.Tokens.ToArray());
    }

    [Fact]
    public void AllTokensCanBeDrawnAndNoMore()
    {
        var sampler = new CandidateSampler(11, 11);
        sampler.Draw(1, 2, 3);
        Assert.Equal(Enumerable.Range(0, 11), sampler.Tokens.ToArray().Order());
        Assert.Contains("12 sampled tokens", Assert.Throws<GptGenException>(static () => new CandidateSampler(11, 12)).Message);
    }

    /// <summary>
    /// Where nearly all tokens are drawn, most draws would be in vain; they are not made one by one, but which tokens are missing, what comes last
    /// and how many draws it would have been are distributed as if they were.
    /// </summary>
    [Fact]
    public void NearlyAllTokensAreDrawnAsIfOneByOne()
    {
        const int Vocabulary = 12, Count = 11, Draws = 40_000;
        var sampler = new CandidateSampler(Vocabulary, Count);
        var random = new Random(5);
        var (missing, last, tries) = (new double[2, Vocabulary], new double[2, Vocabulary], new List<double>[] { [], [] });
        for (var step = 0; step < Draws; step++)
        {
            sampler.Draw(3, (uint)step, 0);
            // 1 - e^log = (1 - p)^tries, with the rarest token's p.
            Add(0, sampler.Tokens, Math.Log(-double.ExpM1(sampler.LogExpected(Vocabulary - 1)))
                / double.LogP1(-Math.Log((Vocabulary + 1.0) / Vocabulary) / Math.Log(Vocabulary + 1.0)));
            var (drawn, made) = (new List<int>(), 0);
            for (; drawn.Count < Count; made++)
            {
                var token = (int)(Math.Pow(Vocabulary + 1, random.NextDouble()) - 1);
                if (!drawn.Contains(token))
                    drawn.Add(token);
            }

            Add(1, drawn.ToArray(), made);
        }

        for (var token = 0; token < Vocabulary; token++)
        {
            Assert.Equal(missing[1, token], missing[0, token], 0.012);
            Assert.Equal(last[1, token], last[0, token], 0.012);
        }

        Assert.True(missing[0, 11] > 3 * missing[0, 2]);
        foreach (var share in (double[])[0.1, 0.5, 0.9])
            Assert.InRange(Quantile(0, share) / Quantile(1, share), 0.96, 1.04);
        Assert.InRange(tries[0].Average() / tries[1].Average(), 0.98, 1.02);

        void Add(int which, ReadOnlySpan<int> tokens, double made)
        {
            missing[which, Enumerable.Range(0, Vocabulary).Except(tokens.ToArray()).Single()] += 1.0 / Draws;
            last[which, tokens[^1]] += 1.0 / Draws;
            tries[which].Add(made);
        }

        double Quantile(int which, double share) => tries[which].Order().ElementAt((int)(share * Draws));
    }

    /// <summary>Of the words of ELMo's vocabulary the rarest would take a hundred million draws.</summary>
    [Fact]
    public void AllOfALargeVocabularyTakeFewDraws()
    {
        var sampler = new CandidateSampler(793_471, 793_471);
        sampler.Draw(1, 2, 3);
        Assert.InRange(sampler.WordsTaken, 2 * 793_471UL, 20_000_000UL);
        Assert.Equal(793_471, sampler.Tokens.ToArray().Distinct().Count());
        Assert.All(sampler.Logs.ToArray(), static log => Assert.InRange(log, -1, 0));
    }

    private static (double[] Losses, double[] Input, double[] Table, double[] Bias) Run(
        Device device, TestMemory memory, double[] x, double[] table, double[]? bias, double[] weights, double[]? dTable = null,
        double[]? dBias = null, GradientWrite write = GradientWrite.Write, int[]? samples = null, double[]? logs = null, double[]? targetLogs = null)
    {
        samples ??= [7, 0, 3, 9];
        var (losses, dx) = (memory.Statistics(5), memory.Rows<Width7>(new double[5 * 7]));
        var dWeight = memory.Matrix<PaddedVocabulary, Width7>(dTable ?? new double[16 * 7]);
        var dBiases = memory.Vector<PaddedVocabulary>(dBias ?? new double[16]);
        device.SampledHeadLossBackward(
            memory.Rows<Width7>(x), memory.Matrix<PaddedVocabulary, Width7>(table),
            bias is null ? default : memory.Vector<PaddedVocabulary>(bias), memory.Integers(Targets), memory.Statistics(weights),
            memory.Integers(samples), memory.Statistics(logs ?? [-0.25, 0.5, -1, -2]), memory.Statistics(targetLogs ?? TargetLogs), losses, dx,
            dWeight, bias is null ? default : dBiases, write);
        return (
            TestMemory.Read(losses.Start), TestMemory.Read(dx.Start), TestMemory.Read(dWeight.Start), TestMemory.Read(dBiases.Start));
    }
}
