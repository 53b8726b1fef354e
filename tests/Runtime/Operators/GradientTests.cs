using Xunit;

namespace GptGen.Runtime.Tests.Operators;

/// <summary>Every backward method of the reference device against central differences.</summary>
public class GradientTests
{
    private static readonly DropoutSite Active = new Dropout(0.3f, 5, 2, 0).Site(1, 3);

    public static TheoryData<GradientWrite> Writes => [GradientWrite.Write, GradientWrite.Add];

    [Theory]
    [MemberData(nameof(Writes))]
    public void Linear(GradientWrite write) => GradientCheck.Verify(
        [TestMemory.Random(1, 5 * 15), TestMemory.Random(2, 7 * 15), TestMemory.Random(3, 7)],
        (device, memory, inputs) =>
        {
            var y = memory.Rows<Width7>(new double[5 * 7]);
            device.Linear(memory.Rows<Width15>(inputs[0]), memory.Matrix<Width7, Width15>(inputs[1]), memory.Vector<Width7>(inputs[2]), y);
            return TestMemory.Read(y.Start);
        },
        (device, memory, inputs, dy, begun) =>
        {
            var gradient = memory.Rows<Width7>(dy);
            var dx = memory.Rows<Width15>(begun[0]);
            var dWeight = memory.Matrix<Width7, Width15>(begun[1]);
            var dBias = memory.Vector<Width7>(begun[2]);
            device.LinearBackwardInput(gradient, memory.Matrix<Width7, Width15>(inputs[1]), dx, write);
            device.LinearBackwardWeight(memory.Rows<Width15>(inputs[0]), gradient, dWeight, dBias, write);
            return [TestMemory.Read(dx.Start), TestMemory.Read(dWeight.Start), TestMemory.Read(dBias.Start)];
        },
        write);

    /// <summary>Its gradients are a linear layer's calls, in other places.</summary>
    [Fact]
    public void TransposedLinear() => GradientCheck.Verify(
        [TestMemory.Random(1, 5 * 7), TestMemory.Random(2, 7 * 15)],
        (device, memory, inputs) =>
        {
            var y = memory.Rows<Width15>(new double[5 * 15]);
            device.TransposedLinear(memory.Rows<Width7>(inputs[0]), memory.Matrix<Width7, Width15>(inputs[1]), y);
            return TestMemory.Read(y.Start);
        },
        (device, memory, inputs, dy, begun) =>
        {
            var (dx, dWeight) = (memory.Rows<Width7>(begun[0]), memory.Matrix<Width7, Width15>(begun[1]));
            device.Linear(memory.Rows<Width15>(dy), memory.Matrix<Width7, Width15>(inputs[1]), default, dx);
            device.LinearBackwardWeight(memory.Rows<Width15>(dy), memory.Rows<Width7>(inputs[0]), dWeight, default, GradientWrite.Write);
            return [TestMemory.Read(dx.Start), TestMemory.Read(dWeight.Start)];
        });

    [Theory]
    [MemberData(nameof(Writes))]
    public void LayerNorm(GradientWrite write) => GradientCheck.Verify(
        [TestMemory.Random(1, 5 * 15), TestMemory.Random(2, 15), TestMemory.Random(3, 15)],
        (device, memory, inputs) =>
        {
            var y = memory.Rows<Width15>(new double[5 * 15]);
            device.LayerNorm(
                memory.Rows<Width15>(inputs[0]), memory.Vector<Width15>(inputs[1]), memory.Vector<Width15>(inputs[2]), 1e-5f, y, default, default);
            return TestMemory.Read(y.Start);
        },
        (device, memory, inputs, dy, begun) =>
        {
            var x = memory.Rows<Width15>(inputs[0]);
            var gain = memory.Vector<Width15>(inputs[1]);
            var (mean, reciprocal) = (memory.Statistics(5), memory.Statistics(5));
            device.LayerNorm(x, gain, default, 1e-5f, memory.Rows<Width15>(new double[5 * 15]), mean, reciprocal);
            var dx = memory.Rows<Width15>(begun[0]);
            var (dGain, dBias) = (memory.Vector<Width15>(begun[1]), memory.Vector<Width15>(begun[2]));
            device.LayerNormBackward(memory.Rows<Width15>(dy), x, gain, mean, reciprocal, dx, write, dGain, dBias, write);
            return [TestMemory.Read(dx.Start), TestMemory.Read(dGain.Start), TestMemory.Read(dBias.Start)];
        },
        write);

    [Theory]
    [InlineData(Activation.GeluTanh)]
    [InlineData(Activation.GeluErf)]
    [InlineData(Activation.Relu)]
    [InlineData(Activation.Tanh)]
    [InlineData(Activation.Silu)]
    public void Activate(Activation activation) => GradientCheck.Verify(
        [Array.ConvertAll(TestMemory.Random(1, 5 * 15), value => 4 * value)],
        (device, memory, inputs) =>
        {
            var y = memory.Rows<Width15>(new double[5 * 15]);
            device.Activate(activation, memory.Rows<Width15>(inputs[0]), y);
            return TestMemory.Read(y.Start);
        },
        (device, memory, inputs, dy, _) =>
        {
            // In place, as the contract allows.
            var gradient = memory.Rows<Width15>(dy);
            device.ActivateBackward(activation, memory.Rows<Width15>(inputs[0]), gradient, gradient);
            return [TestMemory.Read(gradient.Start)];
        });

    [Theory]
    [MemberData(nameof(Writes))]
    public void Highway(GradientWrite write) => GradientCheck.Verify(
        [Array.ConvertAll(TestMemory.Random(1, 5 * 2 * 7), value => 3 * value), TestMemory.Random(2, 5 * 7)],
        (device, memory, inputs) =>
        {
            var y = memory.Rows<Width7>(new double[5 * 7]);
            device.Highway(memory.Rows<Double<Width7>>(inputs[0]), memory.Rows<Width7>(inputs[1]), y);
            return TestMemory.Read(y.Start);
        },
        (device, memory, inputs, dy, begun) =>
        {
            // In the gates' own place, whose gradient is written in any case.
            var (gates, dx) = (memory.Rows<Double<Width7>>(inputs[0]), memory.Rows<Width7>(begun[1]));
            device.HighwayBackward(memory.Rows<Width7>(dy), gates, memory.Rows<Width7>(inputs[1]), gates, dx, write);
            var added = write == GradientWrite.Add ? 0.25 : 0;
            return [[.. TestMemory.Read(gates.Start).Select(value => value + added)], TestMemory.Read(dx.Start)];
        },
        write);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ResidualAdd(bool drop) => GradientCheck.Verify(
        [TestMemory.Random(1, 5 * 15), TestMemory.Random(2, 5 * 15)],
        (device, memory, inputs) =>
        {
            var y = memory.Rows<Width15>(new double[5 * 15]);
            device.ResidualAdd(memory.Rows<Width15>(inputs[0]), memory.Rows<Width15>(inputs[1]), drop ? Active : default, y);
            return TestMemory.Read(y.Start);
        },
        (device, memory, _, dy, begun) =>
        {
            var branch = device.DropoutBackward(memory.Rows<Width15>(dy), drop ? Active : default, memory.Rows<Width15>(begun[1]));
            return [dy, TestMemory.Read(branch.Start)];
        });

    [Theory]
    [InlineData(GradientWrite.Write, false)]
    [InlineData(GradientWrite.Add, true)]
    public void Embed(GradientWrite write, bool drop)
    {
        var site = drop ? Active : default;
        GradientCheck.Verify(
            [TestMemory.Random(1, 16 * 15), TestMemory.Random(2, 9 * 15)],
            (device, memory, inputs) =>
            {
                var y = memory.Rows<Width15>(new double[5 * 15]);
                device.Embed(
                    memory.Integers(10, 3, 3, 0, 10), memory.Integers(0, 1, 8, 0, 1), memory.Matrix<PaddedVocabulary, Width15>(inputs[0]),
                    memory.Matrix<Context9, Width15>(inputs[1]), site, y);
                return TestMemory.Read(y.Start);
            },
            (device, memory, _, dy, begun) =>
            {
                var dTokens = memory.Matrix<PaddedVocabulary, Width15>(begun[0]);
                var dPositions = memory.Matrix<Context9, Width15>(begun[1]);
                device.EmbedBackward(
                    memory.Integers(10, 3, 3, 0, 10), memory.Integers(0, 1, 8, 0, 1), memory.Rows<Width15>(dy), site, dTokens, write, dPositions,
                    write);
                return [TestMemory.Read(dTokens.Start), TestMemory.Read(dPositions.Start)];
            },
            write);
    }

    [Theory]
    [InlineData(GradientWrite.Write, 1)]
    [InlineData(GradientWrite.Add, 2.5f)]
    public void Lookup(GradientWrite write, float scale) => GradientCheck.Verify(
        [TestMemory.Random(1, 16 * 30)],
        (device, memory, inputs) =>
        {
            var y = memory.Rows<Width30>(new double[5 * 30]);
            device.Lookup(memory.Integers(10, 3, 3, 0, 10), memory.Matrix<PaddedVocabulary, Width30>(inputs[0]), scale, y, GradientWrite.Write);
            return TestMemory.Read(y.Start);
        },
        (device, memory, _, dy, begun) =>
        {
            var dTable = memory.Matrix<PaddedVocabulary, Width30>(begun[0]);
            device.LookupBackward(memory.Integers(10, 3, 3, 0, 10), memory.Rows<Width30>(dy), scale, dTable, write);
            return [TestMemory.Read(dTable.Start)];
        },
        write);

    /// <summary>One row is picked twice, some never.</summary>
    [Theory]
    [MemberData(nameof(Writes))]
    public void Gather(GradientWrite write) => GradientCheck.Verify(
        [TestMemory.Random(1, 6 * 3)],
        (device, memory, inputs) =>
        {
            var y = memory.Rows<Width3>(new double[4 * 3]);
            device.Gather(memory.Rows<Width3>(inputs[0]), memory.Integers(5, 0, 2, 5), y);
            return TestMemory.Read(y.Start);
        },
        (device, memory, _, dy, begun) =>
        {
            var dx = memory.Rows<Width3>(begun[0]);
            device.GatherBackward(memory.Rows<Width3>(dy), memory.Integers(5, 0, 2, 5), dx, write);
            return [TestMemory.Read(dx.Start)];
        },
        write);

    /// <summary>Rows go to places of their own, some places to none.</summary>
    [Fact]
    public void Scatter() => GradientCheck.Verify(
        [TestMemory.Random(1, 4 * 3)],
        (device, memory, inputs) =>
        {
            var y = memory.Rows<Width3>(TestMemory.Random(2, 6 * 3));
            device.Scatter(memory.Rows<Width3>(inputs[0]), memory.Integers(5, 0, 2, 3), y, GradientWrite.Write);
            return TestMemory.Read(y.Start);
        },
        (device, memory, _, dy, begun) =>
        {
            var dx = memory.Rows<Width3>(begun[0]);
            device.Gather(memory.Rows<Width3>(dy), memory.Integers(5, 0, 2, 3), dx);
            return [TestMemory.Read(dx.Start)];
        });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Dropout(bool drop) => GradientCheck.Verify(
        [TestMemory.Random(1, 5 * 15)],
        (device, memory, inputs) =>
        {
            var y = memory.Rows<Width15>(TestMemory.Random(2, 5 * 15));
            device.Dropout(memory.Rows<Width15>(inputs[0]), drop ? Active : default, y);
            return TestMemory.Read(y.Start);
        },
        (device, memory, _, dy, begun) =>
            [TestMemory.Read(device.DropoutBackward(memory.Rows<Width15>(dy), drop ? Active : default, memory.Rows<Width15>(begun[0])).Start)]);

    /// <summary>Two sums of two rows each.</summary>
    [Theory]
    [InlineData(GradientWrite.Write, false)]
    [InlineData(GradientWrite.Add, true)]
    public void Pool(GradientWrite write, bool drop)
    {
        var site = drop ? Active : default;
        GradientCheck.Verify(
            [TestMemory.Random(1, 6 * 15)],
            (device, memory, inputs) =>
            {
                var y = memory.Rows<Width15>(new double[2 * 15]);
                device.Pool(memory.Rows<Width15>(inputs[0]), memory.Integers(5, 0, 2, 3), site, y);
                return TestMemory.Read(y.Start);
            },
            (device, memory, _, dy, begun) =>
            {
                var dx = memory.Rows<Width15>(begun[0]);
                device.PoolBackward(memory.Rows<Width15>(dy), memory.Integers(5, 0, 2, 3), site, dx, write);
                return [TestMemory.Read(dx.Start)];
            },
            write);
    }

    [Theory]
    [MemberData(nameof(Writes))]
    public void JoinMemory(GradientWrite write) => GradientCheck.Verify(
        [TestMemory.Random(1, 2 * 3 * 15)],
        (device, memory, inputs) =>
        {
            var y = memory.Rows<Width15>(new double[2 * 5 * 15]);
            device.JoinMemory(memory.Rows<Width15>(TestMemory.Random(2, 2 * 2 * 15)), memory.Rows<Width15>(inputs[0]), 2, y);
            return TestMemory.Read(y.Start);
        },
        (device, memory, _, dy, begun) =>
        {
            var dx = memory.Rows<Width15>(begun[0]);
            device.JoinMemoryBackward(memory.Rows<Width15>(dy), 2, dx, write);
            return [TestMemory.Read(dx.Start)];
        },
        write);

    /// <summary>An example's classes in one row, and in rows of their own.</summary>
    [Fact]
    public void CrossEntropy()
    {
        VerifyCrossEntropy<Width7>(3, [6, 0, 3]);
        VerifyCrossEntropy<Width1>(4 * 5, [4, 0, 2, 2]);
    }

    private static void VerifyCrossEntropy<TScores>(int rows, int[] labels)
        where TScores : struct, IDimension => GradientCheck.Verify(
        [Array.ConvertAll(TestMemory.Random(1, rows * TScores.Size), value => 3 * value)],
        (device, memory, inputs) =>
        {
            var losses = memory.Statistics(labels.Length);
            device.CrossEntropy(memory.Rows<TScores>(inputs[0]), memory.Integers(labels), losses);
            return TestMemory.Read(losses.Start);
        },
        (device, memory, inputs, dLosses, begun) =>
        {
            var dScores = memory.Rows<TScores>(begun[0]);
            var losses = memory.Statistics(labels.Length);
            device.CrossEntropyBackward(memory.Rows<TScores>(inputs[0]), memory.Integers(labels), memory.Statistics(dLosses), losses, dScores);
            var alone = memory.Statistics(labels.Length);
            device.CrossEntropy(memory.Rows<TScores>(inputs[0]), memory.Integers(labels), alone);
            Assert.Equal(TestMemory.Read(alone.Start), TestMemory.Read(losses.Start));
            return [TestMemory.Read(dScores.Start)];
        });

    /// <summary>A full sequence, a shorter one, and one without rows, whose gradient is zero.</summary>
    [Fact]
    public void PositionCrossEntropy()
    {
        int[] lengths = [4, 2, 0], targets = [3, 0, 1, 1, 0, 0, 0, 0, 0];
        GradientCheck.Verify(
            [Array.ConvertAll(TestMemory.Random(1, 3 * 4 * Width3.Size), value => 3 * value)],
            (device, memory, inputs) =>
            {
                var losses = memory.Statistics(targets.Length);
                device.PositionCrossEntropy(memory.Rows<Width3>(inputs[0]), memory.Integers(lengths), memory.Integers(targets), losses);
                return TestMemory.Read(losses.Start);
            },
            (device, memory, inputs, dLosses, begun) =>
            {
                var (dScores, losses, alone) = (memory.Rows<Width3>(begun[0]), memory.Statistics(targets.Length), memory.Statistics(targets.Length));
                var (x, lengthsThere, targetsThere) = (memory.Rows<Width3>(inputs[0]), memory.Integers(lengths), memory.Integers(targets));
                device.PositionCrossEntropyBackward(x, lengthsThere, targetsThere, memory.Statistics(dLosses), losses, dScores);
                device.PositionCrossEntropy(x, lengthsThere, targetsThere, alone);
                Assert.Equal(TestMemory.Read(alone.Start), TestMemory.Read(losses.Start));
                return [TestMemory.Read(dScores.Start)];
            });
    }

    [Fact]
    public void SquaredError()
    {
        double[] grades = [.. TestMemory.Random(2, 5)];
        GradientCheck.Verify(
            [TestMemory.Random(1, grades.Length)],
            (device, memory, inputs) =>
            {
                var losses = memory.Statistics(grades.Length);
                device.SquaredError(memory.Rows<Width1>(inputs[0]), memory.Statistics(grades), losses);
                return TestMemory.Read(losses.Start);
            },
            (device, memory, inputs, dLosses, begun) =>
            {
                var (dScores, losses, alone) = (memory.Rows<Width1>(begun[0]), memory.Statistics(grades.Length), memory.Statistics(grades.Length));
                device.SquaredErrorBackward(memory.Rows<Width1>(inputs[0]), memory.Statistics(grades), memory.Statistics(dLosses), losses, dScores);
                device.SquaredError(memory.Rows<Width1>(inputs[0]), memory.Statistics(grades), alone);
                Assert.Equal(TestMemory.Read(alone.Start), TestMemory.Read(losses.Start));
                return [TestMemory.Read(dScores.Start)];
            });
    }

    /// <summary>dx is always written, so only the parameters' gradients are tried with Add.</summary>
    [Theory]
    [InlineData(GradientWrite.Write, 0)]
    [InlineData(GradientWrite.Add, 0)]
    [InlineData(GradientWrite.Write, 0.3f)]
    [InlineData(GradientWrite.Add, 1)]
    public void HeadLossParameters(GradientWrite write, float smoothing)
    {
        var x = TestMemory.Random(4, 5 * 15);
        GradientCheck.Verify(
            [TestMemory.Random(1, 16 * 15), TestMemory.Random(2, 16)],
            (d, m, i) => Losses(d, m, x, i[0], i[1], smoothing),
            (d, m, i, dy, b) =>
            {
                var (_, table, bias) = Head(d, m, x, i[0], i[1], dy, b[0], b[1], write, smoothing);
                return [table, bias];
            },
            write);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.3f)]
    public void HeadLossInput(float smoothing)
    {
        var table = TestMemory.Random(1, 16 * 15);
        GradientCheck.Verify(
            [TestMemory.Random(4, 5 * 15)], (d, m, i) => Losses(d, m, i[0], table, null, smoothing),
            (d, m, i, dy, _) => [Head(d, m, i[0], table, null, dy, new double[16 * 15], null, GradientWrite.Write, smoothing).Input]);
    }

    private static double[] Losses(Device device, TestMemory memory, double[] x, double[] table, double[]? bias, float smoothing)
    {
        var losses = memory.Statistics(5);
        device.HeadLoss(
            memory.Rows<Width15>(x), memory.Matrix<PaddedVocabulary, Width15>(table), bias is null ? default : memory.Vector<PaddedVocabulary>(bias),
            memory.Integers(10, -1, 0, 3, 3), memory.Rows<PaddedVocabulary>(new double[2 * 16]), losses, smoothing);
        return TestMemory.Read(losses.Start);
    }

    private static (double[] Input, double[] Table, double[] Bias) Head(
        Device device, TestMemory memory, double[] x, double[] table, double[]? bias, double[] weights, double[] begun, double[]? begunBias,
        GradientWrite write, float smoothing)
    {
        var dx = memory.Rows<Width15>(new double[5 * 15]);
        var dTable = memory.Matrix<PaddedVocabulary, Width15>(begun);
        var dBias = begunBias is null ? default : memory.Vector<PaddedVocabulary>(begunBias);
        var losses = memory.Statistics(5);
        device.HeadLossBackward(
            memory.Rows<Width15>(x), memory.Matrix<PaddedVocabulary, Width15>(table), bias is null ? default : memory.Vector<PaddedVocabulary>(bias),
            memory.Integers(10, -1, 0, 3, 3), memory.Statistics(weights), memory.Rows<PaddedVocabulary>(new double[2 * 16]), losses, dx, dTable,
            dBias, write, smoothing);
        Assert.Equal(Losses(device, memory, x, table, bias, smoothing), TestMemory.Read(losses.Start));
        return (TestMemory.Read(dx.Start), TestMemory.Read(dTable.Start), dBias.IsNone ? [] : TestMemory.Read(dBias.Start));
    }
}
