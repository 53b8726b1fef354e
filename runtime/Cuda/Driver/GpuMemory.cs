using System.Globalization;
using ManagedCuda;
using ManagedCuda.BasicTypes;

namespace GptGen.Cuda.Driver;

/// <summary>One allocation in the GPU's memory, aligned to 256 bytes. Its contents are undefined at first.</summary>
internal sealed class GpuMemory : GpuResource
{
    private readonly CUdeviceptr pointer;

    private GpuMemory(GpuContext context, CUdeviceptr pointer, nint bytes) : base(context)
    {
        this.pointer = pointer;
        Bytes = bytes;
    }

    /// <summary>Where it begins.</summary>
    public GpuAddress Address => new(pointer.Pointer);

    /// <summary>Its size.</summary>
    public nint Bytes { get; }

    /// <summary>Allocates memory; of no bytes, one byte is taken, so that every allocation has an address.</summary>
    /// <param name="context">Where.</param>
    /// <param name="bytes">How much.</param>
    /// <param name="purpose">What for, as "activations"; a message names it.</param>
    /// <exception cref="GptGenException">The GPU has not so much free.</exception>
    public static GpuMemory Allocate(GpuContext context, nint bytes, string purpose) =>
        TryAllocate(context, bytes, purpose) ?? throw OutOfMemory(context, bytes, purpose);

    /// <summary>The same, but null when the GPU has not so much free.</summary>
    public static GpuMemory? TryAllocate(GpuContext context, nint bytes, string purpose)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        context.MakeCurrentToCreate();
        CUdeviceptr pointer = default;
        var status = DriverAPINativeMethods.MemoryManagement.cuMemAlloc_v2(ref pointer, Math.Max(bytes, 1));
        if (status == CUResult.ErrorOutOfMemory)
            return null;
        Status.Check(status, "cuMemAlloc", purpose);
        return new(context, pointer, bytes);
    }

    /// <inheritdoc/>
    protected override void Free() => DriverAPINativeMethods.MemoryManagement.cuMemFree_v2(pointer);

    private static GptGenException OutOfMemory(GpuContext context, nint bytes, string purpose)
    {
        var (free, total) = context.Memory(purpose);
        return new(
            $"cuMemAlloc failed in {purpose}: CUDA_ERROR_OUT_OF_MEMORY, {Megabytes(bytes)} MB are needed and {Megabytes(free)} of "
            + $"{Megabytes(total)} MB are free. " +
            "Use a smaller batch or model, or end other programs that use the GPU.");
    }

    private static string Megabytes(long bytes) => (bytes / 1e6).ToString("N1", CultureInfo.InvariantCulture);
}
