using GptGen.Checkpoints;
using GptGen.Cpu;

namespace GptGen;

/// <summary>
/// The processor: f32 throughout, with the widest vectors that the hardware offers. Results have the same bits whatever the number of
/// threads; after its first calls a device allocates no managed memory.
/// </summary>
public sealed unsafe partial class CpuDevice : Device
{
    /// <summary>The most threads of a device. Many more than any processor has cores, and few enough for every system to make them.</summary>
    public const int MostThreads = 1024;

    /// <summary>Elements that make it worth claiming one more chunk, for work of a few operations an element.</summary>
    private const int ChunkElements = 16 << 10;

    private readonly WorkerPool pool;
    private readonly ScratchPool scratches;
    private readonly SimdLevel level;

    /// <summary>Starts a device's threads.</summary>
    /// <param name="threads">Threads to use, the calling one included; 0 means all cores.</param>
    /// <param name="weights">
    /// How models keep their matrices: as <see cref="ElementType.F32"/>, or to be used but not trained as <see cref="ElementType.BF16"/>,
    /// <see cref="ElementType.Q8_0"/> or <see cref="ElementType.IQ4_NL"/>. Everything else is computed and kept in f32.
    /// </param>
    /// <param name="inferenceOnly">
    /// Whether models are used and never trained. As <see cref="ElementType.F32"/> their matrices then lie in the panels that products read, which
    /// are otherwise made for each product. That is worth most where some dozens of tokens are computed together, as embeddings and scores of texts
    /// are; texts are written, one token at a time, faster without. Results differ from those of a device that trains by roundings.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="threads"/> is negative or beyond <see cref="MostThreads"/>, or <paramref name="weights"/> is another type.
    /// </exception>
    /// <exception cref="GptGenException">The system allows no more threads.</exception>
    public CpuDevice(int threads = 0, ElementType weights = ElementType.F32, bool inferenceOnly = false)
        : this(threads, SimdHardware.Best, weights, inferenceOnly)
    {
    }

    internal CpuDevice(int threads, SimdLevel level, ElementType weights = ElementType.F32, bool inferenceOnly = false)
    {
        if (weights is not (ElementType.F32 or ElementType.BF16 or ElementType.Q8_0 or ElementType.IQ4_NL))
            throw new ArgumentOutOfRangeException(nameof(weights), weights, "The CPU keeps weights as F32, BF16, Q8_0 or IQ4_NL.");
        Weights = weights;
        InferenceOnly = inferenceOnly;
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threads, MostThreads);
        this.level = level;
        pool = new WorkerPool(threads == 0 ? Math.Min(Environment.ProcessorCount, MostThreads) : threads);
        scratches = new ScratchPool(pool, level);
    }

    /// <inheritdoc/>
    public override string Name => "cpu";

    /// <summary>Threads that work on an operator, the calling one included.</summary>
    public int Threads => pool.ThreadCount;

    /// <inheritdoc/>
    public override Arena Allocate(BufferRole role, nint elements)
    {
        using var call = Begin();
        return new CpuArena(this, role, elements);
    }

    /// <inheritdoc/>
    public override int ElementSize(BufferRole role) => sizeof(float);

    /// <inheritdoc/>
    internal override void ForEach(int count, Action<int> work)
    {
        var job = new PiecesJob(count, work);
        pool.Run(ref job, count);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            pool.Dispose();
            scratches.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>The numbers at a place; null when there are none.</summary>
    private static float* Floats(Location place) => place.IsNone ? null : ((CpuArena)place.Arena).FloatsAt(place.Offset);

    private static int* Integers(Location place) => place.IsNone ? null : ((CpuArena)place.Arena).IntegersAt(place.Offset);

    /// <summary>Runs a kernel over <paramref name="count"/> items, <paramref name="chunk"/> at a time.</summary>
    private void Run<TKernel>(in TKernel kernel, nint count, nint chunk)
        where TKernel : struct, IRangeKernel
    {
        if (count <= 0)
            return;
        var job = new RangeJob<TKernel>(kernel, count, chunk);
        pool.Run(level, ref job, (int)Math.Min((count + chunk - 1) / chunk, pool.ThreadCount));
    }

    /// <summary>Runs a kernel over elements.</summary>
    private void RunElements<TKernel>(in TKernel kernel, nint count)
        where TKernel : struct, IRangeKernel =>
        Run(kernel, count, ChunkElements);

    /// <summary>Runs a kernel over rows of <paramref name="width"/> elements.</summary>
    private void RunRows<TKernel>(in TKernel kernel, nint rows, nint width)
        where TKernel : struct, IRangeKernel =>
        Run(kernel, rows, Math.Max(1, ChunkElements / Math.Max(1, width)));
}
