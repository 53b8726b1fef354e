using System.Text.Json;
using GptGen.Runtime.Tests.Operators;
using Xunit;

namespace GptGen.Runtime.Tests.Golden;

/// <summary>
/// One direction of elmo-tiny's two LSTM layers: outputs, those of a second pass that begins with the states of the first, and the gradients of every
/// weight.
/// </summary>
internal sealed class LstmGoldenChecks : IDisposable
{
    private const int Layers = 2, Width = 13, Cells = 22, Gates = 4 * Cells, Vocabulary = 60;

    private readonly ElmoGoldenFiles files = new();
    private readonly Device device;
    private readonly TestMemory memory;
    private readonly bool isForward;
    private readonly double tolerance;
    private readonly LstmRecurrence recurrence;
    private readonly int[] lengths;
    private readonly int[] targets;

    private LstmGoldenChecks(Device device, TestMemory memory, TimeDirection direction, double tolerance)
    {
        (this.device, this.memory, this.tolerance) = (device, memory, tolerance);
        isForward = direction == TimeDirection.Forward;
        var lstm = files.Config.GetProperty("lstm");
        recurrence = new(direction, lstm.GetProperty("cell_clip").GetSingle(), lstm.GetProperty("proj_clip").GetSingle());
        lengths = files.Lengths;
        var ids = files.Inputs.GetProperty(isForward ? "next_token_ids" : "previous_token_ids");
        targets = [.. ids.Deserialize<int[][]>()!.SelectMany(static row => row)];
    }

    public static void Verify(Device device, TimeDirection direction, double tolerance)
    {
        using (device)
        using (var memory = new TestMemory(device))
        using (var checks = new LstmGoldenChecks(device, memory, direction, tolerance))
            checks.Verify();
    }

    /// <summary>The same, and the gradient of the mean of both directions' losses for this direction's input.</summary>
    public static double[] InputGradient(Device device, TestMemory memory, TimeDirection direction, double tolerance)
    {
        using var checks = new LstmGoldenChecks(device, memory, direction, tolerance);
        return checks.Verify();
    }

    public void Dispose() => files.Dispose();

    private double[] Verify()
    {
        Layer[] layers = [new(this, 0), new(this, 1)];
        double[] inputGradient = [];
        for (var pass = 0; pass < 2; pass++)
        {
            var input = files.Expected("token_embedding");
            for (var layer = 0; layer < Layers; layer++)
            {
                var outputs = layers[layer].Scan(input);
                input = layer == 0 ? outputs : Sum(outputs, input);
                Near($"{(pass == 0 ? "" : "second_pass.")}lm_embeddings.{layer + 1}", input, Half);
            }

            if (pass == 0)
            {
                var above = HeadGradient();
                above = Sum(layers[1].Backward(above), above);
                inputGradient = layers[0].Backward(above);
            }
        }

        return inputGradient;
    }

    /// <summary>The gradient of the mean of both directions' losses for the upper layer's outputs, from the logits.</summary>
    private double[] HeadGradient()
    {
        var (logits, table) = (files.Expected(isForward ? "logits.forward" : "logits.backward"), files.Weight("softmax/W"));
        var gradient = new double[targets.Length * Width];
        var factor = 0.5 / targets.Count(static target => target >= 0);
        for (var row = 0; row < targets.Length; row++)
        {
            if (targets[row] < 0)
                continue;
            double[] exponentials = [.. logits.Skip(row * Vocabulary).Take(Vocabulary).Select(Math.Exp)];
            var total = exponentials.Sum();
            for (var token = 0; token < Vocabulary; token++)
            {
                var slope = factor * (exponentials[token] / total - (token == targets[row] ? 1 : 0));
                for (var i = 0; i < Width; i++)
                    gradient[row * Width + i] += slope * table[token * Width + i];
            }
        }

        return gradient;
    }

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

    /// <summary>This direction's half of rows that hold both.</summary>
    private double[] Half(double[] both) =>
        [.. both.Chunk(Width).Where((_, half) => half % 2 == (isForward ? 0 : 1)).SelectMany(static half => half)];

    private static double[] Sum(double[] left, double[] right) => [.. left.Zip(right, static (a, b) => a + b)];

    private static double[] Transposed(double[] matrix, int columns) =>
        [.. Enumerable.Range(0, columns).SelectMany(column => matrix.Where((_, place) => place % columns == column))];

    private readonly struct Projection : IDimension
    {
        public static int Size => Width;

        public static int Stored => Width;
    }

    private readonly struct CellCount : IDimension
    {
        public static int Size => Cells;

        public static int Stored => Cells;
    }

    private sealed class Layer
    {
        private readonly LstmGoldenChecks owner;
        private readonly string name;
        private readonly Matrix<Quadruple<CellCount>, Projection> inward, recurrent;
        private readonly Matrix<Projection, CellCount> projection;
        private readonly Vector<Quadruple<CellCount>> bias;
        private readonly Rows<Quadruple<CellCount>> activated;
        private readonly Rows<CellCount> cells;
        private readonly Rows<Projection> y;
        private Rows<Projection> x;
        private (Rows<CellCount> Cells, Rows<Projection> Outputs) state;

        public Layer(LstmGoldenChecks owner, int number)
        {
            var (rows, memory) = (owner.targets.Length, owner.memory);
            this.owner = owner;
            name = $"RNN_{(owner.isForward ? 0 : 1)}/RNN/MultiRNNCell/Cell{number}/LSTMCell/";
            // bilm-tf's matrix multiplies [x ; m] from the right.
            var both = owner.files.Weight(name + "W_0");
            inward = memory.Matrix<Quadruple<CellCount>, Projection>(Transposed(both[..(Width * Gates)], Gates));
            recurrent = memory.Matrix<Quadruple<CellCount>, Projection>(Transposed(both[(Width * Gates)..], Gates));
            projection = memory.Matrix<Projection, CellCount>(Transposed(owner.files.Weight(name + "W_P_0"), Width));
            bias = memory.Vector<Quadruple<CellCount>>(owner.files.Weight(name + "B"));
            activated = memory.Rows<Quadruple<CellCount>>(new double[rows * Gates]);
            (cells, y) = (memory.Rows<CellCount>(new double[rows * Cells]), memory.Rows<Projection>(new double[rows * Width]));
        }

        /// <summary>Begins with the states that the scan before left.</summary>
        public double[] Scan(double[] input)
        {
            var (sequences, memory) = (owner.lengths.Length, owner.memory);
            x = memory.Rows<Projection>(input);
            owner.device.Linear(x, inward, bias, activated);
            var before = state;
            state = (memory.Rows<CellCount>(new double[sequences * Cells]), memory.Rows<Projection>(new double[sequences * Width]));
            owner.device.LstmScan(
                activated, recurrent, projection, memory.Integers(owner.lengths), owner.recurrence, before.Cells, before.Outputs, activated, cells, y,
                state.Cells, state.Outputs);
            return TestMemory.Read(y.Start);
        }

        /// <summary>Checks the gradients of the weights and returns that of the input; the scan began with zeros.</summary>
        public double[] Backward(double[] dy)
        {
            var memory = owner.memory;
            var (dInward, dRecurrent) = (Matrix(), Matrix());
            var dProjection = memory.Matrix<Projection, CellCount>(new double[Width * Cells]);
            var dBias = memory.Vector<Quadruple<CellCount>>(new double[Gates]);
            var dx = memory.Rows<Projection>(new double[dy.Length]);
            owner.device.LstmScanBackward(
                memory.Rows<Projection>(dy), activated, cells, y, recurrent, projection, memory.Integers(owner.lengths), owner.recurrence, default,
                default, activated, dRecurrent, dProjection, GradientWrite.Write);
            owner.device.LinearBackwardWeight(x, activated, dInward, dBias, GradientWrite.Write);
            owner.device.LinearBackwardInput(activated, inward, dx, GradientWrite.Write);
            double[] both = [.. Transposed(TestMemory.Read(dInward.Start), Width), .. Transposed(TestMemory.Read(dRecurrent.Start), Width)];
            owner.Near($"grad.{name}W_0", both);
            owner.Near($"grad.{name}B", TestMemory.Read(dBias.Start));
            owner.Near($"grad.{name}W_P_0", Transposed(TestMemory.Read(dProjection.Start), Cells));
            return TestMemory.Read(dx.Start);

            Matrix<Quadruple<CellCount>, Projection> Matrix() => memory.Matrix<Quadruple<CellCount>, Projection>(new double[Gates * Width]);
        }
    }
}
