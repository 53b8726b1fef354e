using GptGen.Cpu;

namespace GptGen;

public sealed unsafe partial class CpuDevice
{
    /// <inheritdoc/>
    protected override void LstmScan(
        Location gates, Location recurrent, Location projection, Location lengths, in LstmState initial, Location activated, Location cells,
        Location y, in LstmState final, in LstmShape shape)
    {
        nint count = shape.Cells, width = shape.Projection, sequences = shape.Sequences;
        using ScratchPool.Lease lease = scratches.Rent();
        float* products = lease.Scratch.Floats(sequences * (5 * count + width) + LstmOrder.Count(shape));
        float* hidden = products + sequences * 4 * count;
        float* projected = hidden + sequences * count;
        LstmOrder order = new(Integers(lengths), (int*)(projected + sequences * width), shape);
        order.Sort();

        LstmStates cellStates = new(Floats(cells), Floats(initial.Cells), shape.Cells, order, shape.ToPrevious);
        LstmStates outputStates = new(Floats(y), Floats(initial.Projected), shape.Projection, order, shape.ToPrevious);
        bool begins = !initial.Projected.IsNone;
        for (nint rank = 0; begins && rank < sequences; rank++)
            CpuRange.Copy(outputStates.Before(order.Sequence(rank), 0), projected + rank * width, width);
        for (int step = 0; step < shape.Length; step++)
        {
            int going = order.GoingAt(step);
            if (going > 0 && (begins || step > 0))
                MultiplyByRows(projected, Matrix(recurrent, shape.Projection), null, products, going, shape.Projection, 4 * count, 4 * count);
            RunRows(
                new LstmCellKernel(
                    Floats(gates), begins || step > 0 ? products : null, Floats(activated), cellStates, hidden, shape.Recurrence.CellLimit, step),
                going, 5 * count);
            if (going > 0)
                MultiplyByRows(hidden, Matrix(projection, shape.Cells), null, projected, going, shape.Cells, width, width);
            RunRows(new LstmProjectionKernel(projected, outputStates, shape.Recurrence.ProjectionLimit, step, going), sequences, width);
        }

        cellStates.CopyLast(Floats(final.Cells), Integers(lengths), sequences);
        outputStates.CopyLast(Floats(final.Projected), Integers(lengths), sequences);
    }
}
