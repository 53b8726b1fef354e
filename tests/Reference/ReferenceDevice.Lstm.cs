namespace GptGen.Reference;

public sealed partial class ReferenceDevice
{
    /// <inheritdoc/>
    protected override void LstmScan(
        Location gates, Location recurrent, Location projection, Location lengths, in LstmState initial, Location activated, Location cells,
        Location y, in LstmState final, in LstmShape shape)
    {
        var (count, width) = (shape.Cells, shape.Projection);
        var fromOutputs = Numbers(recurrent, 4 * count * width);
        var toOutputs = Numbers(projection, width * count);
        for (var sequence = 0; sequence < shape.Sequences; sequence++)
        {
            var cell = Initial(initial.Cells, sequence, count);
            var output = Initial(initial.Projected, sequence, width);
            for (var row = 0; row < shape.Length; row++)
                Row(y, sequence, row, width, shape).Clear();
            foreach (var row in Steps(lengths, sequence, shape))
            {
                var sums = Row(gates, sequence, row, 4 * count, shape).ToArray();
                for (var gate = 0; gate < 4 * count; gate++)
                {
                    for (var i = 0; i < width; i++)
                        sums[gate] += fromOutputs[gate * width + i] * output[i];
                }

                var kept = Row(activated, sequence, row, 4 * count, shape);
                var hidden = new double[count];
                for (var i = 0; i < count; i++)
                {
                    var input = kept[i] = Logistic(sums[i]);
                    var candidate = kept[count + i] = Math.Tanh(sums[count + i]);
                    var forget = kept[2 * count + i] = Logistic(sums[2 * count + i] + 1);
                    var exit = kept[3 * count + i] = Logistic(sums[3 * count + i]);
                    cell[i] = Clip(forget * cell[i] + input * candidate, shape.Recurrence.CellClip);
                    hidden[i] = exit * Math.Tanh(cell[i]);
                }

                for (var o = 0; o < width; o++)
                {
                    var sum = 0.0;
                    for (var i = 0; i < count; i++)
                        sum += toOutputs[o * count + i] * hidden[i];
                    output[o] = Clip(sum, shape.Recurrence.ProjectionClip);
                }

                cell.CopyTo(Row(cells, sequence, row, count, shape));
                output.CopyTo(Row(y, sequence, row, width, shape));
            }

            if (!final.Cells.IsNone)
                cell.CopyTo(Numbers(final.Cells.Plus(sequence * count), count));
            if (!final.Projected.IsNone)
                output.CopyTo(Numbers(final.Projected.Plus(sequence * width), width));
        }
    }

    /// <inheritdoc/>
    protected override void LstmScanBackward(
        Location dy, Location activated, Location cells, Location y, Location recurrent, Location projection, Location lengths,
        in LstmState initial, Location dGates, Location dRecurrent, Location dProjection, GradientWrite write, in LstmShape shape)
    {
        var (count, width) = (shape.Cells, shape.Projection);
        var fromOutputs = Numbers(recurrent, 4 * count * width);
        var toOutputs = Numbers(projection, width * count);
        var dFromOutputs = Numbers(dRecurrent, 4 * count * width);
        var dToOutputs = Numbers(dProjection, width * count);
        BeginGradient(dFromOutputs, write);
        BeginGradient(dToOutputs, write);
        for (var sequence = 0; sequence < shape.Sequences; sequence++)
        {
            int[] steps = [.. Steps(lengths, sequence, shape)];
            var (dCell, dOutput) = (new double[count], new double[width]);
            for (var row = 0; row < shape.Length; row++)
            {
                if (!steps.Contains(row))
                    Row(dGates, sequence, row, 4 * count, shape).Clear();
            }

            for (var step = steps.Length - 1; step >= 0; step--)
            {
                var row = steps[step];
                // Copies, because dGates may be the activated gates themselves.
                var kept = Row(activated, sequence, row, 4 * count, shape).ToArray();
                var cell = Row(cells, sequence, row, count, shape);
                var output = Row(y, sequence, row, width, shape);
                var cellBefore = step > 0 ? Row(cells, sequence, steps[step - 1], count, shape) : Initial(initial.Cells, sequence, count);
                var outputBefore = step > 0 ? Row(y, sequence, steps[step - 1], width, shape) : Initial(initial.Projected, sequence, width);
                var dHidden = new double[count];
                var dSums = Row(dGates, sequence, row, 4 * count, shape);
                for (var o = 0; o < width; o++)
                {
                    if (IsClipped(output[o], shape.Recurrence.ProjectionClip))
                        continue;
                    var gradient = Row(dy, sequence, row, width, shape)[o] + dOutput[o];
                    for (var i = 0; i < count; i++)
                    {
                        dToOutputs[o * count + i] += gradient * kept[3 * count + i] * Math.Tanh(cell[i]);
                        dHidden[i] += gradient * toOutputs[o * count + i];
                    }
                }

                for (var i = 0; i < count; i++)
                {
                    var (input, candidate, forget, exit) = (kept[i], kept[count + i], kept[2 * count + i], kept[3 * count + i]);
                    var bent = Math.Tanh(cell[i]);
                    var gradient = dCell[i] + dHidden[i] * exit * (1 - bent * bent);
                    if (IsClipped(cell[i], shape.Recurrence.CellClip))
                        gradient = 0;
                    dSums[i] = gradient * candidate * input * (1 - input);
                    dSums[count + i] = gradient * input * (1 - candidate * candidate);
                    dSums[2 * count + i] = gradient * cellBefore[i] * forget * (1 - forget);
                    dSums[3 * count + i] = dHidden[i] * bent * exit * (1 - exit);
                    dCell[i] = gradient * forget;
                }

                Array.Clear(dOutput);
                for (var gate = 0; gate < 4 * count; gate++)
                {
                    for (var i = 0; i < width; i++)
                    {
                        dFromOutputs[gate * width + i] += dSums[gate] * outputBefore[i];
                        dOutput[i] += dSums[gate] * fromOutputs[gate * width + i];
                    }
                }
            }
        }
    }

    /// <summary>The rows of a sequence that count, in the order of the steps.</summary>
    private static IEnumerable<int> Steps(Location lengths, int sequence, in LstmShape shape)
    {
        var rows = Enumerable.Range(0, Integers(lengths, shape.Sequences)[sequence]);
        return shape.Recurrence.Direction == TimeDirection.Backward ? rows.Reverse() : rows;
    }

    private static Span<double> Row(Location start, int sequence, int row, int width, in LstmShape shape) =>
        Numbers(start.Plus(((nint)sequence * shape.Length + row) * width), width);

    private static double[] Initial(Location start, int sequence, int width) =>
        start.IsNone ? new double[width] : Numbers(start.Plus(sequence * width), width).ToArray();

    private static double Logistic(double x) => 1 / (1 + Math.Exp(-x));

    private static double Clip(double x, double limit) => limit == 0 ? x : Math.Clamp(x, -limit, limit);

    private static bool IsClipped(double clipped, double limit) => limit != 0 && Math.Abs(clipped) >= limit;
}
