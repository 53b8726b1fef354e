using GptGen.Cuda.Driver.CublasLt;
using GptGen.Cuda.Kernels;
using GptGen.Cuda.Libraries;

namespace GptGen.Cuda.Driver;

/// <summary>
/// Matrix products by cuBLASLt on one stream, in which something more is done on the way. What it does not serve, by type, ending or alignment, it
/// refuses, and the caller computes it otherwise. Plans are made at a shape's first product and kept; later calls allocate nothing. It shares
/// <see cref="GpuBlas"/>'s workspace, as products of a stream run one after the other.
/// </summary>
internal sealed unsafe class GpuBlasLt : GpuResource
{
    /// <summary>Algorithms of a shape that are timed where that is asked for.</summary>
    private const int TimedOffers = 16;

    /// <summary>More plans than a model has; a server with prompts of every length begins anew.</summary>
    private const int MostPlans = 4096;

    /// <summary>The alignment that every operand has here.</summary>
    private const uint Alignment = 16;

    private readonly Dictionary<ProductShape, ProductPlan?> plans = [];
    private readonly IntPtr handle;
    private readonly GpuStream stream;
    private readonly GpuBlas blas;
    private readonly ProductChoices? choices;
    private IntPtr preference;

    private GpuBlasLt(GpuStream stream, GpuBlas blas, ProductChoices? choices, IntPtr handle) : base(stream.Context)
    {
        this.stream = stream;
        this.blas = blas;
        this.choices = choices;
        this.handle = handle;
    }

    /// <summary>cuBLASLt's version, as 10000 x major + 100 x minor + patch.</summary>
    public static long Version => (long)CublasLtNativeMethods.cublasLtGetVersion();

    /// <summary>How many products it has computed.</summary>
    internal long Products { get; private set; }

    /// <summary>Opens cuBLASLt beside cuBLAS; null where the library was not found.</summary>
    /// <param name="stream">Where products run.</param>
    /// <param name="blas">cuBLAS on the same stream.</param>
    /// <param name="isTimed">Whether a shape's first product times algorithms, or takes the one that cuBLASLt expects to be the fastest.</param>
    /// <param name="cache">Where what was found by timing is kept.</param>
    /// <exception cref="GptGenException">It does not start.</exception>
    public static GpuBlasLt? TryCreate(GpuStream stream, GpuBlas blas, bool isTimed, KernelCache cache)
    {
        if (CudaLibraries.BlasLt(CudaLibraries.StartDriver()).Found is null)
            return null;
        const string Operation = "the start of cuBLASLt";
        stream.Context.MakeCurrentToCreate();
        IntPtr handle;
        Status.Check(CublasLtNativeMethods.cublasLtCreate(&handle), "cublasLtCreate", Operation);
        var opened = new GpuBlasLt(stream, blas, isTimed ? new(stream.Context, cache) : null, handle);
        try
        {
            opened.Prefer(Operation);
            return opened;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>Computes a product; false, without having done anything, where it is not served.</summary>
    public bool TryMultiply(in FusedProduct product, string operation)
    {
        if (product.Rows == 0 || product.Columns == 0 || product.Depth == 0 || !product.IsAligned)
            return false;
        Context.MakeCurrent();
        var shape = product.Shape;
        if (!plans.TryGetValue(shape, out var plan))
        {
            if (plans.Count == MostPlans)
                Forget();
            plan = Plan(product, operation);
            plans.Add(shape, plan);
        }

        if (plan is null)
            return false;
        plan.Run(product, product.Result.Address, handle, blas.Workspace, stream, operation);
        stream.WaitWhenAsked(operation);
        Products++;
        return true;
    }

    /// <inheritdoc/>
    protected override void Free()
    {
        Forget();
        if (preference != 0)
            CublasLtNativeMethods.cublasLtMatmulPreferenceDestroy(preference);
        CublasLtNativeMethods.cublasLtDestroy(handle);
    }

    private void Forget()
    {
        foreach (var plan in plans.Values)
            plan?.Dispose();
        plans.Clear();
    }

    private void Prefer(string operation)
    {
        fixed (IntPtr* made = &preference)
            Status.Check(CublasLtNativeMethods.cublasLtMatmulPreferenceCreate(made), "cublasLtMatmulPreferenceCreate", operation);
        Set(PreferenceAttribute.MaxWorkspaceBytes, (ulong)blas.Workspace.Bytes);
        for (var attribute = PreferenceAttribute.MinAlignmentA; attribute <= PreferenceAttribute.MinAlignmentD; attribute++)
            Set(attribute, Alignment);

        void Set<T>(PreferenceAttribute attribute, T value)
            where T : unmanaged =>
            Status.Check(
                CublasLtNativeMethods.cublasLtMatmulPreferenceSetAttribute(preference, attribute, &value, (nuint)sizeof(T)),
                "cublasLtMatmulPreferenceSetAttribute", operation);
    }

    /// <summary>The plan of a shape, or null when it is not served.</summary>
    private ProductPlan? Plan(in FusedProduct product, string operation)
    {
        var plan = ProductPlan.Describe(product, operation);
        try
        {
            Span<HeuristicResult> offers = stackalloc HeuristicResult[choices is null ? 1 : TimedOffers];
            var count = plan.Offers(handle, preference, offers, operation);
            if (count == 0)
            {
                plan.Dispose();
                return null;
            }

            plan.Take(offers[0]);
            // Timing waits, which a recording cannot.
            if (choices is not null && !stream.Capturing)
                Choose(plan, product, offers[..count], operation);
            return plan;
        }
        catch
        {
            plan.Dispose();
            throw;
        }
    }

    /// <summary>Takes the algorithm that an earlier run found to be the fastest, or finds it.</summary>
    private void Choose(ProductPlan plan, in FusedProduct product, ReadOnlySpan<HeuristicResult> offers, string operation)
    {
        if (choices!.TryRead(product.Shape) is { } kept && plan.TryTake(kept, handle, blas.Workspace.Bytes))
            return;
        // What is added in place would be added with every run.
        using var aside = product.Added == product.Result.Address
            ? GpuMemory.TryAllocate(Context, (nint)product.Rows * product.Result.RowStride * product.Result.ElementBytes, operation)
            : null;
        if (product.Added == product.Result.Address && aside is null)
            return;
        using GpuEvent start = GpuEvent.Create(Context, timed: true), end = GpuEvent.Create(Context, timed: true);
        var (best, shortest) = (0, float.PositiveInfinity);
        for (var index = 0; index < offers.Length; index++)
        {
            plan.Take(offers[index]);
            if (Milliseconds(plan, product, aside?.Address ?? product.Result.Address, start, end, operation) is var time && time < shortest)
                (best, shortest) = (index, time);
        }

        plan.Take(offers[best]);
        choices.Write(product.Shape, offers[best].Algorithm);
    }

    /// <summary>The shortest of some runs, behind one that is not counted.</summary>
    private float Milliseconds(ProductPlan plan, in FusedProduct product, GpuAddress destination, GpuEvent start, GpuEvent end, string operation)
    {
        const int Runs = 5;
        var shortest = float.PositiveInfinity;
        for (var run = 0; run <= Runs; run++)
        {
            stream.Record(start, operation);
            plan.Run(product, destination, handle, blas.Workspace, stream, operation);
            stream.Record(end, operation);
            end.Synchronize(operation);
            if (run > 0)
                shortest = Math.Min(shortest, end.MillisecondsSince(start));
        }

        return shortest;
    }
}
