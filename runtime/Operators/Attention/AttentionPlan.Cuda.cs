using GptGen.Cuda.Driver;
using GptGen.Cuda.Kernels;

namespace GptGen.Cuda;

/// <summary>
/// Which kernels attend: those for warpgroups or tensor cores where the device may round what it multiplies and has such kernels for the heads,
/// otherwise those for ordinary cores. The one place that chooses.
/// </summary>
/// <param name="headSize">Numbers of a head.</param>
/// <param name="mask">Which positions a query may look at.</param>
/// <param name="drop">1 with dropout, otherwise 0.</param>
/// <param name="tensorBytes">Bytes of the activations if tensor cores may multiply them, otherwise 0.</param>
/// <param name="hasWarpgroups">Whether the GPU has warpgroups.</param>
internal readonly struct AttentionPlan(int headSize, AttentionMask mask, int drop, int tensorBytes, bool hasWarpgroups)
{
    private static readonly KernelTemplate s_forward = CudaDevice.AttentionKernel("attention.cu", "forward");
    private static readonly KernelTemplate s_queries = CudaDevice.AttentionKernel("attention_backward.cu", "backwardQueries");
    private static readonly KernelTemplate s_keys = CudaDevice.AttentionKernel("attention_backward.cu", "backwardKeysAndValues");
    private static readonly KernelTemplate s_tensorForward = TensorKernel("attention_tensor.cu", "tensorForward");
    private static readonly KernelTemplate s_tensorQueries = TensorKernel("attention_tensor_backward.cu", "tensorQueries");
    private static readonly KernelTemplate s_tensorKeys = TensorKernel("attention_tensor_backward.cu", "tensorKeysAndValues");
    private static readonly KernelTemplate s_groupForward = GroupKernel("attention_group.cu", "groupForward");
    private static readonly KernelTemplate s_groupQueries = GroupKernel("attention_group_backward.cu", "groupQueries");
    private static readonly KernelTemplate s_groupKeys = GroupKernel("attention_group_backward.cu", "groupKeysAndValues");

    private bool OnWarpgroups => hasWarpgroups && tensorBytes == 2 && headSize == GroupTiles.HeadSize;

    private bool OnTensorCores => tensorBytes > 0 && TensorTiles.Serve(headSize);

    /// <summary>Outputs, a block for each tile of queries.</summary>
    public AttentionLaunch Forward
    {
        get
        {
            if (OnWarpgroups)
                return OfWarpgroups(s_groupForward, GroupTiles.Forward, GroupTiles.Forward.Bytes(1));
            if (OnTensorCores)
            {
                var tensors = new TensorTiles(headSize, tensorBytes);
                return OfTensors(s_tensorForward, tensors.ForwardQueries, tensors.ForwardKeys, tensors.ForwardQueries, tensors.ForwardBytes);
            }

            var tiles = new AttentionTiles(headSize);
            return Of(s_forward, tiles.Wide, tiles.Wide, tiles.Wide, tiles.ForwardBytes);
        }
    }

    /// <summary>The queries' gradients, a block for each tile of queries.</summary>
    public AttentionLaunch BackwardQueries
    {
        get
        {
            if (OnWarpgroups)
                return OfWarpgroups(s_groupQueries, GroupTiles.Queries, GroupTiles.Queries.Bytes(2));
            if (OnTensorCores)
            {
                var tensors = new TensorTiles(headSize, tensorBytes);
                return OfTensors(
                    s_tensorQueries, tensors.BackwardQueries, tensors.BackwardPassing, tensors.BackwardQueries, tensors.BackwardQueriesBytes);
            }

            var tiles = new AttentionTiles(headSize);
            return Of(s_queries, tiles.Wide, tiles.Narrow, tiles.Wide, tiles.BackwardQueriesBytes);
        }
    }

    /// <summary>The gradients of keys and values, a block for each tile of keys.</summary>
    public AttentionLaunch BackwardKeys
    {
        get
        {
            if (OnWarpgroups)
                return OfWarpgroups(s_groupKeys, GroupTiles.Keys, GroupTiles.Keys.Bytes(2, statistics: 2));
            if (OnTensorCores)
            {
                var tensors = new TensorTiles(headSize, tensorBytes);
                return OfTensors(s_tensorKeys, tensors.BackwardPassing, tensors.BackwardKeys, tensors.BackwardKeys, tensors.BackwardKeysBytes);
            }

            var tiles = new AttentionTiles(headSize);
            return Of(s_keys, tiles.Narrow, tiles.Wide, tiles.Wide, tiles.BackwardKeysBytes);
        }
    }

    private AttentionLaunch OfWarpgroups(KernelTemplate template, GroupTiles tiles, int bytes) => new(
        template.With(tiles.Groups, tiles.Passing, mask == AttentionMask.Causal ? 1 : 0, drop, tiles.Resident), tiles.Threads, tiles.Staying,
        bytes, HeadByHead: true);

    private AttentionLaunch OfTensors(KernelTemplate template, int queries, int keys, int positions, int bytes) =>
        Of(template, queries, keys, positions, bytes) with { HeadByHead = true };

    private AttentionLaunch Of(KernelTemplate template, int queries, int keys, int positions, int bytes) =>
        new(
            template.With(headSize, queries, keys, mask == AttentionMask.Causal ? 1 : 0, drop), AttentionTiles.Threads, positions, bytes,
            HeadByHead: false);

    private static KernelTemplate TensorKernel(string source, string function) =>
        new(source, $"attention::{function}", "tensor_cores.cuh", "attention_view.cuh", "attention_fragments.cuh");

    private static KernelTemplate GroupKernel(string source, string function) => new(
        source, $"attention::{function}", "tensor_cores.cuh", "warpgroups.cuh", "attention_view.cuh", "attention_fragments.cuh",
        "attention_group.cuh");
}

/// <summary>One of attention's kernels and what its launch needs.</summary>
/// <param name="Kernel">The kernel.</param>
/// <param name="Threads">Threads of a block.</param>
/// <param name="Positions">Positions of the tile that stays while others pass: a block's.</param>
/// <param name="SharedBytes">A block's dynamic shared memory.</param>
/// <param name="HeadByHead">Whether blocks are numbered in one row, the tiles of a head after one another, or by head and tile.</param>
internal readonly record struct AttentionLaunch(KernelKey Kernel, int Threads, int Positions, int SharedBytes, bool HeadByHead)
{
    /// <summary>A block for each of some heads, counted over all sequences, and each tile of <paramref name="length"/> positions.</summary>
    public GridSize Grid(long heads, int length)
    {
        var tiles = GridSize.Covering(length, Positions).X;
        return HeadByHead ? new(checked((uint)(heads * tiles))) : new(checked((uint)heads), tiles);
    }
}

/// <summary>What multiplies in attention.</summary>
internal enum AttentionCores
{
    /// <summary>Warpgroups where the GPU has them, otherwise tensor cores.</summary>
    Warpgroup,

    /// <summary>Tensor cores, warp by warp.</summary>
    Tensor,

    /// <summary>Ordinary cores.</summary>
    Ordinary,
}
