namespace GptGen.Cpu;

/// <summary>Lends each call a <see cref="Scratch"/> of its own; there are as many as calls were ever in progress at once.</summary>
internal sealed class ScratchPool(WorkerPool pool, SimdLevel level) : IDisposable
{
    private readonly Stack<Scratch> free = new();
    private bool disposed;

    /// <summary>Takes a scratch; the lease gives it back.</summary>
    public Lease Rent()
    {
        lock (free)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            return new(this, free.TryPop(out Scratch? scratch) ? scratch : new Scratch(pool, level));
        }
    }

    /// <summary>Frees what is not lent; the rest is freed when it comes back.</summary>
    public void Dispose()
    {
        lock (free)
        {
            disposed = true;
            while (free.TryPop(out Scratch? scratch))
                scratch.Dispose();
        }
    }

    private void Return(Scratch scratch)
    {
        lock (free)
        {
            if (disposed)
                scratch.Dispose();
            else
                free.Push(scratch);
        }
    }

    /// <summary>The time for which a scratch is lent.</summary>
    public readonly struct Lease(ScratchPool owner, Scratch scratch) : IDisposable
    {
        /// <summary>What is lent.</summary>
        public Scratch Scratch => scratch;

        /// <inheritdoc/>
        public void Dispose() => owner.Return(scratch);
    }
}
