using System.Runtime.CompilerServices;
using GptGen.Cuda;
using GptGen.Cuda.Driver;
using GptGen.Cuda.Kernels;

namespace GptGen;

/// <content>
/// Two products by cuBLAS a step, each followed by a kernel for single numbers. The host does not know the lengths: each step is made for all
/// sequences, and what a sequence does not have is zero.
/// </content>
public sealed partial class CudaDevice
{
    private static readonly KernelKey LstmCells = Lstm("cells");
    private static readonly KernelKey LstmOutputs = Lstm("outputs");
    private static readonly KernelKey LstmLastState = Lstm("lastState");
    private static readonly KernelKey LstmOutputsBackward = Lstm("outputsBackward");
    private static readonly KernelKey LstmCellsBackward = Lstm("cellsBackward");

    internal static KernelKey[] LstmScanKernels => [LstmCells, LstmOutputs, LstmLastState];

    internal static KernelKey[] LstmScanBackwardKernels => [LstmOutputsBackward, LstmCellsBackward];

    /// <inheritdoc/>
    protected override void LstmScan(
        Location gates, Location recurrent, Location projection, Location lengths, in LstmState initial, Location activated, Location cells,
        Location y, in LstmState final, in LstmShape shape)
    {
        const string Operation = nameof(LstmScan);
        var (sequences, count, width, recurrence) = (shape.Sequences, shape.Cells, shape.Projection, shape.Recurrence);
        var (length, backward, begins) = (shape.Length, shape.IsBackward ? 1 : 0, !initial.Projected.IsNone);
        var (ends, cellRows, outputRows, cellsBefore, outputsBefore) = (
            Address(lengths), Address(cells), Address(y), Address(initial.Cells), Address(initial.Projected));
        nint bytes = 0;
        var (productsAt, hiddenAt, projectedAt) = (
            Room(ref bytes, sequences, 4 * count), Room(ref bytes, sequences, count), Room(ref bytes, sequences, width));
        lock (gate)
        {
            var memory = scratch.Take(bytes, Operation);
            var (products, hidden, projected) = (memory + productsAt, memory + hiddenAt, memory + projectedAt);
            if (begins)
                stream.CopyOnGpu(projected, outputsBefore, (nint)sequences * width * types.Size(BufferRole.Activation), Operation);
            for (var step = 0; step < length; step++)
            {
                var isFirst = step == 0 && !begins;
                if (!isFirst)
                {
                    Multiply(
                        sequences, 4 * count, width, Factor(projected, width), MatrixAt(recurrent, width, transposed: true), new(products, 4 * count),
                        Operation);
                }

                LaunchNumbers(
                    LstmCells, shape, count,
                    [
                        Address(gates), isFirst ? default : products, cellsBefore, Address(activated), cellRows, hidden, ends, length, backward,
                        count, recurrence.CellLimit, step,
                    ]);
                Multiply(
                    sequences, width, count, Factor(hidden, count), MatrixAt(projection, count, transposed: true), Factor(projected, width),
                    Operation);
                LaunchNumbers(
                    LstmOutputs, shape, width, [projected, outputRows, ends, length, backward, width, recurrence.ProjectionLimit, step]);
            }
        }

        if (!final.Cells.IsNone)
            LaunchNumbers(LstmLastState, shape, count, [cellRows, cellsBefore, Address(final.Cells), ends, length, backward, count]);
        if (!final.Projected.IsNone)
            LaunchNumbers(LstmLastState, shape, width, [outputRows, outputsBefore, Address(final.Projected), ends, length, backward, width]);
    }

    /// <inheritdoc/>
    protected override void LstmScanBackward(
        Location dy, Location activated, Location cells, Location y, Location recurrent, Location projection, Location lengths,
        in LstmState initial, Location dGates, Location dRecurrent, Location dProjection, GradientWrite write, in LstmShape shape)
    {
        const string Operation = nameof(LstmScanBackward);
        var (sequences, count, width, recurrence) = (shape.Sequences, shape.Cells, shape.Projection, shape.Recurrence);
        var (length, backward, rows, add) = (shape.Length, shape.IsBackward ? 1 : 0, shape.Rows, write == GradientWrite.Add);
        // What a step needs lies by sequence; what the weights' gradients need lies by row, for one product each at the end.
        nint bytes = 0;
        var (sumsAt, dHiddenAt, dCellsAt, dProjectedAt, dOutputsAt) = (
            Room(ref bytes, sequences, 4 * count), Room(ref bytes, sequences, count), Room(ref bytes, sequences, count),
            Room(ref bytes, sequences, width), Room(ref bytes, sequences, width));
        var (hiddenAt, projectedAt, beforeAt) = (Room(ref bytes, rows, count), Room(ref bytes, rows, width), Room(ref bytes, rows, width));
        lock (gate)
        {
            var memory = scratch.Take(Math.Max(1, bytes), Operation);
            var (dSums, dHidden, dProjected, dOutputs) = (memory + sumsAt, memory + dHiddenAt, memory + dProjectedAt, memory + dOutputsAt);
            var (hiddenRows, dProjectedRows, beforeRows) = (memory + hiddenAt, memory + projectedAt, memory + beforeAt);
            for (var step = length - 1; step >= 0; step--)
            {
                if (step + 1 < length)
                    Multiply(sequences, width, 4 * count, Factor(dSums, 4 * count), MatrixAt(recurrent, width), new(dOutputs, width), Operation);
                LaunchNumbers(
                    LstmOutputsBackward, shape, width,
                    [
                        Address(dy), Address(y), Address(initial.Projected), dOutputs, dProjected, dProjectedRows, beforeRows, Address(lengths),
                        length, backward, width, recurrence.ProjectionLimit, step,
                    ]);
                Multiply(sequences, count, width, Factor(dProjected, width), MatrixAt(projection, count), new(dHidden, count), Operation);
                LaunchNumbers(
                    LstmCellsBackward, shape, count,
                    [
                        Address(activated), Address(cells), Address(initial.Cells), dHidden, memory + dCellsAt, dSums, Address(dGates), hiddenRows,
                        Address(lengths), length, backward, count, recurrence.CellLimit, step,
                    ]);
            }

            // Without rows the products are zero, which cuBLAS also writes.
            Multiply(
                4 * count, width, rows, MatrixAt(dGates, 4 * count, transposed: true), Factor(beforeRows, width), MatrixAt(dRecurrent, width),
                Operation, add);
            Multiply(
                width, count, rows, Factor(dProjectedRows, width, transposed: true), Factor(hiddenRows, count), MatrixAt(dProjection, count),
                Operation, add);
        }
    }

    private static KernelKey Lstm(string function) => new KernelTemplate("lstm.cu", "lstm::" + function).With();

    /// <summary>Adds numbers to what a scratch memory must hold, as many bytes as f32 takes, and says where they begin.</summary>
    private static nint Room(ref nint bytes, nint rows, nint width)
    {
        var start = bytes;
        bytes += ScratchMemory.Aligned(rows * width * sizeof(float));
        return start;
    }

    /// <summary>Launches a kernel that gives one number of each sequence to a thread.</summary>
    private void LaunchNumbers(
        KernelKey key, in LstmShape shape, int width, ReadOnlySpan<KernelArgument> arguments, [CallerMemberName] string operation = "")
    {
        if (shape.Sequences > 0)
            Launch(key, NumbersOfRows(shape.Sequences, width), BlockThreads, arguments, operation);
    }
}
