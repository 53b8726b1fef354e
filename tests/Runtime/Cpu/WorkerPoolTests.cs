using GptGen.Cpu;
using Xunit;

namespace GptGen.Runtime.Tests.Cpu;

public sealed class WorkerPoolTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void EveryUnitIsDoneOnceAndTheBarrierSeparatesThePhases(int threads)
    {
        using var pool = new WorkerPool(threads);
        for (int round = 0; round < 2000; round++)
        {
            int units = round % 23;
            var job = new TwoPhases(pool, units);
            pool.Run(ref job, 1 + round % (threads + 1));
            Assert.All(job.First, count => Assert.Equal(1, count));
            Assert.All(job.Second, count => Assert.Equal(units, count));
        }
    }

    [Fact]
    public void WorkersWakeUpAfterALongPause()
    {
        using var pool = new WorkerPool(3);
        for (int round = 0; round < 20; round++)
        {
            Thread.Sleep(round % 4);
            var job = new TwoPhases(pool, 7);
            pool.Run(ref job);
            Assert.Equal(3, job.Workers);
            Assert.All(job.Second, count => Assert.Equal(7, count));
        }
    }

    [Fact]
    public void ConcurrentCallersAllGetTheirWorkDone()
    {
        using var pool = new WorkerPool(3);
        int alone = 0;
        Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4 }, _ =>
        {
            for (int round = 0; round < 500; round++)
            {
                var job = new TwoPhases(pool, 11);
                pool.Run(ref job);
                Assert.All(job.First, count => Assert.Equal(1, count));
                Assert.All(job.Second, count => Assert.Equal(11, count));
                Interlocked.Add(ref alone, job.Workers == 1 ? 1 : 0);
            }
        });
        Assert.InRange(alone, 0, 2000);
    }

    [Fact]
    public void ACallerThatFindsThePoolBusyWorksAlone()
    {
        using var pool = new WorkerPool(2);
        var outer = new Nested(pool);
        pool.Run(ref outer);
        Assert.Equal(2, outer.OuterWorkers);
        Assert.Equal(1, outer.InnerWorkers);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void AnExceptionReachesTheCallerAlsoWhenOthersWaitAtTheBarrier(int failing)
    {
        using var pool = new WorkerPool(4);
        for (int round = 0; round < 100; round++)
        {
            var failed = new Failing(pool, failing);
            var exception = Assert.Throws<InvalidOperationException>(() => pool.Run(ref failed));
            Assert.Equal($"worker {failing}", exception.Message);

            var job = new TwoPhases(pool, 9);
            pool.Run(ref job);
            Assert.Equal(4, job.Workers);
            Assert.All(job.Second, count => Assert.Equal(9, count));
        }
    }

    [Fact]
    public void DisposeEndsTheThreadsAndLaterUseThrows()
    {
        var pool = new WorkerPool(4);
        var job = new TwoPhases(pool, 3);
        pool.Run(ref job);
        pool.Dispose();
        pool.Dispose();
        Assert.Throws<ObjectDisposedException>(() => pool.Run(ref job));
        Assert.Throws<ArgumentOutOfRangeException>(() => new WorkerPool(0));
    }

    [Fact]
    public void ADispatchAllocatesNothing()
    {
        using var pool = new WorkerPool(3);
        long[] allocated = AllocationProbe.Measure(pool, () =>
        {
            var job = new Idle();
            for (int round = 0; round < 100; round++)
            {
                // Now and then the workers are asleep.
                if (round % 20 == 0)
                {
                    Thread.Sleep(2);
                }

                pool.Run(ref job);
            }
        });
        Assert.Equal([0, 0, 0], allocated);
    }

    private struct Idle : IJob
    {
        public readonly void Run(int worker, int workers)
        {
        }
    }

    /// <summary>Counts each unit, then after the barrier lets each unit see how many of the first phase are done.</summary>
    private struct TwoPhases(WorkerPool pool, int units) : IJob
    {
        private WorkCounter first, second;

        public int[] First { get; } = new int[units];

        public int[] Second { get; } = new int[units];

        public int Workers { get; private set; }

        public void Run(int worker, int workers)
        {
            while (first.TryClaim(units, out nint unit))
            {
                First[unit]++;
            }

            pool.Barrier(workers);
            while (second.TryClaim(units, out nint unit))
            {
                Second[unit] = First.Sum();
            }

            pool.Barrier(workers);
            Workers = workers;
        }
    }

    private struct Nested(WorkerPool pool) : IJob
    {
        public int OuterWorkers { get; private set; }

        public int InnerWorkers { get; private set; }

        public void Run(int worker, int workers)
        {
            if (worker == 0)
            {
                var inner = new TwoPhases(pool, 5);
                pool.Run(ref inner);
                OuterWorkers = workers;
                InnerWorkers = inner.Workers;
            }
        }
    }

    private struct Failing(WorkerPool pool, int failing) : IJob
    {
        public readonly void Run(int worker, int workers)
        {
            if (worker == failing)
            {
                throw new InvalidOperationException($"worker {worker}");
            }

            pool.Barrier(workers);
        }
    }
}
