using ManagedCuda.BasicTypes;

namespace GptGen.Cuda.Driver;

/// <summary>An address in the GPU's memory; 0 is "none".</summary>
internal readonly record struct GpuAddress(ulong Value)
{
    internal CUdeviceptr Pointer => new((SizeT)Value);

    /// <summary>The address <paramref name="bytes"/> further on.</summary>
    public static GpuAddress operator +(GpuAddress address, nint bytes) => new(address.Value + (ulong)bytes);
}
