using ManagedCuda.BasicTypes;
using ManagedCuda.CudaBlas;

namespace GptGen.Cuda.Driver;

/// <summary>The type of a matrix's elements on the GPU.</summary>
internal enum GpuElement
{
    Float32,
    Float16,
    BFloat16,
}

/// <summary>What is known of each type of elements.</summary>
internal static class GpuElements
{
    /// <summary>Bytes of an element.</summary>
    public static int Bytes(this GpuElement element) => element == GpuElement.Float32 ? sizeof(float) : sizeof(ushort);
}

/// <summary>What a product of f32 matrices is rounded to before it is summed in f32.</summary>
internal enum ProductPrecision
{
    /// <summary>Nothing is rounded.</summary>
    Float32,

    /// <summary>Factors keep 10 bits of mantissa, and tensor cores multiply them.</summary>
    TensorFloat32,
}

/// <summary>A matrix stored by rows.</summary>
/// <param name="Address">Its first element.</param>
/// <param name="RowStride">Elements from one row to the next.</param>
/// <param name="Element">Its type.</param>
/// <param name="Transposed">Whether the product uses its transpose.</param>
internal readonly record struct GpuMatrix(GpuAddress Address, int RowStride, GpuElement Element = GpuElement.Float32, bool Transposed = false)
{
    /// <summary>Bytes of an element.</summary>
    public int ElementBytes => Element.Bytes();
}

/// <summary>Elements from one matrix of a batch to the next.</summary>
internal readonly record struct BatchStrides(long A, long B, long Result);

/// <summary>
/// Matrix products by cuBLAS on one stream, of matrices stored by rows, summed in f32. cuBLAS stores by columns: a matrix by rows is the
/// transpose of the same memory by columns, so result = a·b is asked for as result^T = b^T·a^T. Its workspace is ours: with one stream a
/// handle, results have the same bits each time and can be recorded in a graph.
/// </summary>
internal sealed unsafe class GpuBlas : GpuResource
{
    /// <summary>What cuBLAS's reference recommends for Hopper; it is enough for the others too.</summary>
    private const int WorkspaceBytes = 32 << 20;

    private readonly CudaBlasHandle handle;
    private readonly GpuStream stream;
    private readonly GpuMemory workspace;

    private GpuBlas(GpuStream stream, CudaBlasHandle handle, GpuMemory workspace) : base(stream.Context)
    {
        this.stream = stream;
        this.handle = handle;
        this.workspace = workspace;
    }

    /// <summary>Memory for algorithms, which <see cref="GpuBlasLt"/> on the same stream uses too.</summary>
    public GpuMemory Workspace => workspace;

    /// <summary>Opens cuBLAS on a stream.</summary>
    /// <exception cref="GptGenException">It does not start, or the GPU's memory is full.</exception>
    public static GpuBlas Create(GpuStream stream)
    {
        const string Operation = "the start of cuBLAS";
        var workspace = GpuMemory.Allocate(stream.Context, WorkspaceBytes, "cuBLAS's workspace");
        var handle = default(CudaBlasHandle);
        try
        {
            Status.Check(CudaBlasNativeMethods.cublasCreate_v2(ref handle), "cublasCreate", Operation);
            Status.Check(CudaBlasNativeMethods.cublasSetStream_v2(handle, stream.Handle), "cublasSetStream", Operation);
            // After the stream, because choosing a stream resets the workspace.
            Status.Check(
                CudaBlasNativeMethods.cublasSetWorkspace_v2(handle, workspace.Address.Pointer, WorkspaceBytes), "cublasSetWorkspace", Operation);
            return new(stream, handle, workspace);
        }
        catch
        {
            if (handle.Pointer != 0)
                CudaBlasNativeMethods.cublasDestroy_v2(handle);
            workspace.Dispose();
            throw;
        }
    }

    /// <summary>cuBLAS's version, as 10000 x major + 100 x minor + patch.</summary>
    public int Version()
    {
        var version = 0;
        Status.Check(CudaBlasNativeMethods.cublasGetVersion_v2(handle, ref version), "cublasGetVersion", "the look at cuBLAS");
        return version;
    }

    /// <summary>result = scale·a·b + keep·result, with result of <paramref name="rows"/> x <paramref name="columns"/>.</summary>
    /// <param name="rows">Rows of the result, and of a as it is used.</param>
    /// <param name="columns">Columns of the result, and of b as it is used.</param>
    /// <param name="depth">Columns of a and rows of b, as they are used.</param>
    /// <param name="a">The left factor.</param>
    /// <param name="b">The right factor, of a's type.</param>
    /// <param name="result">Where the product goes; not transposed.</param>
    /// <param name="operation">The operator it serves, for messages.</param>
    /// <param name="scale">Factor of the product.</param>
    /// <param name="keep">Factor of what is there already; with 0 it is not read.</param>
    /// <param name="precision">What f32 factors are rounded to; others are not.</param>
    public void Multiply(
        int rows, int columns, int depth, GpuMatrix a, GpuMatrix b, GpuMatrix result, string operation, float scale = 1, float keep = 0,
        ProductPrecision precision = ProductPrecision.Float32)
    {
        if (rows == 0 || columns == 0)
            return;
        Context.MakeCurrent();
        var status = CudaBlasNativeMethods.cublasGemmEx(
            handle, Transposition(b), Transposition(a), columns, rows, depth, (IntPtr)(&scale), b.Address.Pointer, Type(b), b.RowStride,
            a.Address.Pointer, Type(a), a.RowStride, (IntPtr)(&keep), result.Address.Pointer, Type(result), result.RowStride, Compute(a, precision),
            GemmAlgo.Default);
        Status.Check(status, "cublasGemmEx", operation);
        stream.WaitWhenAsked(operation);
    }

    /// <summary>The same for <paramref name="count"/> matrices that lie at equal distances.</summary>
    public void MultiplyBatch(
        int count, int rows, int columns, int depth, GpuMatrix a, GpuMatrix b, GpuMatrix result, BatchStrides strides, string operation,
        float scale = 1, float keep = 0, ProductPrecision precision = ProductPrecision.Float32)
    {
        if (count == 0 || rows == 0 || columns == 0)
            return;
        Context.MakeCurrent();
        var status = CudaBlasNativeMethods.cublasGemmStridedBatchedEx(
            handle, Transposition(b), Transposition(a), columns, rows, depth, (IntPtr)(&scale), b.Address.Pointer, Type(b), b.RowStride, strides.B,
            a.Address.Pointer, Type(a), a.RowStride, strides.A, (IntPtr)(&keep), result.Address.Pointer, Type(result), result.RowStride,
            strides.Result, count, (cudaDataType)Compute(a, precision), GemmAlgo.Default);
        Status.Check(status, "cublasGemmStridedBatchedEx", operation);
        stream.WaitWhenAsked(operation);
    }

    /// <inheritdoc/>
    protected override void Free()
    {
        CudaBlasNativeMethods.cublasDestroy_v2(handle);
        workspace.Dispose();
    }

    internal static Operation Transposition(GpuMatrix matrix) => matrix.Transposed ? Operation.Transpose : Operation.NonTranspose;

    internal static cudaDataType Type(GpuMatrix matrix) => matrix.Element switch
    {
        GpuElement.Float32 => cudaDataType.CUDA_R_32F,
        GpuElement.Float16 => cudaDataType.CUDA_R_16F,
        GpuElement.BFloat16 => cudaDataType.CUDA_R_16BF,
        _ => throw new ArgumentOutOfRangeException(nameof(matrix)),
    };

    internal static ComputeType Compute(GpuMatrix factor, ProductPrecision precision) =>
        factor.Element == GpuElement.Float32 && precision == ProductPrecision.TensorFloat32
            ? ComputeType.Compute32FFastTF32
            : ComputeType.Compute32F;
}
