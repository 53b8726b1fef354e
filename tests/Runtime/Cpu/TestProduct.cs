using GptGen.Cpu;
using Xunit;

namespace GptGen.Runtime.Tests.Cpu;

/// <summary>Random operands with padded rows, a result that starts with known values, and the product in double precision.</summary>
internal sealed unsafe class TestProduct : IDisposable
{
    private readonly int m, n, k, strideA, strideB;
    private readonly bool transposeA, transposeB;
    private readonly NativeBuffer a, b, c, bias;
    private readonly float[] initial;

    public TestProduct(int m, int n, int k, bool transposeA, bool transposeB)
    {
        (this.m, this.n, this.k, this.transposeA, this.transposeB) = (m, n, k, transposeA, transposeB);
        strideA = (transposeA ? m : k) + 3;
        strideB = (transposeB ? k : n) + 1;
        Stride = n + 2;
        var random = new Random(m * 7919 + n * 104729 + k);
        a = RandomBuffer(random, (transposeA ? k : m) * strideA);
        b = RandomBuffer(random, (transposeB ? n : k) * strideB);
        c = RandomBuffer(random, m * Stride);
        bias = RandomBuffer(random, n);
        initial = Result.ToArray();
    }

    public int Stride { get; }

    public ReadOnlySpan<float> Result => new(c.Floats, m * Stride);

    /// <summary>The right operand as it is stored, without what is between its rows.</summary>
    public float[] StoredRight
    {
        get
        {
            var (rows, width) = transposeB ? (n, k) : (k, n);
            var values = new float[rows * width];
            for (int row = 0; row < rows; row++)
                new ReadOnlySpan<float>(b.Floats + row * strideB, width).CopyTo(values.AsSpan(row * width));
            return values;
        }
    }

    public static NativeBuffer RandomBuffer(Random random, int count)
    {
        NativeBuffer buffer = NativeBuffer.OfFloats(count);
        for (int i = 0; i < count; i++)
        {
            buffer.Floats[i] = random.NextSingle() * 2f - 1f;
        }

        return buffer;
    }

    public void Run(GemmWorkspace workspace, bool accumulate, bool useBias, int? rows = null, int? columns = null, MatrixOperand? right = null) =>
        Gemm.Multiply(
            workspace, rows ?? m, columns ?? n, k, new(a.Floats, strideA, transposeA), right ?? new(b.Floats, strideB, transposeB),
            c.Floats, Stride, accumulate, useBias ? bias.Floats : null);

    public void AssertCorrect(bool accumulate, bool useBias)
    {
        for (int i = 0; i < m; i++)
        {
            for (int j = 0; j < Stride; j++)
            {
                float actual = Result[i * Stride + j];
                double before = initial[i * Stride + j];
                if (j >= n)
                {
                    Assert.True(before == actual, $"[{i}, {j}], between the rows, was changed");
                    continue;
                }

                // Roundings are small against the terms, not against a sum in which they cancel, and grow like a random walk.
                (double expected, double terms) = Dot(i, j);
                expected += (accumulate ? before : 0) + (useBias ? bias.Floats[j] : 0);
                Assert.True(
                    Math.Abs(expected - actual) <= 6e-8 * (3 + Math.Sqrt(k)) * (terms + 2),
                    $"{m} x {n} x {k}, accumulate {accumulate}, bias {useBias}: [{i}, {j}] is {actual}, not {expected}");
            }
        }
    }

    public void Dispose()
    {
        a.Dispose();
        b.Dispose();
        c.Dispose();
        bias.Dispose();
    }

    private (double Sum, double Terms) Dot(int i, int j)
    {
        double sum = 0, terms = 0;
        for (int p = 0; p < k; p++)
        {
            double left = a.Floats[transposeA ? p * strideA + i : i * strideA + p];
            double right = b.Floats[transposeB ? j * strideB + p : p * strideB + j];
            sum += left * right;
            terms += Math.Abs(left * right);
        }

        return (sum, terms);
    }
}
