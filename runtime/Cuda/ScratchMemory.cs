using GptGen.Cuda.Driver;

namespace GptGen.Cuda;

/// <summary>
/// Memory of the GPU for what one operator needs between its kernels. It grows to the largest need and stays, so that a step allocates nothing. The
/// operators of a stream run one after the other, so they share it.
/// </summary>
internal sealed class ScratchMemory(GpuStream stream) : IDisposable
{
    private const nint Alignment = 256;

    private GpuMemory? memory;

    /// <summary>How often it has been moved: addresses of before no longer hold.</summary>
    public int Moves { get; private set; }

    /// <summary>At least <paramref name="bytes"/>, with undefined contents, until the next call.</summary>
    /// <exception cref="GptGenException">The GPU's memory is full.</exception>
    public GpuAddress Take(nint bytes, string operation)
    {
        if (memory is null || memory.Bytes < bytes)
        {
            // Freed first: both may not fit. The driver waits for the kernels that use it.
            stream.Synchronize(operation);
            memory?.Dispose();
            memory = null;
            Moves++;
            memory = GpuMemory.Allocate(stream.Context, bytes, $"the scratch memory of {operation}");
        }

        return memory.Address;
    }

    /// <summary>Bytes rounded up so that what follows is aligned.</summary>
    public static nint Aligned(nint bytes) => (bytes + Alignment - 1) / Alignment * Alignment;

    /// <summary>Frees it.</summary>
    public void Dispose() => memory?.Dispose();
}
