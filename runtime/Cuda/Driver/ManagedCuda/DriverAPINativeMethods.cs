using System.Runtime.InteropServices;
using GptGen.Cuda.Libraries;
using ManagedCuda.BasicTypes;

namespace ManagedCuda;

/// <summary>
/// Calls of the CUDA driver (CUDA driver API reference), under ManagedCuda's names and groups. Every argument is blittable: nothing is
/// marshalled by reflection and a call allocates nothing. The library is found by <see cref="CudaLibraries"/>.
/// </summary>
internal static partial class DriverAPINativeMethods
{
    private const string Library = CudaLibraries.DriverImport;

    [LibraryImport(Library)]
    public static partial CUResult cuInit(CUInitializationFlags flags);

    [LibraryImport(Library)]
    public static partial CUResult cuDriverGetVersion(ref int driverVersion);

    internal static partial class ErrorHandling
    {
        [LibraryImport(Library)]
        public static partial CUResult cuGetErrorName(CUResult error, ref IntPtr name);

        [LibraryImport(Library)]
        public static partial CUResult cuGetErrorString(CUResult error, ref IntPtr text);
    }

    internal static partial class DeviceManagement
    {
        [LibraryImport(Library)]
        public static partial CUResult cuDeviceGetCount(ref int count);

        [LibraryImport(Library)]
        public static partial CUResult cuDeviceGet(ref CUdevice device, int ordinal);

        [LibraryImport(Library)]
        public static partial CUResult cuDeviceGetName(byte[] name, int length, CUdevice device);

        [LibraryImport(Library)]
        public static partial CUResult cuDeviceGetPCIBusId(byte[] pciBusId, int len, CUdevice dev);

        [LibraryImport(Library)]
        public static partial CUResult cuDeviceTotalMem_v2(ref SizeT bytes, CUdevice device);

        [LibraryImport(Library)]
        public static partial CUResult cuDeviceGetAttribute(ref int value, CUDeviceAttribute attribute, CUdevice device);
    }

    internal static partial class ContextManagement
    {
        [LibraryImport(Library)]
        public static partial CUResult cuDevicePrimaryCtxRetain(ref CUcontext context, CUdevice device);

        [LibraryImport(Library, EntryPoint = "cuDevicePrimaryCtxRelease_v2")]
        public static partial CUResult cuDevicePrimaryCtxRelease(CUdevice device);

        [LibraryImport(Library)]
        public static partial CUResult cuCtxSetCurrent(CUcontext context);

        [LibraryImport(Library)]
        public static partial CUResult cuCtxSynchronize();
    }

    internal static partial class ModuleManagement
    {
        [LibraryImport(Library)]
        public static partial CUResult cuModuleLoadData(ref CUmodule module, byte[] image);

        [LibraryImport(Library)]
        public static partial CUResult cuModuleUnload(CUmodule module);

        [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
        public static partial CUResult cuModuleGetFunction(ref CUfunction function, CUmodule module, string name);
    }

    internal static partial class FunctionManagement
    {
        [LibraryImport(Library)]
        public static partial CUResult cuFuncSetAttribute(CUfunction function, CUFunctionAttribute attribute, int value);
    }

    internal static partial class Launch
    {
        [LibraryImport(Library)]
        public static partial CUResult cuLaunchKernel(
            CUfunction function, uint gridX, uint gridY, uint gridZ, uint blockX, uint blockY, uint blockZ, uint sharedBytes, CUstream stream,
            IntPtr[] kernelParams, IntPtr[]? extra);
    }

    internal static partial class MemoryManagement
    {
        [LibraryImport(Library)]
        public static partial CUResult cuMemGetInfo_v2(ref SizeT free, ref SizeT total);

        [LibraryImport(Library)]
        public static partial CUResult cuMemAlloc_v2(ref CUdeviceptr pointer, SizeT bytes);

        [LibraryImport(Library)]
        public static partial CUResult cuMemFree_v2(CUdeviceptr pointer);

        [LibraryImport(Library)]
        public static partial CUResult cuMemHostAlloc(ref IntPtr pointer, SizeT bytes, CUMemHostAllocFlags flags);

        [LibraryImport(Library)]
        public static partial CUResult cuMemFreeHost(IntPtr pointer);
    }

    internal static partial class AsynchronousMemcpy_v2
    {
        [LibraryImport(Library)]
        public static partial CUResult cuMemcpyHtoDAsync_v2(CUdeviceptr destination, IntPtr source, SizeT bytes, CUstream stream);

        [LibraryImport(Library)]
        public static partial CUResult cuMemcpyDtoHAsync_v2(IntPtr destination, CUdeviceptr source, SizeT bytes, CUstream stream);

        [LibraryImport(Library)]
        public static partial CUResult cuMemcpyDtoDAsync_v2(CUdeviceptr destination, CUdeviceptr source, SizeT bytes, CUstream stream);
    }

    internal static partial class MemsetAsync
    {
        [LibraryImport(Library)]
        public static partial CUResult cuMemsetD8Async(CUdeviceptr destination, byte value, SizeT count, CUstream stream);

        [LibraryImport(Library)]
        public static partial CUResult cuMemsetD32Async(CUdeviceptr destination, uint value, SizeT count, CUstream stream);
    }

    internal static partial class Streams
    {
        [LibraryImport(Library)]
        public static partial CUResult cuStreamCreate(ref CUstream stream, CUStreamFlags flags);

        [LibraryImport(Library)]
        public static partial CUResult cuStreamDestroy_v2(CUstream stream);

        [LibraryImport(Library)]
        public static partial CUResult cuStreamSynchronize(CUstream stream);

        [LibraryImport(Library)]
        public static partial CUResult cuStreamWaitEvent(CUstream stream, CUevent awaited, uint flags);

        [LibraryImport(Library, EntryPoint = "cuStreamBeginCapture_v2")]
        public static partial CUResult cuStreamBeginCapture(CUstream stream, CUstreamCaptureMode mode);

        [LibraryImport(Library)]
        public static partial CUResult cuStreamEndCapture(CUstream stream, ref CUgraph graph);
    }

    internal static partial class Events
    {
        [LibraryImport(Library)]
        public static partial CUResult cuEventCreate(ref CUevent created, CUEventFlags flags);

        [LibraryImport(Library)]
        public static partial CUResult cuEventDestroy_v2(CUevent destroyed);

        [LibraryImport(Library)]
        public static partial CUResult cuEventRecord(CUevent recorded, CUstream stream);

        [LibraryImport(Library)]
        public static partial CUResult cuEventSynchronize(CUevent awaited);

        [LibraryImport(Library)]
        public static partial CUResult cuEventElapsedTime(ref float milliseconds, CUevent start, CUevent end);
    }

    // The group's name is spelled as ManagedCuda spells it.
    internal static partial class GraphManagment
    {
        [LibraryImport(Library, EntryPoint = "cuGraphInstantiateWithFlags")]
        public static partial CUResult cuGraphInstantiate(ref CUgraphExec executable, CUgraph graph, CUgraphInstantiate_flags flags);

        [LibraryImport(Library, EntryPoint = "cuGraphExecUpdate_v2")]
        public static partial CUResult cuGraphExecUpdate(CUgraphExec executable, CUgraph graph, ref CUgraphExecUpdateResultInfo result);

        [LibraryImport(Library)]
        public static partial CUResult cuGraphLaunch(CUgraphExec executable, CUstream stream);

        [LibraryImport(Library)]
        public static partial CUResult cuGraphExecDestroy(CUgraphExec executable);

        [LibraryImport(Library)]
        public static partial CUResult cuGraphDestroy(CUgraph graph);
    }
}
