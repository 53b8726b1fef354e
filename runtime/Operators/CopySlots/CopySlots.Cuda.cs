using GptGen.Cuda.Driver;
using GptGen.Cuda.Kernels;

namespace GptGen;

public sealed partial class CudaDevice
{
    /// <summary>Whatever decodes may copy: it is compiled with decoding's own kernels.</summary>
    internal static readonly KernelKey CopySlotsKernel = new KernelTemplate("copyslots.cu", "copySlots").With();

    /// <inheritdoc/>
    protected override void CopySlots(in SlotCache cache, Location from, Location to, Location positions, int copies) => Launch(
        CopySlotsKernel, new GridSize((uint)(cache.Blocks * cache.Heads), (uint)copies), BlockThreads,
        [Address(cache.Start), Address(from), Address(to), Address(positions), cache.Slots, cache.Heads, cache.Capacity, cache.HeadSize]);
}
