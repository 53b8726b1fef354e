using System.Runtime.InteropServices;
using GptGen.Cpu;
using GptGen.Sampling;

namespace GptGen;

public sealed unsafe partial class CpuDevice
{
    /// <inheritdoc/>
    protected override void Sample(Location logits, Location draws, Location seen, Location tokens, in SamplingShape shape)
    {
        using ScratchPool.Lease lease = scratches.Rent();
        int lanes = Math.Min(shape.Draws, pool.ThreadCount);
        Run(
            new SamplingKernel(Floats(logits), Integers(draws), Integers(seen), Integers(tokens), shape, lease.Scratch.TokenChoosers(lanes), lanes),
            lanes, 1);
    }

    /// <summary>Each lane draws every so-many-th token with memory of its own.</summary>
    private readonly struct SamplingKernel(
        float* logits, int* draws, int* seen, int* tokens, SamplingShape shape, List<TokenChooser> choosers, int lanes) : IRangeKernel
    {
        /// <inheritdoc/>
        public void Run<TSimd, TVector>(nint first, nint last, int worker)
            where TSimd : struct, ISimd<TVector>
            where TVector : unmanaged
        {
            var all = MemoryMarshal.Cast<int, TokenDraw>(new ReadOnlySpan<int>(draws, shape.Draws * TokenDraw.Words));
            for (var lane = (int)first; lane < last; lane++)
            {
                for (var index = lane; index < shape.Draws; index += lanes)
                {
                    var draw = all[index];
                    tokens[index] = choosers[lane].Choose(
                        new(logits + ((nint)draw.Row * shape.Stride), shape.Limit), draw,
                        new(seen + ((nint)draw.Slot * shape.SlotWords), shape.SlotWords));
                }
            }
        }
    }
}
