using System.Text;
using ManagedCuda;
using ManagedCuda.BasicTypes;

namespace GptGen.Cuda.Driver;

/// <summary>What is fixed about a GPU.</summary>
/// <param name="Ordinal">Its number, from 0.</param>
/// <param name="Name">What NVIDIA calls it.</param>
/// <param name="ComputeCapability">Its generation, 10 x major + minor: 90 is Hopper.</param>
/// <param name="MemoryBytes">All of its memory.</param>
/// <param name="MultiprocessorCount">Its streaming multiprocessors.</param>
/// <param name="SharedMemoryBytes">The most shared memory that one block can have.</param>
/// <param name="L2CacheBytes">Its second-level cache.</param>
internal sealed record GpuProperties(
    int Ordinal, string Name, int ComputeCapability, long MemoryBytes, int MultiprocessorCount, int SharedMemoryBytes, int L2CacheBytes)
{
    /// <summary>The oldest generation that the kernels are written for: asynchronous copies and bf16 tensor cores.</summary>
    public const int OldestComputeCapability = 80;

    private const string Operation = "the look at a GPU";

    /// <summary>Whether its tensor cores multiply for warpgroups (<c>wgmma</c>), which Hopper alone does.</summary>
    public bool HasWarpgroups => ComputeCapability == 90;

    /// <summary>How many GPUs the driver shows.</summary>
    public static int Count()
    {
        var count = 0;
        Status.Check(DriverAPINativeMethods.DeviceManagement.cuDeviceGetCount(ref count), "cuDeviceGetCount", Operation);
        return count;
    }

    /// <summary>Asks the driver.</summary>
    /// <exception cref="GptGenException">There is no such GPU.</exception>
    public static GpuProperties Read(int ordinal)
    {
        var count = Count();
        if (ordinal < 0 || ordinal >= count)
            throw new GptGenException($"There is no GPU {ordinal}: this machine shows {count}. Choose one from 0, or check CUDA_VISIBLE_DEVICES.");
        var device = Device(ordinal);
        var name = new byte[256];
        Status.Check(DriverAPINativeMethods.DeviceManagement.cuDeviceGetName(name, name.Length, device), "cuDeviceGetName", Operation);
        SizeT bytes = 0;
        Status.Check(DriverAPINativeMethods.DeviceManagement.cuDeviceTotalMem_v2(ref bytes, device), "cuDeviceTotalMem", Operation);
        return new(
            ordinal,
            Encoding.UTF8.GetString(name.AsSpan(0, Math.Max(0, name.AsSpan().IndexOf((byte)0)))),
            (Attribute(device, CUDeviceAttribute.ComputeCapabilityMajor) * 10) + Attribute(device, CUDeviceAttribute.ComputeCapabilityMinor),
            bytes,
            Attribute(device, CUDeviceAttribute.MultiProcessorCount),
            Attribute(device, CUDeviceAttribute.MaxSharedMemoryPerBlockOptin),
            Attribute(device, CUDeviceAttribute.L2CacheSize));
    }

    /// <summary>Where the GPU sits in its machine, as "0000:3B:00.0", whatever number it has among those that are shown.</summary>
    public static string BusAddress(int ordinal)
    {
        var text = new byte[64];
        Status.Check(
            DriverAPINativeMethods.DeviceManagement.cuDeviceGetPCIBusId(text, text.Length, Device(ordinal)), "cuDeviceGetPCIBusId", Operation);
        return Encoding.ASCII.GetString(text).TrimEnd('\0');
    }

    /// <summary>Throws when the GPU is too old for the kernels.</summary>
    public void RequireSupported()
    {
        if (ComputeCapability < OldestComputeCapability)
        {
            throw new GptGenException(
                $"GPU {Ordinal} ({Name}) has compute capability {ComputeCapability / 10}.{ComputeCapability % 10}, and the kernels need 8.0 (A100, "
                + "RTX 30) or newer. " +
                Libraries.LibraryAdvice.CpuWorks);
        }
    }

    internal static CUdevice Device(int ordinal)
    {
        var device = default(CUdevice);
        Status.Check(DriverAPINativeMethods.DeviceManagement.cuDeviceGet(ref device, ordinal), "cuDeviceGet", Operation);
        return device;
    }

    private static int Attribute(CUdevice device, CUDeviceAttribute attribute)
    {
        var value = 0;
        Status.Check(DriverAPINativeMethods.DeviceManagement.cuDeviceGetAttribute(ref value, attribute, device), "cuDeviceGetAttribute", Operation);
        return value;
    }
}
