using System.Runtime.ExceptionServices;

namespace GptGen.Distributed;

/// <summary>
/// A thread that sums buckets up, one after the other, while another one computes. From the first call of <see cref="Start"/> to the end of
/// <see cref="Await"/> it alone calls the engine, which allows any thread, but one at a time. Allocates nothing after its first bucket.
/// </summary>
/// <param name="sum">Sums up a bucket of gradients.</param>
internal sealed class SumThread(Action<Arena, Partition, int> sum)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    // Guards the fields below and tells of their changes.
    private readonly object gate = new();
    private readonly Queue<int> buckets = new();
    private Thread? thread;
    private Arena? gradients;
    private Partition? parts;
    private ExceptionDispatchInfo? failure;
    private bool isEnding;

    /// <summary>Whether there are buckets that nobody has waited for.</summary>
    internal bool IsBusy { get; private set; }

    /// <summary>Whether somebody waits, and computes nothing meanwhile.</summary>
    internal bool IsAwaited { get; private set; }

    /// <summary>Adds a bucket to what there is to sum up.</summary>
    internal void Start(Arena gradients, Partition parts, int bucket)
    {
        if (isEnding)
            throw new InvalidOperationException("Sums were given up after a failure: start the processes again.");
        if (thread is null)
        {
            buckets.EnsureCapacity(parts.Buckets);
            thread = new(Work) { IsBackground = true, Name = "GptGen sums" };
            thread.Start();
        }

        lock (gate)
        {
            (this.gradients, this.parts, IsBusy) = (gradients, parts, true);
            buckets.Enqueue(bucket);
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>Waits until all buckets are summed up.</summary>
    internal void Await()
    {
        lock (gate)
        {
            IsAwaited = true;
            while (buckets.Count > 0 && failure is null)
                Monitor.Wait(gate);
            (IsAwaited, IsBusy) = (false, false);
            failure?.Throw();
        }
    }

    /// <summary>Ends the thread, which may be in a call that the others do not come to any more: it is not waited for long.</summary>
    /// <returns>Whether it has ended, and calls the engine no more.</returns>
    internal bool End()
    {
        lock (gate)
        {
            isEnding = true;
            Monitor.PulseAll(gate);
        }

        return thread?.Join(s_patience) ?? true;
    }

    private void Work()
    {
        while (true)
        {
            int bucket;
            lock (gate)
            {
                while (buckets.Count == 0 && !isEnding)
                    Monitor.Wait(gate);
                if (isEnding)
                    return;
                bucket = buckets.Peek();
            }

            try
            {
                sum(gradients!, parts!, bucket);
            }
            catch (Exception error)
            {
                lock (gate)
                {
                    failure = ExceptionDispatchInfo.Capture(error);
                    Monitor.PulseAll(gate);
                }

                return;
            }

            lock (gate)
            {
                // What is begun counts until it is done.
                buckets.Dequeue();
                Monitor.PulseAll(gate);
            }
        }
    }
}
