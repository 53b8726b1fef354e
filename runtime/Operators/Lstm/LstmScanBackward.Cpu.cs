using GptGen.Cpu;

namespace GptGen;

public sealed unsafe partial class CpuDevice
{
    /// <inheritdoc/>
    protected override void LstmScanBackward(
        Location dy, Location activated, Location cells, Location y, Location recurrent, Location projection, Location lengths,
        in LstmState initial, Location dGates, Location dRecurrent, Location dProjection, GradientWrite write, in LstmShape shape)
    {
        nint count = shape.Cells, width = shape.Projection, sequences = shape.Sequences, rows = shape.Rows;
        // What a step needs lies by rank; what the weights' gradients need lies by row, for one product each at the end.
        bool isThin = ThinProduct.IsFaster(level, sequences, 4 * count);
        using ScratchPool.Lease lease = scratches.Rent();
        float* dSums = lease.Scratch.Floats(
            sequences * (6 * count + 2 * width) + rows * (count + 2 * width) + (isThin ? 5 * count * width : 0) + LstmOrder.Count(shape));
        float* dHidden = dSums + sequences * 4 * count, dCells = dHidden + sequences * count;
        float* dProjected = dCells + sequences * count, dOutputs = dProjected + sequences * width;
        float* hiddenRows = dOutputs + sequences * width, dProjectedRows = hiddenRows + rows * count, beforeRows = dProjectedRows + rows * width;
        float* recurrentColumns = beforeRows + rows * width, projectionColumns = recurrentColumns + (isThin ? 4 * count * width : 0);
        LstmOrder order = new(Integers(lengths), (int*)(projectionColumns + (isThin ? count * width : 0)), shape);
        order.Sort();
        if (isThin)
        {
            Run(new TransposeKernel(Floats(recurrent), recurrentColumns, 4 * count, width), TransposeKernel.Bands(width), 1);
            Run(new TransposeKernel(Floats(projection), projectionColumns, width, count), TransposeKernel.Bands(count), 1);
        }

        LstmStates cellStates = new(Floats(cells), Floats(initial.Cells), shape.Cells, order, shape.ToPrevious);
        LstmStates outputStates = new(Floats(y), Floats(initial.Projected), shape.Projection, order, shape.ToPrevious);
        for (int step = shape.Length - 1; step >= 0; step--)
        {
            int going = order.GoingAt(step), goingOn = order.GoingAt(step + 1);
            if (goingOn > 0)
                MultiplyByColumns(dSums, Floats(recurrent), isThin ? recurrentColumns : null, dOutputs, goingOn, 4 * count, width);
            RunRows(
                new LstmProjectionBackwardKernel(
                    Floats(dy), outputStates, dOutputs, dProjected, dProjectedRows, beforeRows, shape.Recurrence.ProjectionLimit, step, goingOn,
                    going),
                sequences, 2 * width);
            if (going > 0)
                MultiplyByColumns(dProjected, Floats(projection), isThin ? projectionColumns : null, dHidden, going, width, count);
            RunRows(
                new LstmCellBackwardKernel(
                    Floats(activated), cellStates, dHidden, dCells, dSums, Floats(dGates), hiddenRows, shape.Recurrence.CellLimit, step, goingOn,
                    going),
                sequences, 5 * count);
        }

        bool add = write == GradientWrite.Add;
        Gemm.Multiply(
            lease.Scratch.Products, 4 * count, width, rows, new(Floats(dGates), 4 * count, transposed: true), new(beforeRows, width),
            Floats(dRecurrent), width, add);
        Gemm.Multiply(
            lease.Scratch.Products, width, count, rows, new(dProjectedRows, width, transposed: true), new(hiddenRows, count),
            Floats(dProjection), count, add);
    }

    /// <summary>y = x W, with W [in, out] or, where there are few rows, its columns as rows.</summary>
    private void MultiplyByColumns(float* x, float* matrix, float* columns, float* y, nint rows, nint inWidth, nint outWidth)
    {
        if (columns != null)
        {
            ThinProduct.Multiply(pool, level, rows, outWidth, inWidth, x, inWidth, new(columns, inWidth), y, outWidth);
            return;
        }

        using ScratchPool.Lease lease = scratches.Rent();
        Gemm.Multiply(lease.Scratch.Products, rows, outWidth, inWidth, new(x, inWidth), new(matrix, outWidth), y, outWidth);
    }
}
