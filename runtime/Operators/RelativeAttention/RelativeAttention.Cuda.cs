using GptGen.Cuda;
using GptGen.Cuda.Driver;
using GptGen.Cuda.Kernels;

namespace GptGen;

public sealed partial class CudaDevice
{
    /// <summary>The most parts of the sequences whose gradients of the distances are summed apart: a constant, so that the order is one.</summary>
    private const int RelativeParts = 4;

    private static readonly KernelTemplate RelativeForwardTemplate = RelativeKernel("relative_attention.cu", "relativeForward");
    private static readonly KernelTemplate RelativeQueriesTemplate = RelativeKernel("relative_backward.cu", "relativeQueries");
    private static readonly KernelTemplate RelativeKeysTemplate = RelativeKernel("relative_backward.cu", "relativeKeys");
    private static readonly KernelTemplate RelativeDistancesTemplate = RelativeKernel("relative_backward.cu", "relativeDistances");
    private static readonly KernelTemplate RelativeDistanceSumsTemplate = RelativeKernel("relative_backward.cu", "relativeDistanceSums");

    /// <inheritdoc/>
    protected override void RelativeAttention(
        in RelativeInputs inputs, DropoutSite dropout, Location y, Location logSumExp, in AttentionShape shape)
    {
        if (shape.Sequences == 0 || shape.QueryLength == 0)
            return;
        var tiles = new RelativeTiles(shape.HeadSize);
        var mask = new DropoutArguments(dropout);
        LaunchShared(
            RelativeKey(RelativeForwardTemplate, tiles, mask.Active),
            RelativeGrid(shape.Sequences * (long)shape.QueryHeads, shape.QueryLength, tiles), AttentionTiles.Threads, tiles.ForwardBytes,
            [
                Address(inputs.Qkv), Address(inputs.Distances), Address(inputs.ContentBias), Address(inputs.PositionBias), Address(y),
                Address(logSumExp), shape.QueryLength, shape.KeyLength, shape.QueryHeads, inputs.Window, shape.Scale,
                mask.Key, mask.Place, mask.Threshold, mask.Scale,
            ]);
    }

    /// <inheritdoc/>
    protected override void RelativeAttentionBackward(
        Location dy, in RelativeInputs inputs, Location y, Location logSumExp, DropoutSite dropout, in RelativeGradients gradients,
        in AttentionShape shape)
    {
        var tiles = new RelativeTiles(shape.HeadSize);
        var mask = new DropoutArguments(dropout);
        var (width, items) = (shape.QueryWidth, shape.Sequences * (long)shape.QueryHeads);
        var (queryGrid, keyGrid) = (RelativeGrid(items, shape.QueryLength, tiles), RelativeGrid(items, shape.KeyLength, tiles));
        // Without queries there is nothing to add up.
        var sequences = shape.QueryLength == 0 ? 0 : shape.Sequences;
        var sequencesOfPart = Math.Max(1, (sequences + RelativeParts - 1) / RelativeParts);
        var parts = (sequences + sequencesOfPart - 1) / sequencesOfPart;
        var biasParts = sequences * (int)queryGrid.Y;
        lock (gate)
        {
            var deltaBytes = ScratchMemory.Aligned((nint)items * shape.QueryLength * sizeof(float));
            var biasBytes = ScratchMemory.Aligned((nint)biasParts * 2 * width * sizeof(float));
            var distanceBytes = (nint)parts * shape.KeyLength * width * sizeof(float);
            var deltas = scratch.Take(Math.Max(1, deltaBytes + biasBytes + distanceBytes), nameof(RelativeAttentionBackward));
            var (biasSums, distanceSums) = (deltas + deltaBytes, deltas + deltaBytes + biasBytes);
            if (sequences > 0)
            {
                LaunchShared(
                    RelativeKey(RelativeQueriesTemplate, tiles, mask.Active), queryGrid, AttentionTiles.Threads, tiles.QueriesBytes,
                    [
                        Address(inputs.Qkv), Address(inputs.Distances), Address(inputs.ContentBias), Address(inputs.PositionBias), Address(dy),
                        Address(y), Address(logSumExp), deltas, Address(gradients.Qkv), biasSums,
                        shape.QueryLength, shape.KeyLength, shape.QueryHeads, inputs.Window, shape.Scale,
                        mask.Key, mask.Place, mask.Threshold, mask.Scale,
                    ]);
                LaunchShared(
                    RelativeKey(RelativeDistancesTemplate, tiles, mask.Active), RelativeGrid(parts * (long)shape.QueryHeads, shape.KeyLength, tiles),
                    AttentionTiles.Threads, tiles.DistancesBytes,
                    [
                        Address(inputs.Qkv), Address(inputs.Distances), Address(inputs.ContentBias), Address(inputs.PositionBias), Address(dy),
                        Address(logSumExp), deltas, distanceSums, sequences, sequencesOfPart,
                        shape.QueryLength, shape.KeyLength, shape.QueryHeads, inputs.Window, shape.Scale,
                        mask.Key, mask.Place, mask.Threshold, mask.Scale,
                    ]);
            }

            if (items > 0 && shape.KeyLength > 0)
            {
                LaunchShared(
                    RelativeKey(RelativeKeysTemplate, tiles, mask.Active), keyGrid, AttentionTiles.Threads, tiles.KeysBytes,
                    [
                        Address(inputs.Qkv), Address(inputs.Distances), Address(inputs.ContentBias), Address(inputs.PositionBias), Address(dy),
                        Address(logSumExp), deltas, Address(gradients.Qkv),
                        shape.QueryLength, shape.KeyLength, shape.QueryHeads, inputs.Window, shape.Scale,
                        mask.Key, mask.Place, mask.Threshold, mask.Scale,
                    ]);
            }

            var (to, elements) = (Address(gradients.Distances), (nint)gradients.DistanceRows * width);
            if (elements > 0)
            {
                LaunchQuads(
                    RelativeDistanceSumsTemplate.With(Quads(width, to, distanceSums)), elements,
                    [distanceSums, to, parts, (long)shape.KeyLength * width, (long)elements]);
            }

            AddParts(biasSums, biasParts, width, 2 * width, Address(gradients.ContentBias), gradients.BiasWrite);
            AddParts(biasSums + (width * sizeof(float)), biasParts, width, 2 * width, Address(gradients.PositionBias), gradients.BiasWrite);
        }
    }

    /// <inheritdoc/>
    protected override void RelativeAttentionDecode(
        in RelativeInputs inputs, Location positions, Location slots, Location keys, Location values, Location y, in AttentionShape shape)
    {
        if (shape.Sequences == 0)
            return;
        var (width, stride) = (shape.QueryWidth, 3 * shape.QueryWidth);
        var row = shape with { QueryLength = 1, KeyLength = 1 };
        // A token takes the place of one that the token before it still sees, so that each has a launch of its own.
        for (var token = 0; token < shape.QueryLength; token++)
        {
            var first = (nint)token * shape.Sequences;
            var qkv = inputs.Qkv.Plus(first * stride);
            var parts = new AttentionInputs(
                new(qkv, stride), new(qkv.Plus(width), stride), new(qkv.Plus(2 * width), stride), default, default);
            Decode(
                parts, inputs, positions.Plus(first), slots, keys, values, inputs.Window, y.Plus(first * width), row,
                nameof(RelativeAttentionDecode));
        }
    }

    private static IEnumerable<KernelKey> RelativeAttentionKernels(OperatorUse use, PreparedModel model) =>
        DropoutChoices(model).Select(drop => RelativeKey(RelativeForwardTemplate, new(use.HeadSize), drop));

    private static IEnumerable<KernelKey> RelativeAttentionBackwardKernels(OperatorUse use, PreparedModel model)
    {
        var tiles = new RelativeTiles(use.HeadSize);
        return DropoutChoices(model)
            .SelectMany(drop => RelativeBackwardKernels(tiles, drop))
            .Concat(PartKernels(model, use.Widths[0]))
            .Concat(QuadSizes(model, use.Widths[0]).Select(static vector => RelativeDistanceSumsTemplate.With(vector)));
    }

    private static IEnumerable<KernelKey> RelativeAttentionDecodeKernels(OperatorUse use, PreparedModel model) =>
        [DecodeTemplate.With(use.HeadSize, 1), CombineTemplate.With(use.HeadSize), CopySlotsKernel];

    /// <summary>The kernels for heads of one size, forward and backward.</summary>
    internal static IEnumerable<KernelKey> RelativeKernels(int headSize, int vector, int drop) =>
    [
        RelativeKey(RelativeForwardTemplate, new(headSize), drop), .. RelativeBackwardKernels(new(headSize), drop),
        RelativeDistanceSumsTemplate.With(vector),
    ];

    private static IEnumerable<KernelKey> RelativeBackwardKernels(RelativeTiles tiles, int drop) =>
    [
        RelativeKey(RelativeQueriesTemplate, tiles, drop), RelativeKey(RelativeKeysTemplate, tiles, drop),
        RelativeKey(RelativeDistancesTemplate, tiles, drop),
    ];

    private static KernelTemplate RelativeKernel(string source, string function) =>
        AttentionKernel(source, function, "relative_tiles.cuh");

    private static KernelKey RelativeKey(KernelTemplate template, RelativeTiles tiles, int drop) =>
        template.With(tiles.HeadSize, tiles.Positions, drop);

    private static GridSize RelativeGrid(long heads, int length, RelativeTiles tiles) =>
        new(checked((uint)heads), GridSize.Covering(length, tiles.Positions).X);
}
