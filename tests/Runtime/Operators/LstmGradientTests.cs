using Xunit;

namespace GptGen.Runtime.Tests.Operators;

/// <summary>The gradients of an LSTM's scan against central differences, with clips that some numbers reach and none is near.</summary>
public class LstmGradientTests
{
    private const int Length = 4;
    private const float CellClip = 0.625f, ProjectionClip = 0.375f;
    private static readonly int[] s_lengths = [4, 0, 2, 1];

    [Theory]
    [InlineData(TimeDirection.Forward, false)]
    [InlineData(TimeDirection.Forward, true)]
    [InlineData(TimeDirection.Backward, false)]
    [InlineData(TimeDirection.Backward, true)]
    public void GatesAndWeights(TimeDirection direction, bool begins)
    {
        LstmRecurrence recurrence = new(direction, CellClip, ProjectionClip);
        GradientCheck.Verify(
            Inputs(),
            (device, memory, inputs) =>
            {
                Scan scan = new(device, memory, inputs, recurrence, begins);
                var y = TestMemory.Read(scan.Y.Start);
                Assert.InRange(y.Count(static value => Math.Abs(value) >= ProjectionClip - 1e-6), 2, y.Length / 3);
                Assert.InRange(TestMemory.Read(scan.Cells.Start).Count(static value => Math.Abs(value) >= CellClip - 1e-6), 2, 20);
                return y;
            },
            (device, memory, inputs, dy, begun) =>
                new Scan(device, memory, inputs, recurrence, begins).Backward(dy, begun[0], begun[1], begun[2], GradientWrite.Write));
    }

    /// <summary>Without clips, and added; the gates' gradient is always written.</summary>
    [Theory]
    [InlineData(TimeDirection.Forward)]
    [InlineData(TimeDirection.Backward)]
    public void WeightsThatAreAdded(TimeDirection direction)
    {
        LstmRecurrence recurrence = new(direction, 0, 0);
        var gates = Inputs()[0];
        GradientCheck.Verify(
            Inputs()[1..],
            (device, memory, inputs) => TestMemory.Read(new Scan(device, memory, [gates, .. inputs], recurrence, begins: true).Y.Start),
            (device, memory, inputs, dy, begun) =>
                new Scan(device, memory, [gates, .. inputs], recurrence, begins: true)
                    .Backward(dy, new double[gates.Length], begun[0], begun[1], GradientWrite.Add)[1..],
            GradientWrite.Add);
    }

    private static double[][] Inputs() =>
        [Twice(1, s_lengths.Length * Length * 20), TestMemory.Random(2, 20 * 3), Twice(3, 3 * 5)];

    private static double[] Twice(int seed, int count) => Array.ConvertAll(TestMemory.Random(seed, count), static value => 2 * value);

    private sealed class Scan
    {
        private readonly Device device;
        private readonly TestMemory memory;
        private readonly LstmRecurrence recurrence;
        private readonly Integers lengths;
        private readonly Matrix<Quadruple<Width5>, Width3> recurrent;
        private readonly Matrix<Width3, Width5> projection;
        private readonly Rows<Width5> cellsBefore;
        private readonly Rows<Width3> outputsBefore;
        private readonly Rows<Quadruple<Width5>> activated;

        public Scan(Device device, TestMemory memory, double[][] inputs, LstmRecurrence recurrence, bool begins)
        {
            const int Rows = 4 * Length;
            (this.device, this.memory, this.recurrence, lengths) = (device, memory, recurrence, memory.Integers(s_lengths));
            recurrent = memory.Matrix<Quadruple<Width5>, Width3>(inputs[1]);
            projection = memory.Matrix<Width3, Width5>(inputs[2]);
            if (begins)
                (cellsBefore, outputsBefore) = (memory.Rows<Width5>(TestMemory.Random(4, 4 * 5)), memory.Rows<Width3>(TestMemory.Random(5, 4 * 3)));
            activated = memory.Rows<Quadruple<Width5>>(new double[Rows * 20]);
            (Cells, Y) = (memory.Rows<Width5>(new double[Rows * 5]), memory.Rows<Width3>(new double[Rows * 3]));
            device.LstmScan(
                memory.Rows<Quadruple<Width5>>(inputs[0]), recurrent, projection, lengths, recurrence, cellsBefore, outputsBefore, activated, Cells,
                Y, default, default);
        }

        public Rows<Width5> Cells { get; }

        public Rows<Width3> Y { get; }

        public double[][] Backward(double[] dy, double[] dGates, double[] dRecurrent, double[] dProjection, GradientWrite write)
        {
            var gates = memory.Rows<Quadruple<Width5>>(dGates);
            var (first, second) = (memory.Matrix<Quadruple<Width5>, Width3>(dRecurrent), memory.Matrix<Width3, Width5>(dProjection));
            device.LstmScanBackward(
                memory.Rows<Width3>(dy), activated, Cells, Y, recurrent, projection, lengths, recurrence, cellsBefore, outputsBefore, gates, first,
                second, write);
            return [TestMemory.Read(gates.Start), TestMemory.Read(first.Start), TestMemory.Read(second.Start)];
        }
    }
}
