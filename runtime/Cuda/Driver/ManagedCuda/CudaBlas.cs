using System.Runtime.InteropServices;
using GptGen.Cuda.Libraries;
using ManagedCuda.BasicTypes;

namespace ManagedCuda.CudaBlas;

// cuBLAS (cuBLAS library reference), under ManagedCuda's names.

internal struct CudaBlasHandle
{
    public IntPtr Pointer;
}

/// <summary>What a call of cuBLAS returns.</summary>
internal enum CublasStatus
{
    Success = 0,
    NotInitialized = 1,
    AllocFailed = 3,
    InvalidValue = 7,
    ArchMismatch = 8,
    MappingError = 11,
    ExecutionFailed = 13,
    InternalError = 14,
    NotSupported = 15,
    LicenseError = 16,
}

internal enum Operation
{
    NonTranspose = 0,
    Transpose = 1,
}

/// <summary>In what the products are summed.</summary>
internal enum ComputeType
{
    Compute32F = 68,
    Compute32FFastTF32 = 77,
}

internal enum GemmAlgo
{
    Default = -1,
}

internal static partial class CudaBlasNativeMethods
{
    private const string Library = CudaLibraries.BlasImport;

    [LibraryImport(Library)]
    public static partial CublasStatus cublasCreate_v2(ref CudaBlasHandle handle);

    [LibraryImport(Library)]
    public static partial CublasStatus cublasDestroy_v2(CudaBlasHandle handle);

    [LibraryImport(Library)]
    public static partial CublasStatus cublasGetVersion_v2(CudaBlasHandle handle, ref int version);

    [LibraryImport(Library)]
    public static partial CublasStatus cublasSetStream_v2(CudaBlasHandle handle, CUstream stream);

    [LibraryImport(Library)]
    public static partial CublasStatus cublasSetWorkspace_v2(CudaBlasHandle handle, CUdeviceptr workspace, SizeT bytes);

    [LibraryImport(Library)]
    public static partial CublasStatus cublasGemmEx(
        CudaBlasHandle handle, Operation transA, Operation transB, int m, int n, int k, IntPtr alpha, CUdeviceptr a, cudaDataType typeA, int lda,
        CUdeviceptr b, cudaDataType typeB, int ldb, IntPtr beta, CUdeviceptr c, cudaDataType typeC, int ldc, ComputeType compute, GemmAlgo algorithm);

    // ManagedCuda declares the type of the computation as cudaDataType here; C takes cublasComputeType_t, an integer of the same size.
    [LibraryImport(Library)]
    public static partial CublasStatus cublasGemmStridedBatchedEx(
        CudaBlasHandle handle, Operation transA, Operation transB, int m, int n, int k, IntPtr alpha, CUdeviceptr a, cudaDataType typeA, int lda,
        long strideA,
        CUdeviceptr b, cudaDataType typeB, int ldb, long strideB, IntPtr beta, CUdeviceptr c, cudaDataType typeC, int ldc, long strideC,
        int batchCount, cudaDataType compute, GemmAlgo algorithm);
}
