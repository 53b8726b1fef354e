using GptGen.Cpu;
using Xunit;

namespace GptGen.Runtime.Tests.Cpu;

/// <summary>The matrix product against a product in double precision, at sizes that fit no tile.</summary>
public sealed unsafe class GemmTests
{
    private static readonly (int M, int N, int K)[] Sizes =
    [
        (1, 1, 1), (1, 5, 3), (7, 1, 9), (6, 16, 8), (12, 32, 16), (13, 33, 17), (5, 70, 385), (97, 31, 64),
        (25, 130, 800), (131, 29, 769), (9, 35, 6200),
    ];

    [Theory]
    [MemberData(nameof(Levels.WithLayouts), MemberType = typeof(Levels))]
    public void AgreesWithDouble(string level, bool transposeA, bool transposeB)
    {
        using var pool = new WorkerPool(2);
        using var workspace = new GemmWorkspace(pool, Levels.Parse(level));
        foreach ((int m, int n, int k) in Sizes)
        {
            foreach (bool accumulate in new[] { false, true })
            {
                foreach (bool bias in new[] { false, true })
                {
                    using var product = new TestProduct(m, n, k, transposeA, transposeB);
                    product.Run(workspace, accumulate, bias);
                    product.AssertCorrect(accumulate, bias);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Levels.WithLayouts), MemberType = typeof(Levels))]
    public void HasTheSameBitsForEveryNumberOfThreads(string level, bool transposeA, bool transposeB)
    {
        foreach ((int m, int n, int k) in new[] { (50, 301, 800), (301, 50, 800), (75, 75, 6200) })
        {
            using var expected = new TestProduct(m, n, k, transposeA, transposeB);
            using (var single = new WorkerPool(1))
            using (var workspace = new GemmWorkspace(single, Levels.Parse(level)))
            {
                expected.Run(workspace, accumulate: true, useBias: true);
            }

            foreach (int threads in new[] { 2, 3, 5 })
            {
                using var pool = new WorkerPool(threads);
                using var workspace = new GemmWorkspace(pool, Levels.Parse(level), sharedLimit: 100_000);
                using var product = new TestProduct(m, n, k, transposeA, transposeB);
                product.Run(workspace, accumulate: true, useBias: true);
                Assert.True(expected.Result.SequenceEqual(product.Result), $"{m} x {n} x {k} with {threads} threads differs");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Levels.WithLayouts), MemberType = typeof(Levels))]
    public void HasTheSameRowsWhateverTheOtherRows(string level, bool transposeA, bool transposeB)
    {
        using var pool = new WorkerPool(2);
        using var workspace = new GemmWorkspace(pool, Levels.Parse(level));
        const int M = 90, N = 61, K = 801;
        using var whole = new TestProduct(M, N, K, transposeA, transposeB);
        using var part = new TestProduct(M, N, K, transposeA, transposeB);
        whole.Run(workspace, accumulate: false, useBias: true);
        part.Run(workspace, accumulate: false, useBias: true, rows: 37);
        int count = 36 * part.Stride + N;
        Assert.True(whole.Result[..count].SequenceEqual(part.Result[..count]));
    }

    [Theory]
    [MemberData(nameof(Levels.WithLayouts), MemberType = typeof(Levels))]
    public void IsDoneInPartsWhenTheOperandsAreLarge(string level, bool transposeA, bool transposeB)
    {
        using var pool = new WorkerPool(2);
        using var workspace = new GemmWorkspace(pool, Levels.Parse(level), sharedLimit: 10_000);
        foreach ((int m, int n) in new[] { (90, 101), (101, 90) })
        {
            using var product = new TestProduct(m, n, 900, transposeA, transposeB);
            product.Run(workspace, accumulate: true, useBias: true);
            product.AssertCorrect(accumulate: true, useBias: true);
        }
    }

    [Fact]
    public void NoDepthGivesTheBias()
    {
        using var pool = new WorkerPool(2);
        using var workspace = new GemmWorkspace(pool);
        float* c = stackalloc float[4] { 1f, 2f, 3f, 4f };
        float* bias = stackalloc float[2] { 10f, 20f };
        MatrixOperand nothing = default;
        Gemm.Multiply(workspace, 2, 2, 0, nothing, nothing, c, 2, accumulate: true, bias);
        Assert.Equal([11f, 22f, 13f, 24f], new ReadOnlySpan<float>(c, 4).ToArray());
        Gemm.Multiply(workspace, 2, 2, 0, nothing, nothing, c, 2);
        Assert.Equal([0f, 0f, 0f, 0f], new ReadOnlySpan<float>(c, 4).ToArray());
    }

    [Fact]
    public void NoRowsOrColumnsTouchNothing()
    {
        using var pool = new WorkerPool(1);
        using var workspace = new GemmWorkspace(pool);
        Gemm.Multiply(workspace, 0, 3, 3, default, default, null, 3);
        Gemm.Multiply(workspace, 3, 0, 3, default, default, null, 3);
        Assert.Throws<ArgumentOutOfRangeException>(() => Gemm.Multiply(workspace, -1, 1, 1, default, default, null, 1));
    }

    [Fact]
    public void AllocatesNothingOnceWarm()
    {
        using var pool = new WorkerPool(2);
        using var workspace = new GemmWorkspace(pool);
        using var product = new TestProduct(300, 200, 500, transposeA: false, transposeB: true);
        product.Run(workspace, accumulate: false, useBias: true);
        float* panels = workspace.Shared;
        long[] allocated = AllocationProbe.Measure(pool, () =>
        {
            for (int i = 0; i < 20; i++)
            {
                product.Run(workspace, accumulate: false, useBias: true);
            }
        });
        Assert.Equal([0, 0], allocated);
        Assert.True(panels == workspace.Shared);
    }
}
