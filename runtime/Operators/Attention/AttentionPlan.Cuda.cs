using GptGen.Cuda.Driver;
using GptGen.Cuda.Kernels;

namespace GptGen.Cuda;

/// <summary>
/// Which kernels attend: those for tensor cores where the device may round what it multiplies and has such kernels for the heads, otherwise those
/// for ordinary cores. The one place that chooses.
/// </summary>
/// <param name="headSize">Numbers of a head.</param>
/// <param name="mask">Which positions a query may look at.</param>
/// <param name="drop">1 with dropout, otherwise 0.</param>
/// <param name="tensorBytes">Bytes of the activations if tensor cores may multiply them, otherwise 0.</param>
internal readonly struct AttentionPlan(int headSize, AttentionMask mask, int drop, int tensorBytes)
{
    private static readonly KernelTemplate s_forward = CudaDevice.AttentionKernel("attention.cu", "forward");
    private static readonly KernelTemplate s_queries = CudaDevice.AttentionKernel("attention_backward.cu", "backwardQueries");
    private static readonly KernelTemplate s_keys = CudaDevice.AttentionKernel("attention_backward.cu", "backwardKeysAndValues");
    private static readonly KernelTemplate s_tensorForward = TensorKernel("attention_tensor.cu", "tensorForward");
    private static readonly KernelTemplate s_tensorQueries = TensorKernel("attention_tensor_backward.cu", "tensorQueries");
    private static readonly KernelTemplate s_tensorKeys = TensorKernel("attention_tensor_backward.cu", "tensorKeysAndValues");

    private bool OnTensorCores => tensorBytes > 0 && TensorTiles.Serve(headSize);

    /// <summary>Outputs, a block for each tile of queries.</summary>
    public AttentionLaunch Forward
    {
        get
        {
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
            if (OnTensorCores)
            {
                var tensors = new TensorTiles(headSize, tensorBytes);
                return OfTensors(s_tensorKeys, tensors.BackwardPassing, tensors.BackwardKeys, tensors.BackwardKeys, tensors.BackwardKeysBytes);
            }

            var tiles = new AttentionTiles(headSize);
            return Of(s_keys, tiles.Narrow, tiles.Wide, tiles.Wide, tiles.BackwardKeysBytes);
        }
    }

    private AttentionLaunch OfTensors(KernelTemplate template, int queries, int keys, int positions, int bytes) =>
        Of(template, queries, keys, positions, bytes) with { HeadByHead = true };

    private AttentionLaunch Of(KernelTemplate template, int queries, int keys, int positions, int bytes) =>
        new(template.With(headSize, queries, keys, mask == AttentionMask.Causal ? 1 : 0, drop), positions, bytes, HeadByHead: false);

    private static KernelTemplate TensorKernel(string source, string function) =>
        new(source, $"attention::{function}", "tensor_cores.cuh", "attention_view.cuh", "attention_fragments.cuh");
}

/// <summary>One of attention's kernels and what its launch needs.</summary>
/// <param name="Kernel">The kernel.</param>
/// <param name="Positions">Positions of the tile that stays while others pass: a block's.</param>
/// <param name="SharedBytes">A block's dynamic shared memory.</param>
/// <param name="HeadByHead">Whether blocks are numbered in one row, the tiles of a head after one another, or by head and tile.</param>
internal readonly record struct AttentionLaunch(KernelKey Kernel, int Positions, int SharedBytes, bool HeadByHead)
{
    /// <summary>A block for each of some heads, counted over all sequences, and each tile of <paramref name="length"/> positions.</summary>
    public GridSize Grid(long heads, int length)
    {
        var tiles = GridSize.Covering(length, Positions).X;
        return HeadByHead ? new(checked((uint)(heads * tiles))) : new(checked((uint)heads), tiles);
    }
}
