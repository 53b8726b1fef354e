using GptGen.Cuda.Driver.CublasLt;
using ManagedCuda.BasicTypes;
using ManagedCuda.CudaBlas;

namespace GptGen.Cuda.Driver;

/// <summary>
/// How cuBLASLt computes products of one shape: description, layouts and algorithm, made once, so that a call only puts addresses into them. cuBLASLt
/// stores by columns: a matrix by rows is the transpose of the same memory by columns, so result = a·b is asked for as result^T = b^T·a^T. Columns of
/// the result become rows of what cuBLASLt sees, to each of which it has one number of a bias.
/// </summary>
internal sealed unsafe class ProductPlan : IDisposable
{
    private readonly ProductShape shape;
    private IntPtr description, left, right, result;
    private MatmulAlgorithm algorithm;
    private nuint workspaceBytes;

    private ProductPlan(ProductShape shape) => this.shape = shape;

    /// <summary>Describes a product, as yet without an algorithm.</summary>
    public static ProductPlan Describe(in FusedProduct product, string operation)
    {
        var shape = product.Shape;
        var plan = new ProductPlan(shape);
        try
        {
            var compute = GpuBlas.Compute(product.A, product.Precision);
            fixed (IntPtr* description = &plan.description)
            {
                Status.Check(
                    CublasLtNativeMethods.cublasLtMatmulDescCreate(description, compute, cudaDataType.CUDA_R_32F), "cublasLtMatmulDescCreate",
                    operation);
            }

            plan.Set(DescriptionAttribute.TransposeA, (int)GpuBlas.Transposition(product.B), operation);
            plan.Set(DescriptionAttribute.TransposeB, (int)GpuBlas.Transposition(product.A), operation);
            plan.Set(DescriptionAttribute.Epilogue, (int)shape.Ending, operation);
            if (shape.Ending.HasSecond())
                plan.Set(DescriptionAttribute.EpilogueAuxLeading, (long)shape.StrideResult, operation);
            plan.Place(product, operation);
            plan.left = Layout(product.B, shape.Depth, shape.Columns, operation);
            plan.right = Layout(product.A, shape.Rows, shape.Depth, operation);
            plan.result = Layout(product.Result, shape.Rows, shape.Columns, operation);
            return plan;
        }
        catch
        {
            plan.Dispose();
            throw;
        }
    }

    /// <summary>The algorithms that cuBLASLt offers, first the one that it expects to be the fastest; none where it does not serve it.</summary>
    public int Offers(IntPtr handle, IntPtr preference, Span<HeuristicResult> results, string operation)
    {
        var count = 0;
        CublasStatus status;
        fixed (HeuristicResult* first = results)
        {
            status = CublasLtNativeMethods.cublasLtMatmulAlgoGetHeuristic(
                handle, description, left, right, result, result, preference, results.Length, first, &count);
        }

        // What the reference lists for types and endings that are not served.
        if (status is CublasStatus.NotSupported or CublasStatus.InvalidValue or CublasStatus.ArchMismatch)
            return 0;
        Status.Check(status, "cublasLtMatmulAlgoGetHeuristic", operation);
        return count;
    }

    /// <summary>Takes an algorithm that was offered.</summary>
    public void Take(in HeuristicResult offer) => (algorithm, workspaceBytes) = (offer.Algorithm, offer.WorkspaceBytes);

    /// <summary>Takes an algorithm that an earlier run chose, unless this cuBLASLt does not know it or it needs more workspace.</summary>
    public bool TryTake(MatmulAlgorithm kept, IntPtr handle, nint mostWorkspace)
    {
        HeuristicResult checkedResult;
        var status = CublasLtNativeMethods.cublasLtMatmulAlgoCheck(handle, description, left, right, result, result, &kept, &checkedResult);
        if (status != CublasStatus.Success || checkedResult.State != CublasStatus.Success || checkedResult.WorkspaceBytes > (nuint)mostWorkspace)
            return false;
        (algorithm, workspaceBytes) = (kept, checkedResult.WorkspaceBytes);
        return true;
    }

    /// <summary>Computes a product of the plan's shape.</summary>
    /// <param name="product">Where its matrices lie.</param>
    /// <param name="destination">Where the result goes: the product's own place, or another that is like it.</param>
    /// <param name="handle">cuBLASLt.</param>
    /// <param name="workspace">Memory for the algorithm.</param>
    /// <param name="stream">Where it runs.</param>
    /// <param name="operation">The operator it serves, for messages.</param>
    public void Run(in FusedProduct product, GpuAddress destination, IntPtr handle, GpuMemory workspace, GpuStream stream, string operation)
    {
        Place(product, operation);
        float alpha = 1, beta = shape.Adds ? 1 : 0;
        var added = shape.Adds ? product.Added : destination;
        CublasStatus status;
        fixed (MatmulAlgorithm* chosen = &algorithm)
        {
            status = CublasLtNativeMethods.cublasLtMatmul(
                handle, description, &alpha, product.B.Address.Value, left, product.A.Address.Value, right, &beta, added.Value, result,
                destination.Value, result, chosen, workspace.Address.Value, workspaceBytes, stream.Handle.Pointer);
        }

        Status.Check(status, "cublasLtMatmul", operation);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var layout in (ReadOnlySpan<IntPtr>)[left, right, result])
        {
            if (layout != 0)
                CublasLtNativeMethods.cublasLtMatrixLayoutDestroy(layout);
        }

        if (description != 0)
            CublasLtNativeMethods.cublasLtMatmulDescDestroy(description);
    }

    /// <summary>Puts the ending's addresses into the description, and no others: cuBLASLt refuses products with those that it does not use.</summary>
    private void Place(in FusedProduct product, string operation)
    {
        if (shape.Ending.HasVector())
            Set(DescriptionAttribute.BiasPointer, product.Vector.Value, operation);
        if (shape.Ending.HasSecond())
            Set(DescriptionAttribute.EpilogueAuxPointer, product.Second.Value, operation);
    }

    private void Set<T>(DescriptionAttribute attribute, T value, string operation)
        where T : unmanaged =>
        Status.Check(
            CublasLtNativeMethods.cublasLtMatmulDescSetAttribute(description, attribute, &value, (nuint)sizeof(T)), "cublasLtMatmulDescSetAttribute",
            operation);

    /// <summary>The memory of a matrix that has these rows and columns as it is used.</summary>
    private static IntPtr Layout(GpuMatrix matrix, int rows, int columns, string operation)
    {
        IntPtr layout;
        var (lines, width) = matrix.Transposed ? (columns, rows) : (rows, columns);
        Status.Check(
            CublasLtNativeMethods.cublasLtMatrixLayoutCreate(&layout, GpuBlas.Type(matrix), (ulong)width, (ulong)lines, matrix.RowStride),
            "cublasLtMatrixLayoutCreate", operation);
        return layout;
    }
}
