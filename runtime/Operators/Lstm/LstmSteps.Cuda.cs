using System.Runtime.CompilerServices;
using GptGen.Cuda;
using GptGen.Cuda.Driver;
using GptGen.Cuda.Kernels;

namespace GptGen;

/// <content>A scan step by step: two products by cuBLAS, each followed by a kernel for single numbers.</content>
public sealed partial class CudaDevice
{
    private static readonly KernelKey LstmCells = Lstm("cells");
    private static readonly KernelKey LstmOutputs = Lstm("outputs");
    private static readonly KernelKey LstmOutputsBackward = Lstm("outputsBackward");
    private static readonly KernelKey LstmCellsBackward = Lstm("cellsBackward");

    internal static KernelKey[] LstmStepKernels => [LstmCells, LstmOutputs];

    internal static KernelKey[] LstmStepBackwardKernels => [LstmOutputsBackward, LstmCellsBackward];

    private void ScanStepByStep(
        Location gates, Location recurrent, Location projection, Location lengths, in LstmState initial, Location activated, Location cells,
        Location y, in LstmShape shape)
    {
        const string Operation = nameof(LstmScan);
        var (sequences, count, width, recurrence) = (shape.Sequences, shape.Cells, shape.Projection, shape.Recurrence);
        var (length, backward, begins) = (shape.Length, shape.IsBackward ? 1 : 0, !initial.Projected.IsNone);
        var ends = Address(lengths);
        nint bytes = 0;
        var (productsAt, hiddenAt, projectedAt) = (
            Room(ref bytes, sequences, 4 * count), Room(ref bytes, sequences, count), Room(ref bytes, sequences, width));
        lock (gate)
        {
            var memory = scratch.Take(bytes, Operation);
            var (products, hidden, projected) = (memory + productsAt, memory + hiddenAt, memory + projectedAt);
            if (begins)
                stream.CopyOnGpu(projected, Address(initial.Projected), (nint)sequences * width * types.Size(BufferRole.Activation), Operation);
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
                        Address(gates), isFirst ? default : products, Address(initial.Cells), Address(activated), Address(cells), hidden, ends,
                        length, backward, count, recurrence.CellLimit, step,
                    ]);
                Multiply(
                    sequences, width, count, Factor(hidden, count), MatrixAt(projection, count, transposed: true), Factor(projected, width),
                    Operation);
                LaunchNumbers(
                    LstmOutputs, shape, width, [projected, Address(y), ends, length, backward, width, recurrence.ProjectionLimit, step]);
            }
        }
    }

    private void ScanBackStepByStep(
        Location dy, Location activated, Location cells, Location y, Location recurrent, Location projection, Location lengths,
        in LstmState initial, Location dGates, in RowsToWeights toWeights, GpuAddress memory, in BackwardPlaces places, in LstmShape shape)
    {
        const string Operation = nameof(LstmScanBackward);
        var (sequences, count, width, recurrence) = (shape.Sequences, shape.Cells, shape.Projection, shape.Recurrence);
        var (length, backward) = (shape.Length, shape.IsBackward ? 1 : 0);
        var (dSums, dHidden, dCells, dProjected, dOutputs) = (
            memory + places.Sums, memory + places.Hidden, memory + places.Cells, memory + places.Projected, memory + places.Outputs);
        for (var step = length - 1; step >= 0; step--)
        {
            if (step + 1 < length)
                Multiply(sequences, width, 4 * count, Factor(dSums, 4 * count), MatrixAt(recurrent, width), new(dOutputs, width), Operation);
            LaunchNumbers(
                LstmOutputsBackward, shape, width,
                [
                    Address(dy), Address(y), Address(initial.Projected), dOutputs, dProjected, toWeights.DProjected, toWeights.Before,
                    Address(lengths), length, backward, width, recurrence.ProjectionLimit, step,
                ]);
            Multiply(sequences, count, width, Factor(dProjected, width), MatrixAt(projection, count), new(dHidden, count), Operation);
            LaunchNumbers(
                LstmCellsBackward, shape, count,
                [
                    Address(activated), Address(cells), Address(initial.Cells), dHidden, dCells, dSums, Address(dGates), toWeights.Hidden,
                    Address(lengths), length, backward, count, recurrence.CellLimit, step,
                ]);
        }
    }

    /// <summary>Launches a kernel that gives one number of each sequence to a thread.</summary>
    private void LaunchNumbers(
        KernelKey key, in LstmShape shape, int width, ReadOnlySpan<KernelArgument> arguments, [CallerMemberName] string operation = "")
    {
        if (shape.Sequences > 0)
            Launch(key, NumbersOfRows(shape.Sequences, width), BlockThreads, arguments, operation);
    }

    /// <summary>Where a scratch memory has what the way back carries from step to step, by sequence.</summary>
    private readonly record struct BackwardPlaces
    {
        public BackwardPlaces(ref nint bytes, in LstmShape shape)
        {
            var (sequences, cells, width) = (shape.Sequences, shape.Cells, shape.Projection);
            Sums = Room(ref bytes, sequences, 4 * cells);
            Hidden = Room(ref bytes, sequences, cells);
            Cells = Room(ref bytes, sequences, cells);
            Projected = Room(ref bytes, sequences, width);
            Outputs = Room(ref bytes, sequences, width);
        }

        public nint Sums { get; }

        public nint Hidden { get; }

        public nint Cells { get; }

        public nint Projected { get; }

        public nint Outputs { get; }
    }
}
