using GptGen.Cuda;
using GptGen.Cuda.Driver;
using GptGen.Cuda.Kernels;

namespace GptGen;

public sealed partial class CudaDevice
{
    internal static readonly KernelTemplate StoreKeysTemplate = AttentionKernel("attention_cache.cu", "storeKeysAndValues");
    internal static readonly KernelTemplate DecodeTemplate = AttentionKernel("attention_cache.cu", "decode");
    internal static readonly KernelTemplate CombineTemplate = AttentionKernel("attention_cache.cu", "combine");

    /// <inheritdoc/>
    protected override void Attention(in AttentionInputs inputs, DropoutSite dropout, Location y, Location logSumExp, in AttentionShape shape)
    {
        var mask = new DropoutArguments(dropout);
        var (query, key, value, queryLengths, keyLengths) = inputs;
        var launch = new AttentionPlan(shape.HeadSize, shape.Mask, mask.Active, TensorBytesOf(inputs, Address(y)), AttendsOnWarpgroups).Forward;
        LaunchShared(
            launch.Kernel, launch.Grid(shape.Sequences * (long)shape.QueryHeads, shape.QueryLength), launch.Threads, launch.SharedBytes,
            [
                Address(query.Start), Address(key.Start), Address(value.Start), Address(queryLengths), Address(keyLengths),
                Address(y), Address(logSumExp),
                query.Stride, key.Stride, value.Stride, shape.QueryLength, shape.KeyLength, shape.QueryHeads, shape.Group, shape.Scale,
                mask.Key, mask.Place, mask.Threshold, mask.Scale,
            ]);
    }

    /// <inheritdoc/>
    protected override void AttentionBackward(
        Location dy, in AttentionInputs inputs, Location y, Location logSumExp, DropoutSite dropout, in AttentionGradients gradients,
        in AttentionShape shape)
    {
        var mask = new DropoutArguments(dropout);
        var (query, key, value, queryLengths, keyLengths) = inputs;
        var (dQuery, dKey, dValue) = gradients;
        var plan = new AttentionPlan(
            shape.HeadSize, shape.Mask, mask.Active,
            TensorBytesOf(
                inputs, Address(dy), Address(y), Address(dQuery.Start), Address(dKey.Start), Address(dValue.Start), RowBytes(dQuery), RowBytes(dKey),
                RowBytes(dValue)),
            AttendsOnWarpgroups);
        var (queries, keys) = (plan.BackwardQueries, plan.BackwardKeys);
        lock (gate)
        {
            var deltas = scratch.Take(
                (nint)shape.Sequences * shape.QueryHeads * shape.QueryLength * sizeof(float), nameof(AttentionBackward));
            LaunchShared(
                queries.Kernel, queries.Grid(shape.Sequences * (long)shape.QueryHeads, shape.QueryLength), queries.Threads,
                queries.SharedBytes,
                [
                    Address(query.Start), Address(key.Start), Address(value.Start), Address(queryLengths), Address(keyLengths),
                    Address(dy), Address(y), Address(logSumExp), deltas, Address(dQuery.Start),
                    query.Stride, key.Stride, value.Stride, shape.QueryLength, shape.KeyLength, shape.QueryHeads, shape.Group, shape.Scale,
                    dQuery.Stride, mask.Key, mask.Place, mask.Threshold, mask.Scale,
                ]);
            LaunchShared(
                keys.Kernel, keys.Grid(shape.Sequences * (long)shape.KeyHeads, shape.KeyLength), keys.Threads, keys.SharedBytes,
                [
                    Address(query.Start), Address(key.Start), Address(value.Start), Address(queryLengths), Address(keyLengths),
                    Address(dy), Address(logSumExp), deltas, Address(dKey.Start), Address(dValue.Start),
                    query.Stride, key.Stride, value.Stride, shape.QueryLength, shape.KeyLength, shape.QueryHeads, shape.Group, shape.Scale,
                    dKey.Stride, dValue.Stride, mask.Key, mask.Place, mask.Threshold, mask.Scale,
                ]);
        }
    }

    /// <inheritdoc/>
    protected override void StoreKeysAndValues(
        in AttentionInputs inputs, Location slots, Location keys, Location values, int capacity, in AttentionShape shape) =>
        Launch(
            StoreKeysTemplate.With(shape.HeadSize), new GridSize((uint)shape.KeyLength, (uint)shape.Sequences), AttentionTiles.Threads,
            [
                Address(inputs.Key.Start), Address(inputs.Value.Start), inputs.Key.Stride, inputs.Value.Stride, Address(inputs.KeyLengths),
                Address(slots), Address(keys), Address(values), capacity, shape.KeyLength, shape.KeyHeads,
            ]);

    /// <inheritdoc/>
    protected override void AttentionDecode(
        in AttentionInputs inputs, Location positions, Location slots, Location keys, Location values, int capacity, Location y,
        in AttentionShape shape) =>
        Decode(inputs, default, positions, slots, keys, values, capacity, y, shape, nameof(AttentionDecode));

    /// <summary>One query a row against a cache, by the keys' content alone or, where there are distances, by these too.</summary>
    private void Decode(
        in AttentionInputs inputs, in RelativeInputs relative, Location positions, Location slots, Location keys, Location values, int capacity,
        Location y, in AttentionShape shape, string operation)
    {
        // The positions are known on the GPU only: there are blocks for the whole cache, and those beyond a sequence's end return at once.
        var parts = (capacity + AttentionTiles.DecodeKeys - 1) / AttentionTiles.DecodeKeys;
        var (heads, sequences) = ((uint)shape.QueryHeads, (uint)shape.Sequences);
        lock (gate)
        {
            var partials = parts == 1
                ? default
                : scratch.Take(
                    (nint)shape.Sequences * shape.QueryHeads * parts * AttentionTiles.PartialFloats(shape.HeadSize) * sizeof(float), operation);
            Launch(
                DecodeTemplate.With(shape.HeadSize, relative.Distances.IsNone ? 0 : 1), new GridSize(heads, sequences, (uint)parts),
                AttentionTiles.Threads,
                [
                    Address(inputs.Query.Start), Address(inputs.Key.Start), Address(inputs.Value.Start),
                    inputs.Query.Stride, inputs.Key.Stride, inputs.Value.Stride,
                    Address(relative.Distances), Address(relative.ContentBias), Address(relative.PositionBias),
                    Address(positions), Address(slots), Address(keys), Address(values), capacity, Address(y), partials, shape.QueryHeads, shape.Scale,
                ],
                operation);
            if (parts > 1)
            {
                Launch(
                    CombineTemplate.With(shape.HeadSize), new GridSize(heads, sequences), AttentionTiles.CombineThreads,
                    [Address(positions), capacity, partials, Address(y), shape.QueryHeads, parts], operation);
            }
        }
    }

    /// <summary>The most that attention uses of what the GPU has, for timings of the kernels beside each other.</summary>
    internal AttentionCores AttendsOn
    {
        get;
        set
        {
            field = value;
            choices++;
        }
    }

    private bool AttendsOnWarpgroups => AttendsOn == AttentionCores.Warpgroup && context.Properties.HasWarpgroups;

    /// <summary>
    /// Bytes of the activations if tensor cores may multiply them and 16 bytes can be copied at once from every row, otherwise 0.
    /// </summary>
    private int TensorBytesOf(in AttentionInputs inputs, params ReadOnlySpan<GpuAddress> others) =>
        AttendsOn != AttentionCores.Ordinary
        && AreAligned(others)
        && AreAligned(
            Address(inputs.Query.Start), Address(inputs.Key.Start), Address(inputs.Value.Start), RowBytes(inputs.Query), RowBytes(inputs.Key),
            RowBytes(inputs.Value))
            ? types.TensorBytes
            : 0;

    /// <summary>From one row of activations to the next, to be looked at as addresses are.</summary>
    private GpuAddress RowBytes(ColumnSlice rows) => new((ulong)(rows.Stride * ElementSize(BufferRole.Activation)));

    private static AttentionPlan PlanOf(OperatorUse use, PreparedModel model, int drop) =>
        new(use.HeadSize, use.Mask, drop, model.Types.TensorBytes, model.HasWarpgroups);

    private static IEnumerable<KernelKey> AttentionKernels(OperatorUse use, PreparedModel model) =>
        DropoutChoices(model).Select(drop => PlanOf(use, model, drop).Forward.Kernel);

    private static IEnumerable<KernelKey> AttentionBackwardKernels(OperatorUse use, PreparedModel model) =>
        DropoutChoices(model)
            .Select(drop => PlanOf(use, model, drop))
            .SelectMany(static plan => (KernelKey[])[plan.BackwardQueries.Kernel, plan.BackwardKeys.Kernel]);

    private static IEnumerable<KernelKey> AttentionPrefillKernels(OperatorUse use, PreparedModel model) =>
        [StoreKeysTemplate.With(use.HeadSize), PlanOf(use, model, drop: 0).Forward.Kernel];

    private static IEnumerable<KernelKey> StoreKeysAndValuesKernels(OperatorUse use, PreparedModel model) =>
        [StoreKeysTemplate.With(use.HeadSize)];

    private static IEnumerable<KernelKey> AttentionDecodeKernels(OperatorUse use, PreparedModel model) =>
        [DecodeTemplate.With(use.HeadSize, 0), CombineTemplate.With(use.HeadSize), CopySlotsKernel];

    /// <summary>Without dropout, and with it where the model has some; a run that turns it on all the same compiles those kernels then.</summary>
    private static IEnumerable<int> DropoutChoices(PreparedModel model) => model.Description.Dropout > 0 ? [0, 1] : [0];

    internal static KernelTemplate AttentionKernel(string source, string function, params string[] more) =>
        new(source, $"attention::{function}", ["tensor_cores.cuh", "quads.cuh", "attention_view.cuh", "attention_tiles.cuh", .. more]);
}
