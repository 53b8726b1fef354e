using GptGen.Cuda;
using GptGen.Cuda.Driver;
using GptGen.Cuda.Kernels;

namespace GptGen;

/// <content>
/// Small weights in one launch (<c>LstmOneLaunch.Cuda.cs</c>); with large ones two products by cuBLAS a step, each followed by a kernel for single
/// numbers. The host does not know the lengths: each step is made for all sequences, and what a sequence does not have is zero.
/// </content>
public sealed partial class CudaDevice
{
    internal static readonly KernelKey LstmLastState = Lstm("lastState");

    private static IEnumerable<KernelKey> LstmScanKernels(OperatorUse use, PreparedModel model) =>
        [LstmLastState, .. ScanKernels(use.Widths[0] / 4, use.Widths[1], OneLaunchScanKernels(use.Widths[0] / 4, use.Widths[1]), LstmStepKernels)];

    private static IEnumerable<KernelKey> LstmScanBackwardKernels(OperatorUse use, PreparedModel model) =>
        ScanKernels(
            use.Widths[1] / 4, use.Widths[0], OneLaunchScanBackwardKernels(use.Widths[1] / 4, use.Widths[0]), LstmStepBackwardKernels);

    /// <inheritdoc/>
    protected override void LstmScan(
        Location gates, Location recurrent, Location projection, Location lengths, in LstmState initial, Location activated, Location cells,
        Location y, in LstmState final, in LstmShape shape)
    {
        if (ScansInOneLaunch(shape))
            ScanInOneLaunch(gates, recurrent, projection, lengths, initial, activated, cells, y, shape);
        else
            ScanStepByStep(gates, recurrent, projection, lengths, initial, activated, cells, y, shape);
        var (count, width, length, backward, ends) = (
            shape.Cells, shape.Projection, shape.Length, shape.IsBackward ? 1 : 0, Address(lengths));
        if (!final.Cells.IsNone)
            LaunchNumbers(LstmLastState, shape, count, [Address(cells), Address(initial.Cells), Address(final.Cells), ends, length, backward, count]);
        if (!final.Projected.IsNone)
        {
            LaunchNumbers(
                LstmLastState, shape, width, [Address(y), Address(initial.Projected), Address(final.Projected), ends, length, backward, width]);
        }
    }

    /// <inheritdoc/>
    protected override void LstmScanBackward(
        Location dy, Location activated, Location cells, Location y, Location recurrent, Location projection, Location lengths,
        in LstmState initial, Location dGates, Location dRecurrent, Location dProjection, GradientWrite write, in LstmShape shape)
    {
        const string Operation = nameof(LstmScanBackward);
        var (count, width, rows, add) = (shape.Cells, shape.Projection, shape.Rows, write == GradientWrite.Add);
        // What the weights' gradients need lies by row, for one product each at the end.
        nint bytes = 0;
        var (hiddenAt, projectedAt, beforeAt) = (Room(ref bytes, rows, count), Room(ref bytes, rows, width), Room(ref bytes, rows, width));
        var inOneLaunch = ScansInOneLaunch(shape);
        var steps = inOneLaunch ? default : new BackwardPlaces(ref bytes, shape);
        lock (gate)
        {
            var memory = scratch.Take(Math.Max(1, bytes), Operation);
            var toWeights = new RowsToWeights(memory + hiddenAt, memory + projectedAt, memory + beforeAt);
            if (inOneLaunch)
                ScanBackInOneLaunch(dy, activated, cells, y, recurrent, projection, lengths, initial, dGates, toWeights, shape);
            else
                ScanBackStepByStep(dy, activated, cells, y, recurrent, projection, lengths, initial, dGates, toWeights, memory, steps, shape);

            // Without rows the products are zero, which cuBLAS also writes.
            Multiply(
                4 * count, width, rows, MatrixAt(dGates, 4 * count, transposed: true), Factor(toWeights.Before, width), MatrixAt(dRecurrent, width),
                Operation, add);
            Multiply(
                width, count, rows, Factor(toWeights.DProjected, width, transposed: true), Factor(toWeights.Hidden, count),
                MatrixAt(dProjection, count), Operation, add);
        }
    }

    private static KernelKey Lstm(string function) => new KernelTemplate("lstm.cu", "lstm::" + function, "lstm_steps.cuh").With();

    /// <summary>Adds numbers to what a scratch memory must hold, as many bytes as f32 takes, and says where they begin.</summary>
    private static nint Room(ref nint bytes, nint rows, nint width)
    {
        var start = bytes;
        bytes += ScratchMemory.Aligned(rows * width * sizeof(float));
        return start;
    }

    /// <summary>What the way back leaves for the weights' gradients, by row, of the activations' type.</summary>
    /// <param name="Hidden">What was projected.</param>
    /// <param name="DProjected">The gradient of what it was projected to.</param>
    /// <param name="Before">The outputs that the step read.</param>
    private readonly record struct RowsToWeights(GpuAddress Hidden, GpuAddress DProjected, GpuAddress Before);
}
