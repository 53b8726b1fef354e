using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GptGen.Cuda.Libraries;
using ManagedCuda.BasicTypes;

namespace GptGen.Cuda.Driver.Nccl;

// NCCL (NVIDIA Collective Communication Library, "API" of its user guide), of version 2.18 and newer. Constants are those of nccl.h as far as they
// are used.

/// <summary>What the processes of a communicator know alike before they find each other (<c>ncclUniqueId</c>).</summary>
[InlineArray(Bytes)]
internal struct NcclId
{
    public const int Bytes = 128;

    private byte first;
}

/// <summary>How a call went, of type <c>ncclResult_t</c>.</summary>
internal enum NcclResult
{
    Success = 0,
    CudaError = 1,
    SystemError = 2,
    InternalError = 3,
    InvalidArgument = 4,
    InvalidUsage = 5,
    RemoteError = 6,
    InProgress = 7,
}

/// <summary>Of type <c>ncclDataType_t</c>.</summary>
internal enum NcclType
{
    Float32 = 7,
    BFloat16 = 9,
}

/// <summary>Of type <c>ncclRedOp_t</c>.</summary>
internal enum NcclOperation
{
    Sum = 0,
}

internal static unsafe partial class NcclNativeMethods
{
    private const string Library = CudaLibraries.NcclImport;

    [LibraryImport(Library)]
    public static partial NcclResult ncclGetVersion(int* version);

    [LibraryImport(Library)]
    public static partial NcclResult ncclGetUniqueId(NcclId* id);

    [LibraryImport(Library)]
    public static partial NcclResult ncclCommInitRank(IntPtr* communicator, int size, NcclId id, int rank);

    [LibraryImport(Library)]
    public static partial NcclResult ncclReduceScatter(
        ulong send, ulong receive, nuint receiveCount, NcclType type, NcclOperation operation, IntPtr communicator, CUstream stream);

    [LibraryImport(Library)]
    public static partial NcclResult ncclAllGather(
        ulong send, ulong receive, nuint sendCount, NcclType type, IntPtr communicator, CUstream stream);

    [LibraryImport(Library)]
    public static partial NcclResult ncclAllReduce(
        ulong send, ulong receive, nuint count, NcclType type, NcclOperation operation, IntPtr communicator, CUstream stream);

    [LibraryImport(Library)]
    public static partial NcclResult ncclBroadcast(
        ulong send, ulong receive, nuint count, NcclType type, int root, IntPtr communicator, CUstream stream);

    [LibraryImport(Library)]
    public static partial NcclResult ncclGroupStart();

    [LibraryImport(Library)]
    public static partial NcclResult ncclGroupEnd();

    [LibraryImport(Library)]
    public static partial NcclResult ncclCommDestroy(IntPtr communicator);

    [LibraryImport(Library)]
    public static partial NcclResult ncclCommAbort(IntPtr communicator);

    [LibraryImport(Library)]
    public static partial NcclResult ncclCommGetAsyncError(IntPtr communicator, NcclResult* result);

    [LibraryImport(Library)]
    public static partial IntPtr ncclGetErrorString(NcclResult result);

    [LibraryImport(Library)]
    public static partial IntPtr ncclGetLastError(IntPtr communicator);
}
