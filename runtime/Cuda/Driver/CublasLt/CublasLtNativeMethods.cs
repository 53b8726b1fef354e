using System.Runtime.InteropServices;
using GptGen.Cuda.Libraries;
using ManagedCuda.BasicTypes;
using ManagedCuda.CudaBlas;

namespace GptGen.Cuda.Driver.CublasLt;

// cuBLASLt (cuBLAS library reference, "Using the cuBLASLt API"), which ManagedCuda does not have. Handles and addresses are bare numbers; constants
// are those of cublasLt.h as far as they are used.

/// <summary>What is set of a product's description, of type <c>cublasLtMatmulDescAttributes_t</c>.</summary>
internal enum DescriptionAttribute
{
    TransposeA = 3,
    TransposeB = 4,
    Epilogue = 7,
    BiasPointer = 8,
    EpilogueAuxPointer = 11,
    EpilogueAuxLeading = 12,
}

/// <summary>What is asked of an algorithm, of type <c>cublasLtMatmulPreferenceAttributes_t</c>.</summary>
internal enum PreferenceAttribute
{
    MaxWorkspaceBytes = 1,
    MinAlignmentA = 5,
    MinAlignmentB = 6,
    MinAlignmentC = 7,
    MinAlignmentD = 8,
}

/// <summary>How a product is computed: bytes that only the version of cuBLASLt that gave them understands (<c>cublasLtMatmulAlgo_t</c>).</summary>
[StructLayout(LayoutKind.Sequential, Size = Bytes)]
internal struct MatmulAlgorithm
{
    public const int Bytes = 64;

    private readonly ulong first;
}

/// <summary>An algorithm that is offered (<c>cublasLtMatmulHeuristicResult_t</c>).</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct HeuristicResult
{
    public MatmulAlgorithm Algorithm;
    public nuint WorkspaceBytes;
    public CublasStatus State;
    public float Waves;
    public fixed int Reserved[4];
}

internal static unsafe partial class CublasLtNativeMethods
{
    private const string Library = CudaLibraries.BlasLtImport;

    [LibraryImport(Library)]
    public static partial nuint cublasLtGetVersion();

    [LibraryImport(Library)]
    public static partial CublasStatus cublasLtCreate(IntPtr* handle);

    [LibraryImport(Library)]
    public static partial CublasStatus cublasLtDestroy(IntPtr handle);

    [LibraryImport(Library)]
    public static partial CublasStatus cublasLtMatmulDescCreate(IntPtr* description, ComputeType compute, cudaDataType scale);

    [LibraryImport(Library)]
    public static partial CublasStatus cublasLtMatmulDescDestroy(IntPtr description);

    [LibraryImport(Library)]
    public static partial CublasStatus cublasLtMatmulDescSetAttribute(IntPtr description, DescriptionAttribute attribute, void* value, nuint bytes);

    [LibraryImport(Library)]
    public static partial CublasStatus cublasLtMatrixLayoutCreate(IntPtr* layout, cudaDataType type, ulong rows, ulong columns, long leading);

    [LibraryImport(Library)]
    public static partial CublasStatus cublasLtMatrixLayoutDestroy(IntPtr layout);

    [LibraryImport(Library)]
    public static partial CublasStatus cublasLtMatmulPreferenceCreate(IntPtr* preference);

    [LibraryImport(Library)]
    public static partial CublasStatus cublasLtMatmulPreferenceDestroy(IntPtr preference);

    [LibraryImport(Library)]
    public static partial CublasStatus cublasLtMatmulPreferenceSetAttribute(
        IntPtr preference, PreferenceAttribute attribute, void* value, nuint bytes);

    [LibraryImport(Library)]
    public static partial CublasStatus cublasLtMatmulAlgoGetHeuristic(
        IntPtr handle, IntPtr description, IntPtr layoutA, IntPtr layoutB, IntPtr layoutC, IntPtr layoutD, IntPtr preference, int asked,
        HeuristicResult* results, int* count);

    [LibraryImport(Library)]
    public static partial CublasStatus cublasLtMatmulAlgoCheck(
        IntPtr handle, IntPtr description, IntPtr layoutA, IntPtr layoutB, IntPtr layoutC, IntPtr layoutD, MatmulAlgorithm* algorithm,
        HeuristicResult* result);

    [LibraryImport(Library)]
    public static partial CublasStatus cublasLtMatmul(
        IntPtr handle, IntPtr description, float* alpha, ulong a, IntPtr layoutA, ulong b, IntPtr layoutB, float* beta, ulong c,
        IntPtr layoutC, ulong d, IntPtr layoutD, MatmulAlgorithm* algorithm, ulong workspace, nuint workspaceBytes, IntPtr stream);
}
