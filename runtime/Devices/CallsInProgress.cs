namespace GptGen;

/// <summary>
/// The calls that use a device's memory now, so that nothing is freed under them: whoever frees marks its memory as gone, so that no later call takes
/// it, and waits for the calls that may have begun before. A call costs two interlocked instructions and allocates nothing.
/// </summary>
/// <remarks>Calls count on one of two sides. Who waits turns new calls to the other side, so that they cannot make it wait for ever.</remarks>
internal sealed class CallsInProgress
{
    private readonly Lock waiting = new();
    private Cpu.PaddedInteger first;
    private Cpu.PaddedInteger second;
    private int side;

    /// <summary>Whether there is none at this moment.</summary>
    public bool IsNone => Volatile.Read(ref first.Value) == 0 && Volatile.Read(ref second.Value) == 0;

    /// <summary>Begins a call, which must look at what may have been freed only after this, and be disposed of when it is done.</summary>
    public Call Enter()
    {
        var entered = Volatile.Read(ref side);
        Interlocked.Increment(ref entered == 0 ? ref first.Value : ref second.Value);
        return new(this, entered);
    }

    /// <summary>Returns when every call that began before has ended. Not to be called within a call.</summary>
    public void WaitForEarlier()
    {
        lock (waiting)
        {
            // Both sides: a call that read the side just before an earlier turn counts on the other one.
            for (var turn = 0; turn < 2; turn++)
            {
                var left = side;
                Interlocked.Exchange(ref side, 1 - left);
                var wait = new SpinWait();
                while (Volatile.Read(ref left == 0 ? ref first.Value : ref second.Value) != 0)
                    wait.SpinOnce();
            }
        }
    }

    private void Leave(int entered) => Interlocked.Decrement(ref entered == 0 ? ref first.Value : ref second.Value);

    /// <summary>A call in progress.</summary>
    public readonly ref struct Call
    {
        private readonly CallsInProgress owner;
        private readonly int entered;

        internal Call(CallsInProgress owner, int entered) => (this.owner, this.entered) = (owner, entered);

        /// <summary>Ends it.</summary>
        public void Dispose() => owner.Leave(entered);
    }
}
