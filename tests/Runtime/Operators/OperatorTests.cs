using Xunit;

namespace GptGen.Runtime.Tests.Operators;

/// <summary>A device's operators against the reference, with so many rows of odd sizes that every thread gets some.</summary>
public abstract class OperatorTests
{
    /// <summary>Long enough for several chunks of any kernel, and no multiple of anything.</summary>
    private const int Many = 2503;

    private static readonly DropoutSite Active = new Dropout(0.3f, 5, 2, 1).Site(1, 3);

    public static TheoryData<bool> Drops => [false, true];

    [Fact]
    public void Linear() => Verify((device, memory) =>
    {
        var (x, dy) = (memory.Rows<Width15>(TestMemory.Random(1, Many * 15)), memory.Rows<Width7>(TestMemory.Random(2, Many * 7)));
        var weight = memory.Matrix<Width7, Width15>(TestMemory.Random(3, 7 * 15));
        var y = memory.Rows<Width7>(new double[Many * 7]);
        var withoutBias = memory.Rows<Width7>(new double[Many * 7]);
        var dx = memory.Rows<Width15>(TestMemory.Random(4, Many * 15));
        var dWeight = memory.Matrix<Width7, Width15>(TestMemory.Random(5, 7 * 15));
        var dBias = memory.Vector<Width7>(TestMemory.Random(6, 7));
        device.Linear(x, weight, memory.Vector<Width7>(TestMemory.Random(7, 7)), y);
        device.Linear(x, weight, default, withoutBias);
        device.LinearBackwardInput(dy, weight, dx, GradientWrite.Add);
        device.LinearBackwardWeight(x, dy, dWeight, dBias, GradientWrite.Add);
        return [y.Start, withoutBias.Start, dx.Start, dWeight.Start, dBias.Start];
    });

    [Fact]
    public void LayerNorm() => Verify((device, memory) =>
    {
        var x = memory.Rows<Width15>(TestMemory.Random(1, Many * 15));
        var gain = memory.Vector<Width15>(TestMemory.Random(2, 15));
        var bias = memory.Vector<Width15>(TestMemory.Random(3, 15));
        var (y, dx) = (memory.Rows<Width15>(new double[Many * 15]), memory.Rows<Width15>(TestMemory.Random(4, Many * 15)));
        var (mean, reciprocal) = (memory.Statistics(Many), memory.Statistics(Many));
        var (dGain, dBias) = (memory.Vector<Width15>(TestMemory.Random(5, 15)), memory.Vector<Width15>(TestMemory.Random(6, 15)));
        device.LayerNorm(x, gain, bias, 1e-5f, y, mean, reciprocal);
        var dy = memory.Rows<Width15>(TestMemory.Random(7, Many * 15));
        device.LayerNormBackward(dy, x, gain, mean, reciprocal, dx, GradientWrite.Add, dGain, dBias, GradientWrite.Add);
        // In place, and without a bias.
        device.LayerNormBackward(dy, x, gain, mean, reciprocal, dy, GradientWrite.Write, dGain, default, GradientWrite.Write);
        return [y.Start, mean.Start, reciprocal.Start, dx.Start, dy.Start, dGain.Start, dBias.Start];
    });

    [Theory]
    [MemberData(nameof(Drops))]
    public void Residual(bool drop) => Verify((device, memory) =>
    {
        var site = drop ? Active : default;
        var residual = memory.Rows<Width15>(TestMemory.Random(1, Many * 15));
        var branch = memory.Rows<Width15>(TestMemory.Random(2, Many * 15));
        var gain = memory.Vector<Width15>(TestMemory.Random(3, 15));
        var (plain, copy) = (memory.Rows<Width15>(new double[Many * 15]), memory.Rows<Width15>(new double[Many * 15]));
        var (sum, y) = (memory.Rows<Width15>(new double[Many * 15]), memory.Rows<Width15>(new double[Many * 15]));
        var (mean, reciprocal) = (memory.Statistics(Many), memory.Statistics(Many));
        var dBranch = memory.Rows<Width15>(new double[Many * 15]);
        device.ResidualAdd(residual, branch, site, plain);
        device.ResidualLayerNorm(residual, branch, site, gain, default, 1e-5f, sum, y, mean, reciprocal);
        device.Copy(plain, copy);
        var gradient = device.DropoutBackward(branch, site, dBranch);
        Assert.Equal(drop ? dBranch.Start : branch.Start, gradient.Start);
        return [plain.Start, sum.Start, y.Start, mean.Start, reciprocal.Start, copy.Start, gradient.Start];
    });

    [Theory]
    [InlineData(Activation.GeluTanh)]
    [InlineData(Activation.GeluErf)]
    [InlineData(Activation.Relu)]
    public void Activate(Activation activation) => Verify((device, memory) =>
    {
        // Also where the functions are saturated.
        var x = memory.Rows<Width15>(Array.ConvertAll(TestMemory.Random(1, Many * 15), value => (double)(float)(12 * value)));
        var (y, dx) = (memory.Rows<Width15>(new double[Many * 15]), memory.Rows<Width15>(new double[Many * 15]));
        device.Activate(activation, x, y);
        device.ActivateBackward(activation, x, memory.Rows<Width15>(TestMemory.Random(2, Many * 15)), dx);
        return [y.Start, dx.Start];
    });

    [Theory]
    [MemberData(nameof(Drops))]
    public void Embed(bool drop) => Verify((device, memory) =>
    {
        var site = drop ? Active : default;
        var tokens = memory.Integers([.. Enumerable.Range(0, Many).Select(row => row * row % 11)]);
        var positions = memory.Integers([.. Enumerable.Range(0, Many).Select(row => row % 9)]);
        var y = memory.Rows<Width15>(new double[Many * 15]);
        var dTokens = memory.Matrix<PaddedVocabulary, Width15>(TestMemory.Random(1, 16 * 15));
        var dPositions = memory.Matrix<Context9, Width15>(TestMemory.Random(2, 9 * 15));
        device.Embed(
            tokens, positions, memory.Matrix<PaddedVocabulary, Width15>(TestMemory.Random(3, 16 * 15)),
            memory.Matrix<Context9, Width15>(TestMemory.Random(4, 9 * 15)), site, y);
        device.EmbedBackward(
            tokens, positions, memory.Rows<Width15>(TestMemory.Random(5, Many * 15)), site, dTokens, GradientWrite.Write, dPositions, GradientWrite.Add);
        return [y.Start, dTokens.Start, dPositions.Start];
    });

    [Theory]
    [InlineData(AttentionMask.Causal, false)]
    [InlineData(AttentionMask.Causal, true)]
    [InlineData(AttentionMask.Full, false)]
    [InlineData(AttentionMask.Full, true)]
    public void Attention(AttentionMask mask, bool drop) => Verify((device, memory) =>
    {
        // Longer than any block of queries or keys.
        const int Length = 147;
        var site = drop ? Active : default;
        var heads = new AttentionHeads<Width15>(3, mask);
        var lengths = memory.Integers(Length, 1, 0, 83);
        var qkv = memory.Rows<Triple<Width15>>(TestMemory.Random(1, 4 * Length * 45));
        var y = memory.Rows<Width15>(new double[4 * Length * 15]);
        var logSumExp = memory.Statistics(4 * 3 * Length);
        var dQkv = memory.Rows<Triple<Width15>>(TestMemory.Random(2, 4 * Length * 45));
        device.Attention(qkv, heads, lengths, site, y, logSumExp);
        device.AttentionBackward(memory.Rows<Width15>(TestMemory.Random(3, 4 * Length * 15)), qkv, y, logSumExp, heads, lengths, site, dQkv);
        return [y.Start, dQkv.Start];
    });

    [Fact]
    public void AttentionThroughTheCache() => Verify((device, memory) =>
    {
        const int Length = 61;
        const int Capacity = 70;
        var heads = new AttentionHeads<Width15>(5, AttentionMask.Causal);
        var slots = memory.Integers(3, 0);
        var place = memory.Numbers(new double[KeyValueCache<Width15>.Elements(4, Capacity)], BufferRole.Cache);
        var cache = new KeyValueCache<Width15>(place, 4, Capacity);
        var y = memory.Rows<Width15>(new double[2 * Length * 15]);
        device.AttentionPrefill(
            memory.Rows<Triple<Width15>>(TestMemory.Random(1, 2 * Length * 45)), heads, memory.Integers(Length, 17), slots, cache, y);
        var outputs = new List<Location> { y.Start };
        for (var step = 0; step < 3; step++)
        {
            var next = memory.Rows<Width15>(new double[2 * 15]);
            device.AttentionDecode(
                memory.Rows<Triple<Width15>>(TestMemory.Random(2 + step, 2 * 45)), heads, memory.Integers(Length + step, 17 + step), slots, cache, next);
            outputs.Add(next.Start);
        }

        return [.. outputs];
    });

    [Fact]
    public void Head() => Verify((device, memory) =>
    {
        const int Rows = 103;
        var x = memory.Rows<Width15>(TestMemory.Random(1, Rows * 15));
        var table = TestMemory.Random(2, 16 * 15);
        Array.Clear(table, 11 * 15, 5 * 15);
        var weight = memory.Matrix<PaddedVocabulary, Width15>(table);
        var targets = memory.Integers([.. Enumerable.Range(0, Rows).Select(row => row % 12 - 1)]);
        // The last chunk is not full.
        var chunk = memory.Rows<PaddedVocabulary>(new double[17 * 16]);
        var (losses, lossesAgain) = (memory.Statistics(Rows), memory.Statistics(Rows));
        var dx = memory.Rows<Width15>(new double[Rows * 15]);
        var dWeight = memory.Matrix<PaddedVocabulary, Width15>(TestMemory.Random(3, 16 * 15));
        device.HeadLoss(x, weight, targets, chunk, losses);
        device.HeadLossBackward(
            x, weight, targets, memory.Statistics(TestMemory.Random(4, Rows)), chunk, lossesAgain, dx, dWeight, GradientWrite.Add);
        return [losses.Start, lossesAgain.Start, dx.Start, dWeight.Start];
    });

    [Fact]
    public void HeadLogits() => Verify((device, memory) =>
    {
        const int Rows = 103;
        var logits = memory.Rows<PaddedVocabulary>(new double[Rows * 16]);
        device.HeadLogits(
            memory.Rows<Width15>(TestMemory.Random(1, Rows * 15)), memory.Matrix<PaddedVocabulary, Width15>(TestMemory.Random(2, 16 * 15)), logits);
        // What lies in the padding columns is not defined, so only the others are compared.
        var values = TestMemory.Read(logits.Start);
        return [memory.Numbers([.. values.Where((_, element) => element % 16 < 11)])];
    });

    [Fact]
    public void Gather() => Verify((device, memory) =>
    {
        var y = memory.Rows<Width15>(new double[5 * 15]);
        device.Gather(memory.Rows<Width15>(TestMemory.Random(1, Many * 15)), memory.Integers(7, 0, Many - 1, 7, 1300), y);
        return [y.Start];
    });

    [Theory]
    [InlineData(0)]
    [InlineData(0.5f)]
    [InlineData(1e6f)]
    public void Optimizer(float clip) => Verify((device, memory) =>
    {
        const int Count = Many * 15;
        var (parameters, gradients) = (memory.Numbers(TestMemory.Random(1, Count)), memory.Numbers(TestMemory.Random(2, Count)));
        var (first, second) = (memory.Numbers(new double[Count]), memory.Numbers(new double[Count]));
        var norm = memory.Statistics(1);
        for (var step = 1; step <= 3; step++)
        {
            device.GradientNorm(gradients.Arena, Count, norm);
            device.AdamW(
                parameters.Arena, gradients.Arena, first.Arena, second.Arena, norm,
                new(Count, 20_011, step, 0.01f, 0.9f, 0.95f, 1e-8f, 0.1f, clip));
        }

        return [norm.Start, parameters, first, second];
    });

    /// <summary>Runs operators on the reference and on the device under test, and compares what is left at the places that <paramref name="run"/> returns.</summary>
    private protected abstract void Verify(Func<Device, TestMemory, Location[]> run);

    /// <summary>What a device leaves at the places; the device is disposed of.</summary>
    private protected static double[][] Run(Device device, Func<Device, TestMemory, Location[]> run)
    {
        using (device)
        using (var memory = new TestMemory(device))
            return Array.ConvertAll(run(device, memory), TestMemory.Read);
    }
}
