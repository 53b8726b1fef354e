namespace GptGen.Cpu;

/// <summary>
/// Where and with what a product runs, and the memory for its packed panels. That memory grows when a larger product than
/// before comes and is kept, so that repeated products allocate nothing. One caller at a time may use a workspace; several
/// workspaces may share a pool.
/// </summary>
internal sealed unsafe class GemmWorkspace : IDisposable
{
    private readonly NativeBuffer?[] own;
    private NativeBuffer? shared;

    /// <summary>Creates an empty workspace.</summary>
    /// <param name="pool">The threads to use; not owned.</param>
    /// <param name="level">The vector width, by default the best.</param>
    /// <param name="sharedLimit">About how many floats to pack together at most (64 MiB); a larger product is done in parts.</param>
    public GemmWorkspace(WorkerPool pool, SimdLevel? level = null, nint? sharedLimit = null)
    {
        Pool = pool;
        Level = level ?? SimdHardware.Best;
        SharedLimit = sharedLimit ?? 16 << 20;
        own = new NativeBuffer?[pool.ThreadCount];
    }

    /// <summary>The threads.</summary>
    public WorkerPool Pool { get; }

    /// <summary>The vector width.</summary>
    public SimdLevel Level { get; }

    /// <summary>About how many floats to pack together at most.</summary>
    public nint SharedLimit { get; }

    /// <summary>The panels that all workers read.</summary>
    public float* Shared => shared!.Floats;

    /// <summary>Makes room for a product.</summary>
    /// <param name="sharedFloats">Size of the panels that all workers read.</param>
    /// <param name="ownFloats">Size of the panels of each worker.</param>
    /// <param name="workers">How many workers will need panels.</param>
    public void Reserve(nint sharedFloats, nint ownFloats, int workers)
    {
        Grow(ref shared, sharedFloats);
        for (int worker = 0; worker < workers; worker++)
        {
            Grow(ref own[worker], ownFloats);
        }
    }

    /// <summary>The panels of one worker.</summary>
    public float* Own(int worker) => own[worker]!.Floats;

    /// <summary>Releases the memory; the pool stays.</summary>
    public void Dispose()
    {
        shared?.Dispose();
        foreach (NativeBuffer? buffer in own)
        {
            buffer?.Dispose();
        }
    }

    private static void Grow(ref NativeBuffer? buffer, nint floats)
    {
        if (buffer is null || buffer.Bytes < floats * sizeof(float))
        {
            buffer?.Dispose();
            buffer = NativeBuffer.OfFloats(floats);
        }
    }
}
