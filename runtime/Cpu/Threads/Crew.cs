using System.Runtime.ExceptionServices;

namespace GptGen.Cpu;

/// <summary>What the threads of a <see cref="WorkerPool"/> share: the job in progress and the signals between them.</summary>
internal sealed unsafe class Crew
{
    private readonly Signal[] orders;
    private readonly Signal finished = new();
    private readonly Signal barrier = new();

    private PaddedInteger running;
    private PaddedInteger arrived;

    // The job in progress; written by its caller before the orders go out.
    private delegate*<void*, int, int, void> body;
    private void* job;
    private int workers;
    private ExceptionDispatchInfo? failure;
    private volatile bool stopping;

    /// <summary>A crew of <paramref name="threads"/> threads beside the calling one.</summary>
    public Crew(int threads)
    {
        orders = new Signal[threads];
        for (int i = 0; i < threads; i++)
            orders[i] = new Signal();
    }

    /// <summary>Whether its threads were told to end.</summary>
    public bool IsStopping => stopping;

    /// <summary>Tells the threads to end, after the job in progress.</summary>
    public void Stop()
    {
        stopping = true;
        foreach (Signal order in orders)
            order.Set(order.Value + 1);
    }

    /// <summary>Does a job with some of the threads; returns, or throws the first exception, when all have ended.</summary>
    public void Share(void* address, delegate*<void*, int, int, void> invoke, int participants)
    {
        job = address;
        body = invoke;
        workers = participants;
        failure = null;
        arrived.Value = 0;
        running.Value = participants - 1;
        int round = finished.Value;
        for (int i = 0; i < participants - 1; i++)
        {
            orders[i].Set(orders[i].Value + 1);
        }

        RunShare(0);
        finished.WaitWhile(round);
        Volatile.Read(ref failure)?.Throw();
    }

    /// <summary>See <see cref="WorkerPool.Barrier"/>.</summary>
    public void Barrier(int participants)
    {
        int generation = barrier.Value;
        if (Interlocked.Increment(ref arrived.Value) == participants)
        {
            arrived.Value = 0;
            barrier.Set(generation + 1);
        }
        else if (Volatile.Read(ref failure) is null)
        {
            barrier.WaitWhile(generation);
        }

        if (Volatile.Read(ref failure) is not null)
        {
            throw new OperationCanceledException("Another worker of this job has failed.");
        }
    }

    /// <summary>What a thread does until it is told to end.</summary>
    public void Work(int worker)
    {
        Signal order = orders[worker - 1];
        for (int seen = 0; ; seen++)
        {
            order.WaitWhile(seen);
            if (stopping)
            {
                return;
            }

            RunShare(worker);
            if (Interlocked.Decrement(ref running.Value) == 0)
            {
                finished.Set(finished.Value + 1);
            }
        }
    }

    private void RunShare(int worker)
    {
        try
        {
            body(job, worker, workers);
        }
        catch (Exception exception)
        {
            // Only the first counts; those that it makes others throw at the barrier do not. The barrier is opened for
            // good: whoever waits there, or comes later, leaves by an exception.
            Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(exception), null);
            barrier.Set(barrier.Value + 1);
        }
    }
}
