using System.Runtime.CompilerServices;
using Xunit;

namespace GptGen.Runtime.Tests.Operators;

/// <summary>A device's operators against the reference.</summary>
/// <typeparam name="TWidth">The width of most rows; a multiple of 3 or 4.</typeparam>
/// <typeparam name="TOut">The width of a product's rows.</typeparam>
public abstract partial class OperatorTests<TWidth, TOut>
    where TWidth : struct, IDimension
    where TOut : struct, IDimension
{
    /// <summary>
    /// Products and gradients of parameters add a term a row in f32, in an order of the device's own: thousands of roundings of sums up to about 50.
    /// </summary>
    protected virtual double Tolerance => 3e-5;

    private static readonly int Width = TWidth.Size;

    /// <summary>Rows: long enough for several chunks of any kernel, so that every thread gets some, and no multiple of anything.</summary>
    protected virtual int Many => 2503;

    private static int Heads => Width % 3 == 0 ? 3 : 4;

    private static readonly DropoutSite Active = new Dropout(0.3f, 5, 2, 1).Site(1, 3);

    public static TheoryData<bool> Drops => [false, true];

    [Fact]
    public void LayerNorm() => Verify((device, memory) =>
    {
        var x = memory.Rows<TWidth>(TestMemory.Random(1, Many * Width));
        var gain = memory.Vector<TWidth>(TestMemory.Random(2, Width));
        var bias = memory.Vector<TWidth>(TestMemory.Random(3, Width));
        var (y, dx) = (memory.Rows<TWidth>(new double[Many * Width]), memory.Rows<TWidth>(TestMemory.Random(4, Many * Width)));
        var (mean, reciprocal) = (memory.Statistics(Many), memory.Statistics(Many));
        var dGain = memory.Vector<TWidth>(TestMemory.Random(5, Width), BufferRole.Gradient);
        var dBias = memory.Vector<TWidth>(TestMemory.Random(6, Width), BufferRole.Gradient);
        device.LayerNorm(x, gain, bias, 1e-5f, y, mean, reciprocal);
        var dy = memory.Rows<TWidth>(TestMemory.Random(7, Many * Width));
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
        var residual = memory.Rows<TWidth>(TestMemory.Random(1, Many * Width));
        var branch = memory.Rows<TWidth>(TestMemory.Random(2, Many * Width));
        var inPlace = memory.Rows<TWidth>(TestMemory.Random(3, Many * Width));
        var (plain, copy) = (memory.Rows<TWidth>(new double[Many * Width]), memory.Rows<TWidth>(new double[Many * Width]));
        var dBranch = memory.Rows<TWidth>(new double[Many * Width]);
        device.ResidualAdd(residual, branch, site, plain);
        device.ResidualAdd(residual, inPlace, site, inPlace);
        device.Copy(plain, copy);
        var gradient = device.DropoutBackward(branch, site, dBranch);
        Assert.Equal(drop ? dBranch.Start : branch.Start, gradient.Start);
        return [plain.Start, inPlace.Start, copy.Start, gradient.Start];
    });

    [Theory]
    [MemberData(nameof(Drops))]
    public void Dropout(bool drop) => Verify((device, memory) =>
    {
        var y = memory.Rows<TWidth>(TestMemory.Random(2, Many * Width));
        device.Dropout(memory.Rows<TWidth>(TestMemory.Random(1, Many * Width)), drop ? Active : default, y);
        return [y.Start];
    });

    [Theory]
    [InlineData(GradientWrite.Write)]
    [InlineData(GradientWrite.Add)]
    public void Accumulate(GradientWrite write) => Verify((device, memory) =>
    {
        var (x, y) = (memory.Rows<TWidth>(TestMemory.Random(1, Many * Width)), memory.Rows<TWidth>(TestMemory.Random(2, Many * Width)));
        // Fewer rows than there are: the rest stays.
        var (few, some) = (memory.Rows<Width3>(TestMemory.Random(3, 5 * 3)), memory.Rows<Width3>(TestMemory.Random(4, 9 * 3)));
        device.Accumulate(x, y, write);
        device.Accumulate(few, some, write);
        device.Accumulate(memory.Rows<Width3>([]), some, write);
        return [y.Start, some.Start];
    });

    [Fact]
    public void Clear() => Verify((device, memory) =>
    {
        var x = memory.Rows<Width3>(TestMemory.Random(1, 9 * 3));
        device.Clear(new Rows<Width3>(x.Start.Plus(3), 4));
        return [x.Start];
    });

    [Theory]
    [MemberData(nameof(Drops))]
    public void Pool(bool drop) => Verify((device, memory) =>
    {
        const int Sums = 11;
        var site = drop ? Active : default;
        var x = memory.Rows<TWidth>(TestMemory.Random(1, Many * Width));
        var dy = memory.Rows<TWidth>(TestMemory.Random(2, Sums * Width));
        var (pairs, singles) = (memory.Rows<TWidth>(new double[Sums * Width]), memory.Rows<TWidth>(new double[Sums * Width]));
        var (added, written) = (memory.Rows<TWidth>(TestMemory.Random(3, Many * Width)), memory.Rows<TWidth>(TestMemory.Random(4, Many * Width)));
        var picked = memory.Integers([.. Enumerable.Range(0, 2 * Sums).Select(i => Many - 1 - i)]);
        var single = memory.Integers([.. Enumerable.Range(0, Sums)]);
        device.Pool(x, picked, site, pairs);
        device.Pool(x, single, site, singles);
        device.PoolBackward(dy, picked, site, added, GradientWrite.Add);
        device.PoolBackward(dy, single, site, written, GradientWrite.Write);
        return [pairs.Start, singles.Start, added.Start, written.Start];
    });

    /// <summary>Slots that take all positions of another, some, none, and slots that keep theirs.</summary>
    [Fact]
    public void CopySlots() => Verify((device, memory) =>
    {
        const int Blocks = 6, Slots = 7, Capacity = 67, Before = 5;
        var size = Width / Heads;
        var numbers = memory.Numbers(TestMemory.Random(1, Before + (Blocks * Slots * Heads * Capacity * size)), BufferRole.Cache);
        device.CopySlots(
            new(numbers.Plus(Before), Blocks, Slots, Heads, Capacity, size), memory.Integers(2, 0, 2, 5), memory.Integers(1, 4, 6, 3),
            memory.Integers(33, Capacity, 1, 0));
        device.CopySlots(
            new(numbers.Plus(Before), Blocks, Slots, Heads, Capacity, size), memory.Integers(), memory.Integers(), memory.Integers());
        return [numbers];
    });

    /// <summary>Sequences of every length, what lies beyond them no number at all.</summary>
    [Fact]
    public void MeanRows() =>
        Verify((device, memory) => [.. Means<TWidth>(device, memory), .. Means<Width30>(device, memory), .. Means<Width3>(device, memory)]);

    private static Location[] Means<T>(Device device, TestMemory memory)
        where T : struct, IDimension
    {
        const int Length = 67;
        int[] lengths = [Length, 0, 1, 33, 2];
        var values = TestMemory.Random(1, lengths.Length * Length * T.Size);
        for (var sequence = 0; sequence < lengths.Length; sequence++)
            values.AsSpan((sequence * Length + lengths[sequence]) * T.Size, (Length - lengths[sequence]) * T.Size).Fill(double.NaN);
        var y = memory.Rows<T>(TestMemory.Random(2, lengths.Length * T.Size));
        device.MeanRows(memory.Rows<T>(values), memory.Integers(lengths), y);
        device.MeanRows(memory.Rows<T>([]), memory.Integers(), memory.Rows<T>([]));
        return [y.Start];
    }

    /// <summary>Some rows are remembered, none, and fewer than there are.</summary>
    [Fact]
    public void Memory() => Verify((device, memory) =>
    {
        const int Sequences = 3, Own = 37, Remembered = 29, Kept = 41;
        var x = memory.Rows<TWidth>(TestMemory.Random(1, Sequences * Own * Width));
        var earlier = memory.Rows<TWidth>(TestMemory.Random(2, Sequences * Remembered * Width));
        var joined = memory.Rows<TWidth>(TestMemory.Random(3, Sequences * (Own + Remembered) * Width));
        var alone = memory.Rows<TWidth>(TestMemory.Random(4, Sequences * Own * Width));
        var (kept, all) = (
            memory.Rows<TWidth>(TestMemory.Random(5, Sequences * Kept * Width)), memory.Rows<TWidth>(TestMemory.Random(8, joined.Count * Width)));
        var (added, written) = (
            memory.Rows<TWidth>(TestMemory.Random(6, x.Count * Width)), memory.Rows<TWidth>(TestMemory.Random(7, x.Count * Width)));
        device.JoinMemory(earlier, x, Sequences, joined);
        device.JoinMemory(memory.Rows<TWidth>([]), x, Sequences, alone);
        device.JoinMemoryBackward(joined, Sequences, added, GradientWrite.Add);
        device.JoinMemoryBackward(joined, Sequences, written, GradientWrite.Write);
        device.KeepMemory(joined, Sequences, kept);
        device.KeepMemory(joined, Sequences, all);
        device.KeepMemory(joined, Sequences, memory.Rows<TWidth>([]));
        device.KeepMemory(memory.Rows<TWidth>([]), 0, memory.Rows<TWidth>([]));
        return [joined.Start, alone.Start, added.Start, written.Start, kept.Start, all.Start];
    });

    [Fact]
    public void CrossEntropy() => Verify((device, memory) =>
    {
        const int Examples = 21;
        var scores = memory.Rows<TOut>(TestMemory.Random(1, Examples * TOut.Size));
        var labels = memory.Integers([.. Enumerable.Range(0, Examples).Select(i => i % TOut.Size)]);
        var weights = memory.Statistics([.. TestMemory.Random(2, Examples)]);
        var (losses, again) = (memory.Statistics(Examples), memory.Statistics(Examples));
        var dScores = memory.Rows<TOut>(new double[Examples * TOut.Size]);
        device.CrossEntropy(scores, labels, losses);
        device.CrossEntropyBackward(scores, labels, weights, again, dScores);
        return [losses.Start, again.Start, dScores.Start];
    });

    [Fact]
    public void PositionCrossEntropy() => Verify(PositionLossCase.Run<TOut>);

    [Fact]
    public void SquaredError() => Verify((device, memory) =>
    {
        const int Examples = 301;
        var scores = memory.Rows<Width1>(TestMemory.Random(1, Examples));
        var (grades, weights) = (memory.Statistics([.. TestMemory.Random(2, Examples)]), memory.Statistics([.. TestMemory.Random(3, Examples)]));
        var (losses, again) = (memory.Statistics(Examples), memory.Statistics(Examples));
        var dScores = memory.Rows<Width1>(new double[Examples]);
        device.SquaredError(scores, grades, losses);
        device.SquaredErrorBackward(scores, grades, weights, again, dScores);
        return [losses.Start, again.Start, dScores.Start];
    });

    [Theory]
    [InlineData(Activation.GeluTanh)]
    [InlineData(Activation.GeluErf)]
    [InlineData(Activation.Relu)]
    [InlineData(Activation.Tanh)]
    [InlineData(Activation.Silu)]
    public void Activate(Activation activation) => Verify((device, memory) =>
    {
        // Also where the functions are saturated.
        var x = memory.Rows<TWidth>(Array.ConvertAll(TestMemory.Random(1, Many * Width), value => (double)(float)(12 * value)));
        var (y, dx) = (memory.Rows<TWidth>(new double[Many * Width]), memory.Rows<TWidth>(new double[Many * Width]));
        device.Activate(activation, x, y);
        device.ActivateBackward(activation, x, memory.Rows<TWidth>(TestMemory.Random(2, Many * Width)), dx);
        return [y.Start, dx.Start];
    });

    [Theory]
    [MemberData(nameof(Drops))]
    public void Embed(bool drop) => Verify((device, memory) =>
    {
        var site = drop ? Active : default;
        var tokens = memory.Integers([.. Enumerable.Range(0, Many).Select(row => row * row % 11)]);
        var positions = memory.Integers([.. Enumerable.Range(0, Many).Select(row => row % 9)]);
        var y = memory.Rows<TWidth>(new double[Many * Width]);
        var dTokens = memory.Matrix<PaddedVocabulary, TWidth>(TestMemory.Random(1, 16 * Width), BufferRole.Gradient);
        var dPositions = memory.Matrix<Context9, TWidth>(TestMemory.Random(2, 9 * Width), BufferRole.Gradient);
        device.Embed(
            tokens, positions, memory.Matrix<PaddedVocabulary, TWidth>(TestMemory.Random(3, 16 * Width)),
            memory.Matrix<Context9, TWidth>(TestMemory.Random(4, 9 * Width)), site, y);
        device.EmbedBackward(
            tokens, positions, memory.Rows<TWidth>(TestMemory.Random(5, Many * Width)), site, dTokens, GradientWrite.Write, dPositions,
            GradientWrite.Add);
        return [y.Start, dTokens.Start, dPositions.Start];
    });

    [Theory]
    [InlineData(TimeDirection.Forward, false)]
    [InlineData(TimeDirection.Forward, true)]
    [InlineData(TimeDirection.Backward, false)]
    [InlineData(TimeDirection.Backward, true)]
    public void LstmScan(TimeDirection direction, bool clips) => Verify((device, memory) =>
    {
        var work = LstmCase.Of(direction, clips);
        return [
            .. work.Run<Width22, Width13>(device, memory), .. (work with { Begins = false }).Run<Width5, Width3>(device, memory),
            .. (work with { Write = GradientWrite.Add, InPlace = true }).Run<Width64, Width16>(device, memory)];
    }, jumps: clips);

    /// <summary>More sequences than thin products take, and fewer of them at every step.</summary>
    [Fact]
    public void LstmScanOfManySequences() => Verify(static (device, memory) =>
        (LstmCase.Of(TimeDirection.Backward, clips: true) with { Lengths = [.. Enumerable.Range(0, 41).Select(static i => i * 7 % 10)] })
        .Run<Width22, Width13>(device, memory), jumps: true);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(67)]
    public void MixLayers(int rows) => Verify((device, memory) => [
        .. MixLayersCase.Run<TWidth>(device, memory, rows), .. MixLayersCase.Run<Width3>(device, memory, rows)]);

    /// <summary>Several parts of sums.</summary>
    [Fact]
    public void MixLayersOfManyRows() => Verify((device, memory) => MixLayersCase.Run<Width30>(device, memory, 3 * Many));

    [Theory]
    [InlineData(Activation.Relu, 0)]
    [InlineData(Activation.Relu, 1)]
    [InlineData(Activation.Relu, 67)]
    [InlineData(Activation.Tanh, 67)]
    public void CharacterConvolution(Activation activation, int words) => Verify((device, memory) => [
        .. new CharacterCase(activation, words).Run<Width3, TOut>(device, memory),
        .. new CharacterCase(activation, words).Run<Width16, Width22>(device, memory)]);

    /// <summary>Several strips of filters, and words for every thread; a character's gradient is a sum of thousands of numbers.</summary>
    [Fact]
    public void CharacterConvolutionOfManyWords() => Verify((device, memory) =>
        new CharacterCase(Activation.Tanh, Many / 16).Run<Width5, Width148>(device, memory));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(67)]
    public void Highway(int rows) => Verify((device, memory) => [
        .. HighwayCase.Run<TWidth>(device, memory, rows), .. HighwayCase.Run<Width3>(device, memory, rows)]);

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
        var heads = new AttentionHeads<TWidth, TWidth>(Heads, Heads, mask);
        var lengths = memory.Integers(Length, 1, 0, 83);
        var qkv = memory.Rows<Triple<TWidth>>(TestMemory.Random(1, 4 * Length * 3 * Width));
        var y = memory.Rows<TWidth>(new double[4 * Length * Width]);
        var logSumExp = memory.Statistics(4 * Heads * Length);
        var dQkv = memory.Rows<Triple<TWidth>>(TestMemory.Random(2, 4 * Length * 3 * Width));
        device.Attention(qkv.Query(), qkv.Key(), qkv.Value(), heads, lengths, lengths, site, y, logSumExp);
        device.AttentionBackward(
            memory.Rows<TWidth>(TestMemory.Random(3, 4 * Length * Width)), qkv.Query(), qkv.Key(), qkv.Value(), y, logSumExp, heads, lengths, lengths,
            site, dQkv.Query(), dQkv.Key(), dQkv.Value());
        return [y.Start, dQkv.Start];
    });

    [Fact]
    public void AttentionThroughTheCache() => Verify((device, memory) =>
    {
        const int Length = 61;
        const int Capacity = 70;
        var heads = new AttentionHeads<TWidth, TWidth>(Heads, Heads, AttentionMask.Causal);
        var slots = memory.Integers(3, 0);
        var place = memory.Numbers(new double[KeyValueCache<TWidth>.Elements(4, Capacity)], BufferRole.Cache);
        var cache = new KeyValueCache<TWidth>(place, 4, Capacity);
        var y = memory.Rows<TWidth>(new double[2 * Length * Width]);
        device.AttentionPrefill(
            memory.Rows<Triple<TWidth>>(TestMemory.Random(1, 2 * Length * 3 * Width)), heads, memory.Integers(Length, 17), slots, cache, y);
        var outputs = new List<Location> { y.Start };
        for (var step = 0; step < 3; step++)
        {
            var next = memory.Rows<TWidth>(new double[2 * Width]);
            device.AttentionDecode(
                memory.Rows<Triple<TWidth>>(TestMemory.Random(2 + step, 2 * 3 * Width)), heads, memory.Integers(Length + step, 17 + step), slots,
                cache, next);
            outputs.Add(next.Start);
        }

        return [.. outputs];
    });

    /// <summary>Keys and values are stored once, and several rows look at the same ones; longer than a block of the GPU takes at once.</summary>
    [Fact]
    public void AttentionToStoredKeysAndValues() => Verify((device, memory) =>
    {
        const int Length = 131;
        const int Capacity = 140;
        var heads = new AttentionHeads<TWidth, TWidth>(Heads, Heads, AttentionMask.Full);
        var place = memory.Numbers(new double[KeyValueCache<TWidth>.Elements(4, Capacity)], BufferRole.Cache);
        var cache = new KeyValueCache<TWidth>(place, 4, Capacity);
        device.StoreKeysAndValues(
            memory.Rows<Double<TWidth>>(TestMemory.Random(1, 3 * Length * 2 * Width)), heads, memory.Integers(Length, 1, 17),
            memory.Integers(3, 0, 1), cache);
        var y = memory.Rows<TWidth>(new double[5 * Width]);
        device.AttentionCached(
            memory.Rows<TWidth>(TestMemory.Random(2, 5 * Width)), heads, memory.Integers(Length - 1, 16, 0, Length - 1, 127),
            memory.Integers(3, 1, 0, 3, 3), cache, y);
        return [place, y.Start];
    });

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 0)]
    [InlineData(false, 0.1f)]
    [InlineData(true, 0.1f)]
    public void Head(bool withBias, float smoothing) => Verify((device, memory) =>
    {
        const int Rows = 103;
        var x = memory.Rows<TWidth>(TestMemory.Random(1, Rows * Width));
        var table = TestMemory.Random(2, 16 * Width);
        Array.Clear(table, 11 * Width, 5 * Width);
        var weight = memory.Matrix<PaddedVocabulary, TWidth>(table);
        // Its padding is not zero here, and yet counts for nothing.
        var bias = withBias ? memory.Vector<PaddedVocabulary>(TestMemory.Random(5, 16)) : default;
        var targets = memory.Integers([.. Enumerable.Range(0, Rows).Select(row => row % 12 - 1)]);
        // The last chunk is not full.
        var chunk = memory.Rows<PaddedVocabulary>(new double[17 * 16], BufferRole.Workspace);
        var (losses, lossesAgain) = (memory.Statistics(Rows), memory.Statistics(Rows));
        var dx = memory.Rows<TWidth>(new double[Rows * Width]);
        var weights = memory.Statistics(TestMemory.Random(4, Rows));
        var (added, written) = (
            memory.Matrix<PaddedVocabulary, TWidth>(TestMemory.Random(3, 16 * Width), BufferRole.Gradient),
            memory.Matrix<PaddedVocabulary, TWidth>(TestMemory.Random(6, 16 * Width), BufferRole.Gradient));
        var (addedBias, writtenBias) = (
            memory.Vector<PaddedVocabulary>(TestMemory.Random(7, 16), BufferRole.Gradient),
            memory.Vector<PaddedVocabulary>(TestMemory.Random(8, 16), BufferRole.Gradient));
        device.HeadLoss(x, weight, bias, targets, chunk, losses, smoothing);
        device.HeadLossBackward(
            x, weight, bias, targets, weights, chunk, lossesAgain, dx, added, withBias ? addedBias : default, GradientWrite.Add, smoothing);
        device.HeadLossBackward(
            x, weight, bias, targets, weights, chunk, lossesAgain, dx, written, withBias ? writtenBias : default, GradientWrite.Write, smoothing);
        return [losses.Start, lossesAgain.Start, dx.Start, added.Start, written.Start, addedBias.Start, writtenBias.Start];
    });

    /// <summary>None, few, and several chunks.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(603)]
    public void SampledHead(int rows) => Verify((device, memory) => SampledHeadCase.Run<TWidth>(device, memory, rows));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void HeadLogits(bool withBias) => Verify((device, memory) =>
    {
        const int Rows = 103;
        var logits = memory.Rows<PaddedVocabulary>(new double[Rows * 16], BufferRole.Logit);
        device.HeadLogits(
            memory.Rows<TWidth>(TestMemory.Random(1, Rows * Width)), memory.Matrix<PaddedVocabulary, TWidth>(TestMemory.Random(2, 16 * Width)),
            withBias ? memory.Vector<PaddedVocabulary>(TestMemory.Random(3, 16)) : default, logits);
        // What lies in the padding columns is not defined, so only the others are compared.
        var values = TestMemory.Read(logits.Start);
        return [memory.Numbers([.. values.Where((_, element) => element % 16 < 11)], BufferRole.Logit)];
    });

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(33)]
    public void LookupAndGather(int count) => Verify((device, memory) => [
        .. LookupCase.Run<TWidth>(device, memory, count), .. LookupCase.Run<Width30>(device, memory, count),
        .. LookupCase.Run<Width3>(device, memory, count)]);

    /// <summary>Clusters of fewer columns than a block has threads and of more than two for each, padded.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(9)]
    public void ClusterLogProbabilities(int count) => Verify((device, memory) => [
        .. ClusterLogitsCase.Run<Width15, Width30>(device, memory, count), .. ClusterLogitsCase.Run<Columns700, Tokens710>(device, memory, count)]);

    [Fact]
    public void LookupAndGatherOfManyRows() => Verify((device, memory) => LookupCase.Run<TWidth>(device, memory, Many));

    [Theory]
    [InlineData(0)]
    [InlineData(0.5f)]
    [InlineData(1e6f)]
    public void Optimizer(float clip) => Verify((device, memory) =>
    {
        var count = Many * Width;
        var parameters = memory.Numbers(TestMemory.Random(1, count), BufferRole.Parameter);
        var gradients = memory.Numbers(TestMemory.Random(2, count), BufferRole.Gradient);
        var (first, second) = (memory.Numbers(new double[count], BufferRole.Moment), memory.Numbers(new double[count], BufferRole.Moment));
        var norm = memory.Statistics(1);
        for (var step = 0; step < 3; step++)
        {
            device.GradientNorm(gradients.Arena, count, norm);
            device.AdamW(
                parameters.Arena, gradients.Arena, first.Arena, second.Arena, norm,
                new(count, Many * 8, step, 0.01f, 0.9f, 0.95f, 1e-8f, 0.1f, clip));
        }

        return [norm.Start, parameters, first, second];
    });

    /// <summary>
    /// Runs operators on the reference and on the device under test, and compares what is left at the places that <paramref name="run"/> returns.
    /// </summary>
    /// <param name="run">Runs them.</param>
    /// <param name="jumps">Whether results jump where a number meets a bound, so that a rounding may show whole.</param>
    /// <param name="test">The test that calls.</param>
    private protected abstract void Verify(
        Func<Device, TestMemory, Location[]> run, bool jumps = false, [CallerMemberName] string test = "");

    /// <summary>What a device leaves at the places; the device is disposed of.</summary>
    private protected static double[][] Run(
        Device device, Func<Device, TestMemory, Location[]> run, Func<BufferRole, bool>? isBFloat16 = null)
    {
        using (device)
        using (var memory = new TestMemory(device, isBFloat16))
            return Array.ConvertAll(run(device, memory), TestMemory.Read);
    }
}
