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
