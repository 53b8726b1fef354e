using System.Text.Json;
using GptGen.Runtime.Tests.Operators;
using Xunit;

namespace GptGen.Runtime.Tests.Golden;

/// <summary>elmo-tiny from characters to token embeddings: filters of three widths, two highway layers, a projection, and all gradients.</summary>
internal sealed class CharacterGoldenChecks : IDisposable
{
    private const int Features = 17, Projected = 13;

    private readonly ElmoGoldenFiles files = new();
    private readonly Device device;
    private readonly TestMemory memory;
    private readonly double tolerance;
    private readonly Integers characters;
    private readonly int[] lengths;
    private readonly int rows;

    private CharacterGoldenChecks(Device device, TestMemory memory, double tolerance)
    {
        (this.device, this.memory, this.tolerance) = (device, memory, tolerance);
        var ids = files.Inputs.GetProperty("char_ids").Deserialize<int[][][]>()!;
        (lengths, rows) = (files.Lengths, ids.Sum(static sequence => sequence.Length));
        characters = memory.Integers([.. ids.SelectMany(static sequence => sequence.SelectMany(static word => word))]);
    }

    public static void Verify(Device device, double tolerance)
    {
        using (device)
        using (var memory = new TestMemory(device))
        using (var checks = new CharacterGoldenChecks(device, memory, tolerance))
            checks.Verify();
    }

    public void Dispose() => files.Dispose();

    private void Verify()
    {
        // Row 0 is that of words which are not there.
        var table = memory.Matrix<CharacterCount, Width5>([.. new double[Width5.Size], .. files.Weight("char_embed")]);
        var features = memory.Rows<FeatureCount>(new double[rows * Features]);
        var first = new Filters<Size4, Width5>(this, 0, 0);
        var second = new Filters<Width5, Double<Width5>>(this, 1, 4);
        var third = new Filters<Size8, Triple<Width5>>(this, 2, 9);
        first.Forward(table, features);
        second.Forward(table, features);
        third.Forward(table, features);
        Near("char_cnn", Counted(features.Start, Features), Counted);
        Layer[] highways = [new(this, 0), new(this, 1)];
        var top = highways[1].Forward(highways[0].Forward(features));
        Near("highway", Counted(top.Start, Features), Counted);
        var projection = memory.Matrix<Projection, FeatureCount>(Transposed(files.Weight("CNN_proj/W_proj"), Projected));
        var y = memory.Rows<Projection>(new double[rows * Projected]);
        device.Linear(top, projection, memory.Vector<Projection>(files.Weight("CNN_proj/b_proj")), y);
        Near("token_embedding", Counted(y.Start, Projected), Counted);

        var (forward, backward) = (
            LstmGoldenChecks.InputGradient(device, memory, TimeDirection.Forward, 10 * tolerance),
            LstmGoldenChecks.InputGradient(device, memory, TimeDirection.Backward, 10 * tolerance));
        var dy = memory.Rows<Projection>([.. forward.Zip(backward, static (a, b) => a + b)]);
        var dProjection = memory.Matrix<Projection, FeatureCount>(new double[Projected * Features]);
        var (dBias, dTop) = (memory.Vector<Projection>(new double[Projected]), memory.Rows<FeatureCount>(new double[rows * Features]));
        device.LinearBackwardWeight(top, dy, dProjection, dBias, GradientWrite.Write);
        device.LinearBackwardInput(dy, projection, dTop, GradientWrite.Write);
        Near("grad.CNN_proj/W_proj", Transposed(TestMemory.Read(dProjection.Start), Features));
        Near("grad.CNN_proj/b_proj", TestMemory.Read(dBias.Start));
        var dFeatures = highways[0].Backward(highways[1].Backward(dTop));
        var dTable = memory.Matrix<CharacterCount, Width5>(TestMemory.Random(1, CharacterCount.Size * Width5.Size));
        first.Backward(dFeatures, table, features, dTable, GradientWrite.Write);
        second.Backward(dFeatures, table, features, dTable, GradientWrite.Add);
        third.Backward(dFeatures, table, features, dTable, GradientWrite.Add);
        Near("grad.char_embed", TestMemory.Read(dTable.Start)[Width5.Size..]);
    }

    private double[] Counted(Location location, int width) => Counted(TestMemory.Read(location), width);

    private double[] Counted(double[] values) => Counted(values, values.Length / rows);

    /// <summary>The rows that count.</summary>
    private double[] Counted(double[] values, int width) =>
    [
        .. values.Chunk(width * rows / lengths.Length).SelectMany((sequence, index) => sequence.Take(lengths[index] * width)),
    ];

    private void Near(string name, double[] actual, Func<double[], double[]>? part = null)
    {
        var all = files.Expected(name);
        var values = part is null ? all : part(all);
        Assert.Equal(values.Length, actual.Length);
        var largest = values.Max(Math.Abs);
        for (var i = 0; i < values.Length; i++)
        {
            Assert.True(
                Math.Abs(values[i] - actual[i]) <= tolerance * largest,
                $"{name}, element {i}: {actual[i]:g9}, but {values[i]:g9} is expected; the largest is {largest:g3}.");
        }
    }

    private static double[] Transposed(double[] matrix, int columns) =>
        [.. Enumerable.Range(0, columns).SelectMany(column => matrix.Where((_, place) => place % columns == column))];

    private readonly struct CharacterCount : IDimension
    {
        public static int Size => 262;

        public static int Stored => 262;
    }

    private readonly struct FeatureCount : IDimension
    {
        public static int Size => Features;

        public static int Stored => Features;
    }

    private readonly struct Projection : IDimension
    {
        public static int Size => Projected;

        public static int Stored => Projected;
    }

    private readonly struct Size4 : IDimension
    {
        public static int Size => 4;

        public static int Stored => 4;
    }

    /// <summary>The filters of a width; bilm-tf stores [1, width, numbers of a character, filters].</summary>
    private sealed class Filters<TFilters, TWindow>(CharacterGoldenChecks owner, int number, int firstColumn)
        where TFilters : struct, IDimension
        where TWindow : struct, IDimension
    {
        private readonly Matrix<TFilters, TWindow> weight =
            owner.memory.Matrix<TFilters, TWindow>(Transposed(owner.files.Weight($"CNN/W_cnn_{number}"), TFilters.Size));

        private readonly Statistics places = owner.memory.Statistics(owner.rows * TFilters.Size);

        public void Forward(Matrix<CharacterCount, Width5> table, Rows<FeatureCount> features) =>
            owner.device.CharacterConvolution(
                owner.characters, table, weight, owner.memory.Vector<TFilters>(owner.files.Weight($"CNN/b_cnn_{number}")), Activation.Relu,
                features.Columns<TFilters>(firstColumn), places);

        public void Backward(
            Rows<FeatureCount> dFeatures, Matrix<CharacterCount, Width5> table, Rows<FeatureCount> features, Matrix<CharacterCount, Width5> dTable,
            GradientWrite write)
        {
            var dWeight = owner.memory.Matrix<TFilters, TWindow>(new double[TFilters.Size * TWindow.Size]);
            var dBias = owner.memory.Vector<TFilters>(new double[TFilters.Size]);
            owner.device.CharacterConvolutionBackward(
                dFeatures.Columns<TFilters>(firstColumn), owner.characters, table, weight, Activation.Relu, features.Columns<TFilters>(firstColumn),
                places, dTable, write, dWeight, dBias, GradientWrite.Write);
            owner.Near($"grad.CNN/W_cnn_{number}", Transposed(TestMemory.Read(dWeight.Start), TWindow.Size));
            owner.Near($"grad.CNN/b_cnn_{number}", TestMemory.Read(dBias.Start));
        }
    }

    /// <summary>A highway layer with one product for both of its maps.</summary>
    private sealed class Layer(CharacterGoldenChecks owner, int number)
    {
        private readonly Rows<Double<FeatureCount>> gates = owner.memory.Rows<Double<FeatureCount>>(new double[owner.rows * 2 * Features]);
        private Matrix<Double<FeatureCount>, FeatureCount> weight;
        private Rows<FeatureCount> x;

        public Rows<FeatureCount> Forward(Rows<FeatureCount> input)
        {
            x = input;
            weight = owner.memory.Matrix<Double<FeatureCount>, FeatureCount>(
                [.. Transposed(Weight("W_transform"), Features), .. Transposed(Weight("W_carry"), Features)]);
            var bias = owner.memory.Vector<Double<FeatureCount>>([.. Weight("b_transform"), .. Weight("b_carry")]);
            var y = owner.memory.Rows<FeatureCount>(new double[owner.rows * Features]);
            owner.device.Linear(x, weight, bias, gates);
            owner.device.Highway(gates, x, y);
            return y;
        }

        public Rows<FeatureCount> Backward(Rows<FeatureCount> dy)
        {
            var dx = owner.memory.Rows<FeatureCount>(new double[owner.rows * Features]);
            var dWeight = owner.memory.Matrix<Double<FeatureCount>, FeatureCount>(new double[2 * Features * Features]);
            var dBias = owner.memory.Vector<Double<FeatureCount>>(new double[2 * Features]);
            owner.device.HighwayBackward(dy, gates, x, gates, dx, GradientWrite.Write);
            owner.device.LinearBackwardWeight(x, gates, dWeight, dBias, GradientWrite.Write);
            owner.device.LinearBackwardInput(gates, weight, dx, GradientWrite.Add);
            var (both, biases) = (TestMemory.Read(dWeight.Start), TestMemory.Read(dBias.Start));
            owner.Near($"grad.CNN_high_{number}/W_transform", Transposed(both[..(Features * Features)], Features));
            owner.Near($"grad.CNN_high_{number}/W_carry", Transposed(both[(Features * Features)..], Features));
            owner.Near($"grad.CNN_high_{number}/b_transform", biases[..Features]);
            owner.Near($"grad.CNN_high_{number}/b_carry", biases[Features..]);
            return dx;
        }

        private double[] Weight(string part) => owner.files.Weight($"CNN_high_{number}/{part}");
    }
}
