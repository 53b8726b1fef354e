using GptGen.Cuda;
using GptGen.Cuda.Driver;
using GptGen.Cuda.Kernels;

namespace GptGen;

/// <content>All steps of a scan in one launch, where its weights are small.</content>
public sealed partial class CudaDevice
{
    /// <summary>Threads of a block in <c>lstm_scan.cu</c>.</summary>
    private const int ScanThreads = 512;

    /// <summary>Sequences of a block where there are more than multiprocessors.</summary>
    private const int ScanSequences = 4;

    /// <summary>Shared memory that every GPU from compute capability 8.0 on gives a block.</summary>
    private const int ScanSharedBytes = 96 << 10;

    private const int DefaultOneLaunchScanBytes = 5 << 18;

    private static readonly KernelTemplate LstmScanTemplate = new("lstm_scan.cu", "lstm::scan", "lstm_steps.cuh");
    private static readonly KernelTemplate LstmScanBackwardTemplate = new("lstm_scan.cu", "lstm::scanBackward", "lstm_steps.cuh");

    /// <summary>
    /// The most bytes of recurrent and projection matrix together that a scan in one launch reads at each step, and twice what it reads where blocks
    /// have several sequences each. Measured on an H200 (docs/benchmarks.md): one launch is faster up to there, with 512 sequences up to half of it.
    /// </summary>
    internal int OneLaunchScanBytes { get; set; } = DefaultOneLaunchScanBytes;

    /// <summary>The kernels of a model's scans: of one way, or of both where the number of sequences decides.</summary>
    private static IEnumerable<KernelKey> ScanKernels(int cells, int projection, IEnumerable<KernelKey> oneLaunch, IEnumerable<KernelKey> steps) =>
    [
        .. ScanFits(cells, projection, DefaultOneLaunchScanBytes) ? oneLaunch : [],
        .. ScanFits(cells, projection, DefaultOneLaunchScanBytes / 2) ? [] : steps,
    ];

    /// <summary>The kernels of scans in one launch.</summary>
    internal static KernelKey[] OneLaunchScanKernels(int cells, int projection) => ScanKernels(LstmScanTemplate, ScanVector(cells, projection));

    /// <summary>The kernels of their way back.</summary>
    internal static KernelKey[] OneLaunchScanBackwardKernels(int cells, int projection) =>
        ScanKernels(LstmScanBackwardTemplate, ScanVector(cells, projection));

    private bool ScansInOneLaunch(in LstmShape shape) =>
        ScanFits(shape.Cells, shape.Projection, SequencesOfBlock(shape) == 1 ? OneLaunchScanBytes : OneLaunchScanBytes / 2);

    private int SequencesOfBlock(in LstmShape shape) => shape.Sequences > context.Properties.MultiprocessorCount ? ScanSequences : 1;

    private static bool ScanFits(int cells, int projection, int most) =>
        5L * cells * projection * sizeof(float) <= most && ScanBytes(cells, projection, ScanSequences, isBackward: true) <= ScanSharedBytes;

    /// <summary>Shared memory of a block; on the way back with the sums that <c>columnProducts</c> keeps of its teams.</summary>
    private static long ScanBytes(int cells, int projection, int sequences, bool isBackward)
    {
        var sums = isBackward ? Math.Max(QuadElements * ScanThreads, Math.Max(cells, projection)) : 0;
        return sequences * (projection + 5L * cells + sums) * sizeof(float);
    }

    private static KernelKey[] ScanKernels(KernelTemplate template, int vector) => [template.With(vector, 1), template.With(vector, ScanSequences)];

    private static int ScanVector(int cells, int projection, params ReadOnlySpan<GpuAddress> addresses) =>
        projection % QuadElements == 0 ? Quads(cells, addresses) : 1;

    private void ScanInOneLaunch(
        Location gates, Location recurrent, Location projection, Location lengths, in LstmState initial, Location activated, Location cells,
        Location y, in LstmShape shape)
    {
        var recurrence = shape.Recurrence;
        LaunchScan(
            LstmScanTemplate, shape, Address(recurrent), Address(projection), isBackward: false,
            [
                Address(gates), Address(recurrent), Address(projection), Address(initial.Cells), Address(initial.Projected), Address(activated),
                Address(cells), Address(y), Address(lengths), shape.Length, shape.IsBackward ? 1 : 0, shape.Sequences, shape.Cells,
                shape.Projection, recurrence.CellLimit, recurrence.ProjectionLimit,
            ],
            nameof(LstmScan));
    }

    /// <summary>The way back through time; the products for the weights' gradients follow it.</summary>
    private void ScanBackInOneLaunch(
        Location dy, Location activated, Location cells, Location y, Location recurrent, Location projection, Location lengths,
        in LstmState initial, Location dGates, in RowsToWeights toWeights, in LstmShape shape)
    {
        var recurrence = shape.Recurrence;
        LaunchScan(
            LstmScanBackwardTemplate, shape, Address(recurrent), Address(projection), isBackward: true,
            [
                Address(dy), Address(activated), Address(cells), Address(y), Address(recurrent), Address(projection), Address(initial.Cells),
                Address(initial.Projected), Address(dGates), toWeights.Hidden, toWeights.DProjected, toWeights.Before, Address(lengths), shape.Length,
                shape.IsBackward ? 1 : 0, shape.Sequences, shape.Cells, shape.Projection, recurrence.CellLimit, recurrence.ProjectionLimit,
            ],
            nameof(LstmScanBackward));
    }

    private void LaunchScan(
        KernelTemplate template, in LstmShape shape, GpuAddress recurrent, GpuAddress projection, bool isBackward,
        ReadOnlySpan<KernelArgument> arguments, string operation)
    {
        if (shape.Rows == 0)
            return;
        var sequences = SequencesOfBlock(shape);
        var vector = ScanVector(shape.Cells, shape.Projection, recurrent, projection);
        LaunchShared(
            template.With(vector, sequences), GridSize.Covering(shape.Sequences, sequences), ScanThreads,
            (int)ScanBytes(shape.Cells, shape.Projection, sequences, isBackward), arguments, operation);
    }
}
