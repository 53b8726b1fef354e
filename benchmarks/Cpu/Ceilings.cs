using System.Runtime.CompilerServices;
using GptGen.Cpu;

namespace GptGen.Benchmarks.Cpu;

/// <summary>What the machine gives at best, measured in the same run as what is compared with it.</summary>
internal static unsafe class Ceilings
{
    /// <summary>Multiply-adds on registers only.</summary>
    public static void MultiplyAdd(WorkerPool pool, SimdLevel level, int threads)
    {
        var job = new MultiplyAddJob();
        pool.Run(level, ref job, threads);
    }

    /// <summary>FLOPs of <see cref="MultiplyAdd"/>.</summary>
    public static double MultiplyAddFlops(SimdLevel level, int threads)
    {
        int lanes = 128 >> (SimdLevel.Vector512 - level) >> 3;
        return 2.0 * lanes * MultiplyAddJob.Accumulators * MultiplyAddJob.Rounds * threads;
    }

    /// <summary>Reading memory that no cache holds, in GB/s.</summary>
    public static double ReadBandwidth(WorkerPool pool, SimdLevel level, int threads, float* values, nint count) =>
        count * sizeof(float) / Timing.Measure(() => Read(pool, level, threads, values, count), runs: 15).Minimum / 1e9;

    /// <summary>Reads all of some memory once.</summary>
    public static void Read(WorkerPool pool, SimdLevel level, int threads, float* values, nint count)
    {
        var job = new ReadJob { Values = values, Count = count };
        pool.Run(level, ref job, threads);
    }

    private struct MultiplyAddJob : IVectorJob
    {
        public const int Accumulators = 12;
        public const int Rounds = 1_000_000;

        private float sink;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<TSimd, TVector>(int worker, int workers)
            where TSimd : struct, ISimd<TVector>
            where TVector : unmanaged
        {
            TVector x = TSimd.Create(0.999f), y = TSimd.Create(1e-6f);
            TVector a = y, b = y, c = y, d = y, e = y, f = y, g = y, h = y, i = y, j = y, k = y, l = y;
            for (int round = 0; round < Rounds; round++)
            {
                a = TSimd.MultiplyAdd(a, x, y);
                b = TSimd.MultiplyAdd(b, x, y);
                c = TSimd.MultiplyAdd(c, x, y);
                d = TSimd.MultiplyAdd(d, x, y);
                e = TSimd.MultiplyAdd(e, x, y);
                f = TSimd.MultiplyAdd(f, x, y);
                g = TSimd.MultiplyAdd(g, x, y);
                h = TSimd.MultiplyAdd(h, x, y);
                i = TSimd.MultiplyAdd(i, x, y);
                j = TSimd.MultiplyAdd(j, x, y);
                k = TSimd.MultiplyAdd(k, x, y);
                l = TSimd.MultiplyAdd(l, x, y);
            }

            a = TSimd.Add(TSimd.Add(TSimd.Add(a, b), TSimd.Add(c, d)), TSimd.Add(TSimd.Add(e, f), TSimd.Add(g, h)));
            sink = TSimd.Sum(TSimd.Add(a, TSimd.Add(TSimd.Add(i, j), TSimd.Add(k, l))));
        }
    }

    private struct ReadJob : IVectorJob
    {
        private const nint Chunk = 1 << 16;

        public WorkCounter Chunks;
        private float sink;

        public required float* Values { get; init; }

        public required nint Count { get; init; }

        public void Run<TSimd, TVector>(int worker, int workers)
            where TSimd : struct, ISimd<TVector>
            where TVector : unmanaged
        {
            while (Chunks.TryClaim(Count / Chunk, out nint chunk))
            {
                sink = VectorMath.Sum<TSimd, TVector>(Values + chunk * Chunk, Chunk);
            }
        }
    }
}
