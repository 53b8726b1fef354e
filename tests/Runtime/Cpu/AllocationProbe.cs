using GptGen.Cpu;

namespace GptGen.Runtime.Tests.Cpu;

/// <summary>Asks each thread of a pool what it has allocated so far: other tests that run meanwhile do not disturb.</summary>
internal struct AllocationProbe(int threads) : IJob
{
    private const int Attempts = 20;

    private readonly long[] bytes = new long[threads];

    /// <summary>The bytes that each of the pool's threads allocated on the managed heap while the action ran, once or several times.</summary>
    public static long[] Measure(WorkerPool pool, Action action)
    {
        var before = new AllocationProbe(pool.ThreadCount);
        var after = new AllocationProbe(pool.ThreadCount);
        pool.Run(ref after);
        // A collection that another test causes may count what a thread has left of its own piece of the heap as allocated: then once more.
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var collections = GC.CollectionCount(0);
            pool.Run(ref before);
            action();
            pool.Run(ref after);
            if (GC.CollectionCount(0) == collections)
                break;
        }

        return [.. after.bytes.Zip(before.bytes, (end, start) => end - start)];
    }

    public readonly void Run(int worker, int workers) => bytes[worker] = GC.GetAllocatedBytesForCurrentThread();
}
