using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GptGen.Cpu;

/// <summary>
/// Threads that stay ready between jobs. The caller of <see cref="Run{TJob}(ref TJob, int)"/> is worker 0 and returns when
/// all are done; nothing is allocated. The pool serves one job at a time: a caller that finds it busy (another generation
/// on the same device, or a job that starts a job) does its own job alone, at once, instead of queueing. A pool that nobody holds any more ends its
/// threads, which hold its <see cref="Crew"/> only.
/// </summary>
internal sealed unsafe class WorkerPool : IDisposable
{
    private readonly Thread[] threads;
    private readonly Crew crew;
    private PaddedInteger busy;

    /// <summary>Starts the threads.</summary>
    /// <param name="threadCount">Workers in all, the calling thread included; at least 1.</param>
    /// <exception cref="GptGenException">The system allows no more threads.</exception>
    public WorkerPool(int threadCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threadCount, 1);
        ThreadCount = threadCount;
        crew = new Crew(threadCount - 1);
        threads = new Thread[threadCount - 1];
        for (int i = 0; i < threads.Length; i++)
            threads[i] = Worker(crew, i + 1);

        int started = 0;
        try
        {
            for (; started < threads.Length; started++)
            {
                threads[started].Start();
            }
        }
        catch (Exception exception) when (exception is OutOfMemoryException or ThreadStartException)
        {
            End(started);
            throw new GptGenException(
                $"The system allows no more threads ({started + 1} of {threadCount} were made): raise the limit (ulimit -u), "
                + "or use fewer threads.", exception);
        }
    }

    /// <summary>Ends the threads of a pool that was not disposed of, without waiting for them.</summary>
    ~WorkerPool() => crew?.Stop();

    /// <summary>Workers in all, the calling thread included.</summary>
    public int ThreadCount { get; }

    /// <summary>Runs the job on up to <paramref name="participants"/> workers; returns, or throws the first exception, when all have ended.</summary>
    /// <exception cref="ObjectDisposedException">The pool is disposed of.</exception>
    public void Run<TJob>(ref TJob job, int participants = int.MaxValue)
        where TJob : struct, IJob
    {
        ObjectDisposedException.ThrowIf(crew.IsStopping, this);
        int wanted = Math.Clamp(participants, 1, ThreadCount);
        if (wanted == 1 || Interlocked.CompareExchange(ref busy.Value, 1, 0) != 0)
        {
            job.Run(0, 1);
            return;
        }

        try
        {
            // The address stays good: a stack variable of a caller that waits, or a field pinned here.
            fixed (byte* address = &Unsafe.As<TJob, byte>(ref job))
            {
                crew.Share(address, &Invoke<TJob>, wanted);
            }
        }
        finally
        {
            // Also holds the pool, whose finaliser would end the workers, until they are done.
            Volatile.Write(ref busy.Value, 0);
        }
    }

    /// <summary>Runs a job that is generic over the vector width.</summary>
    /// <inheritdoc cref="Run{TJob}(ref TJob, int)"/>
    public void Run<TJob>(SimdLevel level, ref TJob job, int participants = int.MaxValue)
        where TJob : struct, IVectorJob
    {
        fixed (byte* address = &Unsafe.As<TJob, byte>(ref job))
        {
            var bound = new BoundVectorJob<TJob>(level, address);
            Run(ref bound, participants);
        }
    }

    /// <summary>
    /// Inside a job: returns when all its workers have called this. Each worker must call it equally often.
    /// </summary>
    /// <param name="participants">The <c>workers</c> that the job was run with.</param>
    public void Barrier(int participants)
    {
        if (participants > 1)
            crew.Barrier(participants);
    }

    /// <summary>Ends the threads, after the job in progress. Later calls of Run throw.</summary>
    public void Dispose()
    {
        if (crew.IsStopping)
        {
            return;
        }

        // Taken for good: no further job can start.
        var wait = new SpinWait();
        while (Interlocked.CompareExchange(ref busy.Value, 1, 0) != 0)
        {
            if (crew.IsStopping)
            {
                return;
            }

            wait.SpinOnce();
        }

        End(threads.Length);
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends the threads that were started, the first ones.</summary>
    private void End(int started)
    {
        crew.Stop();
        foreach (Thread thread in threads.AsSpan(0, started))
        {
            thread.Join();
        }
    }

    /// <summary>A thread that holds the crew and not the pool.</summary>
    private static Thread Worker(Crew crew, int worker) => new(() => crew.Work(worker)) { IsBackground = true, Name = $"GptGen worker {worker}" };

    private static void Invoke<TJob>(void* job, int worker, int workers)
        where TJob : struct, IJob =>
        Unsafe.AsRef<TJob>(job).Run(worker, workers);

    /// <summary>A vector job with its level, as a plain job.</summary>
    private readonly struct BoundVectorJob<TJob>(SimdLevel level, void* job) : IJob
        where TJob : struct, IVectorJob
    {
        public void Run(int worker, int workers)
        {
            ref TJob shared = ref Unsafe.AsRef<TJob>(job);
            switch (level)
            {
                case SimdLevel.Vector512:
                    shared.Run<Simd512, Vector512<float>>(worker, workers);
                    break;
                case SimdLevel.Vector256:
                    shared.Run<Simd256, Vector256<float>>(worker, workers);
                    break;
                default:
                    shared.Run<Simd128, Vector128<float>>(worker, workers);
                    break;
            }
        }
    }
}
