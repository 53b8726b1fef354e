using GptGen.Cuda.Driver;
using GptGen.Cuda.Kernels;

namespace GptGen;

public sealed partial class CudaDevice
{
    private static readonly KernelKey SampledGather = Sampled("gather");
    private static readonly KernelKey SampledLosses = Sampled("losses", BlockThreads);
    private static readonly KernelKey SampledInputs = Sampled("inputs");
    private static readonly KernelKey SampledBiases = Sampled("biases");
    private static readonly KernelKey SampledRows = Sampled("samplesBackward");
    private static readonly KernelKey SampledTargets = Sampled("targetsBackward");

    internal static KernelKey[] SampledHeadKernels => [SampledGather, SampledLosses, SampledInputs, SampledBiases, SampledRows, SampledTargets];

    /// <inheritdoc/>
    protected override void SampledHeadLossBackward(
        Location x, Location weight, Location bias, Location targets, Location weights, in SampledTokens samples, Location losses, Location dx,
        Location dWeight, Location dBias, GradientWrite weightWrite, in HeadShape shape)
    {
        const string Operation = nameof(SampledHeadLossBackward);
        var (count, width, rows) = (samples.Count, shape.Width, shape.Rows);
        var chunk = Math.Min(shape.Chunk, rows);
        if (weightWrite == GradientWrite.Write)
        {
            dWeight.Arena.Clear(dWeight.Offset, (nint)shape.Stride * width);
            if (!dBias.IsNone)
                dBias.Arena.Clear(dBias.Offset, shape.Stride);
        }

        if (rows == 0)
            return;
        nint bytes = 0;
        var (rowsAt, dRowsAt, dBiasesAt) = (Room(ref bytes, count, width), Room(ref bytes, count, width), Room(ref bytes, count, 1));
        var (scoresAt, productsAt, dTargetsAt) = (Room(ref bytes, chunk, count), Room(ref bytes, chunk, width), Room(ref bytes, rows, 1));
        var dScoresAt = types.Of(BufferRole.Activation) == GpuElement.Float32 ? scoresAt : Room(ref bytes, chunk, count);
        lock (gate)
        {
            var memory = scratch.Take(bytes, Operation);
            var (tableRows, dTableRows, dBiases) = (memory + rowsAt, memory + dRowsAt, memory + dBiasesAt);
            var (scores, dScores, products, dTargets) = (memory + scoresAt, memory + dScoresAt, memory + productsAt, memory + dTargetsAt);
            var (table, tokens) = (Address(weight), Address(samples.Tokens));
            Launch(SampledGather, NumbersOfRows(count, width), BlockThreads, [table, tokens, tableRows, width]);
            for (var row = 0; row < rows; row += chunk)
            {
                var part = Math.Min(chunk, rows - row);
                var (input, goal, own) = (x.Plus((nint)row * width), Address(targets.Plus(row)), dTargets + (nint)row * sizeof(float));
                Multiply(part, count, width, MatrixAt(input, width), Factor(tableRows, width, transposed: true), new(scores, count), Operation);
                Launch(
                    SampledLosses, part, BlockThreads,
                    [
                        Address(input), table, Address(bias), goal, Address(weights.Plus(row)), tokens, Address(samples.Logs),
                        Address(samples.TargetLogs.Plus(row)), scores, dScores, Address(losses.Plus(row)), own, count, width,
                    ]);
                Multiply(part, width, count, Factor(dScores, count), Factor(tableRows, width), new(products, width), Operation);
                Launch(
                    SampledInputs, NumbersOfRows(part, width), BlockThreads,
                    [table, goal, own, products, Address(dx.Plus((nint)row * width)), width]);
                Multiply(
                    count, width, part, Factor(dScores, count, transposed: true), MatrixAt(input, width), new(dTableRows, width), Operation, row > 0);
                Launch(SampledBiases, GridSize.Covering(count, BlockThreads), BlockThreads, [dScores, dBiases, part, count, row > 0 ? 1 : 0]);
            }

            Launch(
                SampledRows, NumbersOfRows(count, width), BlockThreads, [tokens, dTableRows, dBiases, Address(dWeight), Address(dBias), width]);
            Launch(
                SampledTargets, NumbersOfRows(rows, width), BlockThreads,
                [Address(x), Address(targets), dTargets, Address(dWeight), Address(dBias), rows, width]);
        }
    }

    private static KernelKey Sampled(string function, params ReadOnlySpan<int> values) =>
        new KernelTemplate("sampledhead.cu", "sampled::" + function).With(values);
}
