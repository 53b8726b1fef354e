using System.Numerics;
using GptGen.Cuda;
using GptGen.Cuda.Driver;
using GptGen.Cuda.Kernels;
using GptGen.Cuda.Libraries;

namespace GptGen;

/// <summary>
/// An NVIDIA GPU: matrix products by cuBLAS, everything else by kernels that are compiled for the model's dimensions when it is created and kept on
/// the disk. What type numbers have is chosen when it is opened (<see cref="GpuPrecision"/>). Two runs on one GPU give the same bits; after its first
/// calls a device allocates no managed memory. Calls return before the GPU is done; reads wait.
/// </summary>
public sealed partial class CudaDevice : Device
{
    private readonly Lock gate = new();
    private readonly List<IDisposable> owned = [];
    private readonly GpuContext context;
    private readonly GpuStream stream;
    private readonly GpuBlas blas;
    private readonly GpuBlasLt? fused;
    private readonly KernelSet kernels;
    private readonly StagingArea staging;
    private readonly ScratchMemory scratch;
    private readonly GpuElementTypes types;

    /// <summary>Opens a GPU.</summary>
    /// <param name="gpu">Its number, from 0, among those that CUDA_VISIBLE_DEVICES leaves.</param>
    /// <param name="precision">How exactly it computes.</param>
    /// <exception cref="GptGenException">CUDA cannot be used here; the message says what is missing.</exception>
    public CudaDevice(int gpu = 0, GpuPrecision precision = GpuPrecision.Float32)
        : this(gpu, precision, KernelCache.OfUser())
    {
    }

    internal CudaDevice(int gpu, GpuPrecision precision, ProductFusions asked)
        : this(gpu, precision, KernelCache.OfUser(), null, asked)
    {
    }

    /// <summary>Opens a GPU for tests and benchmarks.</summary>
    /// <param name="gpu">Its number.</param>
    /// <param name="precision">How exactly it computes.</param>
    /// <param name="cache">Where compiled kernels are kept.</param>
    /// <param name="loadSource">Finds kernel sources by file name.</param>
    /// <param name="asked">What cuBLASLt does within products; null for what the environment says.</param>
    internal CudaDevice(
        int gpu, GpuPrecision precision, KernelCache cache, Func<string, KernelSource>? loadSource = null, ProductFusions? asked = null)
    {
        types = new(precision);
        Fusions = asked ?? AskedFusions.Read(precision);
        try
        {
            context = Own(GpuContext.Open(gpu));
            stream = Own(GpuStream.Create(context));
            blas = Own(GpuBlas.Create(stream));
            if (Fusions != ProductFusions.None && GpuBlasLt.TryCreate(stream, blas, ProductChoices.IsAsked, cache) is { } opened)
                fused = Own(opened);
            kernels = Own(new KernelSet(context, cache, types.Defines, loadSource));
            staging = Own(new StagingArea(stream));
            scratch = Own(new ScratchMemory(stream));
        }
        catch
        {
            DisposeOwned();
            throw;
        }
    }

    /// <inheritdoc/>
    public override string Name => "cuda";

    /// <summary>How exactly it computes.</summary>
    public GpuPrecision Precision => types.Precision;

    /// <summary>What NVIDIA calls the GPU.</summary>
    public string GpuName => context.Properties.Name;

    /// <summary>The stream of all work, for timings.</summary>
    internal GpuStream Stream => stream;

    /// <summary>Whether this machine has an NVIDIA driver, so that a failure to open a GPU is worth a message.</summary>
    public static bool DriverIsPresent => CudaLibraries.Driver.Found is not null;

    /// <inheritdoc/>
    public override int ElementSize(BufferRole role) => types.Size(role);

    /// <summary>What cuBLASLt does within products; more than at the opening only where that asked for something.</summary>
    internal ProductFusions Fusions
    {
        get;
        set
        {
            field = value;
            choices++;
        }
    }

    /// <summary>How many products cuBLASLt has computed.</summary>
    internal long FusedProducts => fused?.Products ?? 0;

    /// <summary>
    /// Measured on an H200: the head's three products are the fastest with 16,384 rows, and take a quarter longer with 1,024, as the gradient of the
    /// table is read and added to each time. GPUs of less memory take fewer: a row for 4 MiB, so that GPT-2's logits in bf16 take a fortieth of it.
    /// </summary>
    public override int LogitRows => LogitRowsOf(context.Properties.MemoryBytes);

    /// <summary>The <see cref="LogitRows"/> of a GPU with so many bytes.</summary>
    internal static int LogitRowsOf(long memoryBytes) => Math.Clamp(1 << BitOperations.Log2((ulong)(memoryBytes >> 22)), FewLogitRows, 16384);

    /// <summary>The type of a role's numbers.</summary>
    internal GpuElement ElementOf(BufferRole role) => types.Of(role);

    /// <summary>Waits until everything asked of the device is done.</summary>
    /// <exception cref="GptGenException">A kernel failed.</exception>
    public void Synchronize()
    {
        using var call = Begin();
        lock (gate)
            stream.Synchronize("a wait");
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // Without Dispose the finalizers of the owned resources free them.
        if (disposing)
        {
            lock (gate)
                DisposeOwned();
        }

        base.Dispose(disposing);
    }

    private T Own<T>(T resource)
        where T : IDisposable
    {
        owned.Add(resource);
        return resource;
    }

    private void DisposeOwned()
    {
        for (var i = owned.Count - 1; i >= 0; i--)
            owned[i].Dispose();
        owned.Clear();
    }
}
