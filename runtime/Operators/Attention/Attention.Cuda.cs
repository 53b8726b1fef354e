using GptGen.Cuda;
using GptGen.Cuda.Driver;
using GptGen.Cuda.Kernels;

namespace GptGen;

public sealed partial class CudaDevice
{
    private static readonly KernelTemplate AttentionTemplate = AttentionKernel("attention.cu", "forward");
    private static readonly KernelTemplate AttentionQueriesTemplate = AttentionKernel("attention_backward.cu", "backwardQueries");
    private static readonly KernelTemplate AttentionKeysTemplate = AttentionKernel("attention_backward.cu", "backwardKeysAndValues");
    internal static readonly KernelTemplate StoreKeysTemplate = AttentionKernel("attention_cache.cu", "storeKeysAndValues");
    internal static readonly KernelTemplate DecodeTemplate = AttentionKernel("attention_cache.cu", "decode");
    internal static readonly KernelTemplate CombineTemplate = AttentionKernel("attention_cache.cu", "combine");

    /// <inheritdoc/>
    protected override void Attention(Location qkv, Location lengths, DropoutSite dropout, Location y, Location logSumExp, in AttentionShape shape)
    {
        var tiles = new AttentionTiles(shape.HeadSize);
        var mask = new DropoutArguments(dropout);
        LaunchShared(
            ForwardKernel(tiles, shape.Mask, mask.Active), AttentionGrid(shape, tiles.Wide), AttentionTiles.Threads, tiles.ForwardBytes,
            [Address(qkv), Address(lengths), Address(y), Address(logSumExp), shape.Length, shape.Heads, AttentionTiles.Scale(shape),
            mask.Key, mask.Place, mask.Threshold, mask.Scale]);
    }

    /// <inheritdoc/>
    protected override void AttentionBackward(
        Location dy, Location qkv, Location y, Location logSumExp, Location lengths, DropoutSite dropout, Location dQkv, in AttentionShape shape)
    {
        var tiles = new AttentionTiles(shape.HeadSize);
        var mask = new DropoutArguments(dropout);
        var grid = AttentionGrid(shape, tiles.Wide);
        lock (gate)
        {
            var deltas = scratch.Take((nint)shape.Sequences * shape.Heads * shape.Length * sizeof(float), nameof(AttentionBackward));
            LaunchShared(
                QueriesKernel(tiles, shape.Mask, mask.Active), grid, AttentionTiles.Threads, tiles.BackwardQueriesBytes,
                [Address(dy), Address(qkv), Address(y), Address(logSumExp), Address(lengths), deltas, Address(dQkv), shape.Length, shape.Heads,
                AttentionTiles.Scale(shape), mask.Key, mask.Place, mask.Threshold, mask.Scale]);
            LaunchShared(
                KeysKernel(tiles, shape.Mask, mask.Active), grid, AttentionTiles.Threads, tiles.BackwardKeysBytes,
                [Address(dy), Address(qkv), Address(logSumExp), Address(lengths), deltas, Address(dQkv), shape.Length, shape.Heads,
                AttentionTiles.Scale(shape), mask.Key, mask.Place, mask.Threshold, mask.Scale]);
        }
    }

    /// <inheritdoc/>
    protected override void StoreKeysAndValues(
        Location qkv, Location lengths, Location slots, Location keys, Location values, int capacity, in AttentionShape shape) =>
        Launch(
            StoreKeysTemplate.With(shape.HeadSize), new GridSize((uint)shape.Length, (uint)shape.Sequences), AttentionTiles.Threads,
            [Address(qkv), Address(lengths), Address(slots), Address(keys), Address(values), capacity, shape.Length, shape.Heads]);

    /// <inheritdoc/>
    protected override void AttentionDecode(
        Location qkv, Location positions, Location slots, Location keys, Location values, int capacity, Location y, in AttentionShape shape)
    {
        // The positions are known on the GPU only: there are blocks for the whole cache, and those beyond a sequence's end return at once.
        var parts = (capacity + AttentionTiles.DecodeKeys - 1) / AttentionTiles.DecodeKeys;
        var (heads, sequences) = ((uint)shape.Heads, (uint)shape.Sequences);
        lock (gate)
        {
            var partials = parts == 1
                ? default
                : scratch.Take((nint)shape.Sequences * shape.Heads * parts * AttentionTiles.PartialFloats(shape.HeadSize) * sizeof(float), nameof(AttentionDecode));
            Launch(
                DecodeTemplate.With(shape.HeadSize), new GridSize(heads, sequences, (uint)parts), AttentionTiles.Threads,
                [Address(qkv), Address(positions), Address(slots), Address(keys), Address(values), capacity, Address(y), partials, shape.Heads,
                AttentionTiles.Scale(shape)]);
            if (parts > 1)
            {
                Launch(
                    CombineTemplate.With(shape.HeadSize), new GridSize(heads, sequences), AttentionTiles.CombineThreads,
                    [Address(positions), partials, Address(y), shape.Heads, parts]);
            }
        }
    }

    private static IEnumerable<KernelKey> AttentionKernels(OperatorUse use, ModelDescription model) =>
        DropoutChoices(model).Select(drop => ForwardKernel(new(use.HeadSize), use.Mask, drop));

    private static IEnumerable<KernelKey> AttentionBackwardKernels(OperatorUse use, ModelDescription model)
    {
        var tiles = new AttentionTiles(use.HeadSize);
        return DropoutChoices(model).SelectMany(drop => (KernelKey[])[QueriesKernel(tiles, use.Mask, drop), KeysKernel(tiles, use.Mask, drop)]);
    }

    private static IEnumerable<KernelKey> AttentionPrefillKernels(OperatorUse use, ModelDescription model) =>
        [StoreKeysTemplate.With(use.HeadSize), ForwardKernel(new(use.HeadSize), use.Mask, 0)];

    private static IEnumerable<KernelKey> AttentionDecodeKernels(OperatorUse use, ModelDescription model) =>
        [DecodeTemplate.With(use.HeadSize), CombineTemplate.With(use.HeadSize)];

    /// <summary>Without dropout, and with it where the model has some; a run that turns it on all the same compiles those kernels then.</summary>
    private static IEnumerable<int> DropoutChoices(ModelDescription model) => model.Dropout > 0 ? [0, 1] : [0];

    private static KernelTemplate AttentionKernel(string source, string function) =>
        new(source, $"attention::{function}", "tensor_cores.cuh", "quads.cuh", "attention_tiles.cuh");

    /// <summary>A block for each head of each sequence and each tile of positions.</summary>
    private static GridSize AttentionGrid(in AttentionShape shape, int positions) =>
        new(checked((uint)(shape.Sequences * shape.Heads)), GridSize.Covering(shape.Length, positions).X);

    internal static KernelKey ForwardKernel(in AttentionTiles tiles, AttentionMask mask, int drop) => AttentionKey(AttentionTemplate, tiles, tiles.Wide, tiles.Wide, mask, drop);

    internal static KernelKey QueriesKernel(in AttentionTiles tiles, AttentionMask mask, int drop) =>
        AttentionKey(AttentionQueriesTemplate, tiles, tiles.Wide, tiles.Narrow, mask, drop);

    internal static KernelKey KeysKernel(in AttentionTiles tiles, AttentionMask mask, int drop) => AttentionKey(AttentionKeysTemplate, tiles, tiles.Narrow, tiles.Wide, mask, drop);

    private static KernelKey AttentionKey(KernelTemplate template, in AttentionTiles tiles, int queries, int keys, AttentionMask mask, int drop) =>
        template.With(tiles.HeadSize, queries, keys, mask == AttentionMask.Causal ? 1 : 0, drop);
}
