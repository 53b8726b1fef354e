using GptGen.Cpu;
using Xunit;

namespace GptGen.Runtime.Tests.Cpu;

/// <summary>Work on a product's elements: once each, when the element is whole.</summary>
public sealed unsafe class EpilogueTests
{
    [Theory]
    [MemberData(nameof(Levels.WithLayouts), MemberType = typeof(Levels))]
    public void SeesEachWholeElementOnce(string level, bool transposeA, bool transposeB)
    {
        foreach ((int m, int n, int k) in new[] { (1, 1, 3), (50, 301, 800), (301, 50, 800), (90, 101, 1900), (7, 64, 0) })
        {
            foreach (int threads in new[] { 1, 3 })
            {
                // The smaller limit cuts the product in parts, by depth and by rows or columns.
                foreach (nint limit in new nint[] { 10_000, 16 << 20 })
                    Check(Levels.Parse(level), transposeA, transposeB, m, n, k, threads, limit);
            }
        }
    }

    private static void Check(SimdLevel level, bool transposeA, bool transposeB, int m, int n, int k, int threads, nint limit)
    {
        using var pool = new WorkerPool(threads);
        using var workspace = new GemmWorkspace(pool, level, limit);
        using NativeBuffer a = Filled(Math.Max(1, m * k)), b = Filled(Math.Max(1, n * k));
        using NativeBuffer plain = Filled(m * n), with = Filled(m * n), copy = Filled(m * n), seen = NativeBuffer.OfFloats(m * n);
        new CpuRange(seen.Floats, m * n).Clear();
        var left = new MatrixOperand(a.Floats, transposeA ? m : k, transposeA);
        var right = new MatrixOperand(b.Floats, transposeB ? k : n, transposeB);

        Gemm.Multiply(workspace, m, n, k, left, right, plain.Floats, n, accumulate: true, bias: b.Floats);
        Gemm.Multiply(
            workspace, m, n, k, left, right, with.Floats, n, new CopyAndCount(with.Floats, copy.Floats, seen.Floats), accumulate: true,
            bias: b.Floats);

        for (int i = 0; i < m * n; i++)
        {
            Assert.True(seen.Floats[i] == 1f, $"{m} x {n} x {k}, {threads} threads: element {i} was seen {seen.Floats[i]} times");
            Assert.True(plain.Floats[i] == copy.Floats[i], $"{m} x {n} x {k}, {threads} threads: element {i} was not whole");
            Assert.Equal(plain.Floats[i], with.Floats[i]);
        }
    }

    private static NativeBuffer Filled(int count)
    {
        NativeBuffer buffer = NativeBuffer.OfFloats(Math.Max(count, 512));
        var random = new Random(count);
        for (int i = 0; i < Math.Max(count, 512); i++)
            buffer.Floats[i] = random.NextSingle() - 0.5f;
        return buffer;
    }

    private readonly struct CopyAndCount(float* values, float* copy, float* seen) : IRangeKernel
    {
        public void Run<TSimd, TVector>(nint first, nint last, int worker)
            where TSimd : struct, ISimd<TVector>
            where TVector : unmanaged
        {
            for (nint i = first; i < last; i++)
            {
                copy[i] = values[i];
                seen[i]++;
            }
        }
    }
}
