namespace GptGen.Runtime.Tests.Operators;

/// <summary>
/// An LSTM's scan and its gradients, on any device. What must not be looked at is no number at all, and neither is what must be written, before.
/// </summary>
/// <param name="Recurrence">Direction and clips.</param>
/// <param name="Lengths">Rows of each sequence that count.</param>
/// <param name="Length">Rows of each sequence.</param>
/// <param name="Begins">Whether there are states before the first step.</param>
/// <param name="Write">For the gradients of the weights.</param>
/// <param name="InPlace">Whether all that may share memory does.</param>
internal sealed record LstmCase(
    LstmRecurrence Recurrence, int[] Lengths, int Length, bool Begins = true, GradientWrite Write = GradientWrite.Write, bool InPlace = false)
{
    /// <summary>Bounds that some cells and outputs reach, and others do not.</summary>
    public const float CellClip = 0.625f, ProjectionClip = 0.1875f;

    /// <summary>Sequences of every kind, longer ones behind shorter ones.</summary>
    public static readonly int[] Ragged = [4, 0, 9, 1, 9, 7];

    /// <summary>A case with clips or without.</summary>
    public static LstmCase Of(TimeDirection direction, bool clips) =>
        new(new(direction, clips ? CellClip : 0, clips ? ProjectionClip : 0), Ragged, 9);

    /// <summary>Cells, outputs, their last ones, activated gates, and all gradients; zero in rows that do not count.</summary>
    public Location[] Run<TCells, TProjection>(Device device, TestMemory memory)
        where TCells : struct, IDimension
        where TProjection : struct, IDimension
    {
        var (count, width, sequences) = (TCells.Size, TProjection.Size, Lengths.Length);
        var rows = sequences * Length;
        var lengths = memory.Integers(Lengths);
        var recurrent = memory.Matrix<Quadruple<TCells>, TProjection>(Scaled(2, 4 * count * width, 0.5));
        var projection = memory.Matrix<TProjection, TCells>(Scaled(3, width * count, 0.25));
        var gates = memory.Rows<Quadruple<TCells>>(Poisoned(TestMemory.Random(1, rows * 4 * count), 4 * count));
        var activated = InPlace ? gates : memory.Rows<Quadruple<TCells>>(Nothing(rows * 4 * count));
        var (cells, y) = (memory.Rows<TCells>(Nothing(rows * count)), memory.Rows<TProjection>(Nothing(rows * width)));
        var (cellsBefore, outputsBefore) = Initial<TCells, TProjection>(memory);
        var (lastCells, lastOutputs) = Begins && InPlace
            ? Initial<TCells, TProjection>(memory)
            : (memory.Rows<TCells>(Nothing(sequences * count)), memory.Rows<TProjection>(Nothing(sequences * width)));
        device.LstmScan(
            gates, recurrent, projection, lengths, Recurrence, Begins && InPlace ? lastCells : cellsBefore,
            Begins && InPlace ? lastOutputs : outputsBefore, activated, cells, y, lastCells, lastOutputs);
        Location[] forward = [
            Counted(memory, cells.Start, count), y.Start, lastCells.Start, lastOutputs.Start, Counted(memory, activated.Start, 4 * count)];

        var dy = memory.Rows<TProjection>(Poisoned(TestMemory.Random(6, rows * width), width));
        var dGates = InPlace ? activated : memory.Rows<Quadruple<TCells>>(Nothing(rows * 4 * count));
        double[] Begun(int seed, int elements) => Write == GradientWrite.Add ? TestMemory.Random(seed, elements) : Nothing(elements);
        var dRecurrent = memory.Matrix<Quadruple<TCells>, TProjection>(Begun(7, 4 * count * width), BufferRole.Gradient);
        var dProjection = memory.Matrix<TProjection, TCells>(Begun(8, width * count), BufferRole.Gradient);
        device.LstmScanBackward(
            dy, activated, cells, y, recurrent, projection, lengths, Recurrence, cellsBefore, outputsBefore, dGates, dRecurrent, dProjection, Write);
        return [.. forward, dGates.Start, dRecurrent.Start, dProjection.Start];
    }

    private (Rows<TCells> Cells, Rows<TProjection> Outputs) Initial<TCells, TProjection>(TestMemory memory)
        where TCells : struct, IDimension
        where TProjection : struct, IDimension =>
        Begins
            ? (memory.Rows<TCells>(TestMemory.Random(4, Lengths.Length * TCells.Size)),
                memory.Rows<TProjection>(TestMemory.Random(5, Lengths.Length * TProjection.Size)))
            : default;

    private Location Counted(TestMemory memory, Location rows, int width) => memory.Numbers(Behind(TestMemory.Read(rows), width, 0));

    private double[] Poisoned(double[] rows, int width) => Behind(rows, width, double.NaN);

    private double[] Behind(double[] rows, int width, double value)
    {
        for (var sequence = 0; sequence < Lengths.Length; sequence++)
            rows.AsSpan((sequence * Length + Lengths[sequence]) * width, (Length - Lengths[sequence]) * width).Fill(value);
        return rows;
    }

    /// <summary>Small enough that roundings do not grow from step to step.</summary>
    private static double[] Scaled(int seed, int count, double factor) => Array.ConvertAll(TestMemory.Random(seed, count), value => factor * value);

    private static double[] Nothing(int count)
    {
        var values = new double[count];
        Array.Fill(values, double.NaN);
        return values;
    }
}
