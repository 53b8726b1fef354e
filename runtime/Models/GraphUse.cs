namespace GptGen;

/// <summary>
/// Lets one thread at a time call a graph, whose batch and activations are its own: a second one is refused, because its call would change what the
/// first one computes. Disposing of a graph while a call runs is allowed; the call then ends with <see cref="ObjectDisposedException"/>.
/// </summary>
internal sealed class GraphUse(string name)
{
    private int busy;
    private int disposed;

    /// <summary>Begins a call.</summary>
    /// <exception cref="InvalidOperationException">Another thread's call is in progress.</exception>
    /// <exception cref="ObjectDisposedException">The graph is disposed of.</exception>
    public Call Enter()
    {
        if (Interlocked.CompareExchange(ref busy, 1, 0) != 0)
            throw new InvalidOperationException($"This {name} serves another call: one thread at a time may use it; create one for each thread.");
        if (Volatile.Read(ref disposed) == 0)
            return new(this);
        Volatile.Write(ref busy, 0);
        throw new ObjectDisposedException(name);
    }

    /// <summary>Marks the graph as disposed of; false when it was already.</summary>
    public bool TryDispose() => Interlocked.Exchange(ref disposed, 1) == 0;

    /// <summary>A call in progress.</summary>
    public readonly ref struct Call
    {
        private readonly GraphUse owner;

        internal Call(GraphUse owner) => this.owner = owner;

        /// <summary>Ends it.</summary>
        public void Dispose() => Volatile.Write(ref owner.busy, 0);
    }
}
