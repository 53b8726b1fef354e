using Xunit;
using static GptGen.Cuda.Tests.Emulator.RawCuda;

namespace GptGen.Cuda.Tests.Emulator;

/// <summary>Matrix products against a sum written out in double, with cuBLAS's order of columns.</summary>
public sealed unsafe class GemmTests
{
    private const int F32 = 0, F16 = 2, BF16 = 14;
    private const int Compute32 = 68, FastTf32 = 77, FastBf16 = 75;

    [Theory]
    [CombinatorialShapes]
    public void A_product_is_the_sum_of_products(bool transposeA, bool transposeB, int m, int n, int k, float alpha, float beta)
    {
        using var blas = new Blas();
        int lda = (transposeA ? k : m) + 3, ldb = (transposeB ? n : k) + 1, ldc = m + 2;
        float[] a = Draw(lda * (transposeA ? m : k)), b = Draw(ldb * (transposeB ? k : n)), c = Draw(ldc * n);
        var result = blas.Multiply(transposeA, transposeB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc, F32, F32, Compute32);
        for (var column = 0; column < n; column++)
            for (var row = 0; row < ldc; row++)
            {
                double expected = c[column * ldc + row];
                if (row < m)
                    expected = beta * expected + alpha * Enumerable.Range(0, k).Sum(i =>
                        (double)a[transposeA ? row * lda + i : i * lda + row] * b[transposeB ? i * ldb + column : column * ldb + i]);
                Assert.Equal(expected, result[column * ldc + row], 1e-5 * Math.Max(1, k));
            }
    }

    // The smallest part of 1 that each format of the inputs can hold beside it.
    [Theory]
    [InlineData(Compute32, 23)]
    [InlineData(FastTf32, 10)]
    [InlineData(FastBf16, 7)]
    public void Fast_products_round_their_inputs(int compute, int bits)
    {
        using var blas = new Blas();
        float held = 1 + MathF.ScaleB(1, -bits), lost = 1 + MathF.ScaleB(1, -bits - 2);
        float Square(float x) => blas.Multiply(false, false, 1, 1, 1, 1, [x], 1, [1f], 1, 0, [0f], 1, F32, F32, compute)[0];
        Assert.Equal(held, Square(held));
        if (bits < 21)
            Assert.Equal(1, Square(lost));
    }

    [Theory]
    [InlineData(BF16, F32, 7)]
    [InlineData(BF16, BF16, 7)]
    [InlineData(F16, F32, 10)]
    [InlineData(F16, F16, 10)]
    public void Sixteen_bit_inputs_and_outputs_keep_their_mantissa(int input, int output, int bits)
    {
        using var blas = new Blas();
        float[] a = Draw(12), b = Draw(12);
        var result = blas.Multiply(false, true, 3, 3, 4, 1, a, 3, b, 3, 0, new float[9], 3, input, output, Compute32);
        for (var row = 0; row < 3; row++)
            for (var column = 0; column < 3; column++)
            {
                var expected = Enumerable.Range(0, 4).Sum(i => Round(a[i * 3 + row], bits) * Round(b[i * 3 + column], bits));
                Assert.Equal(output == F32 ? expected : Round((float)expected, bits), result[column * 3 + row], 1e-6);
            }
    }

    [Fact]
    public void A_batch_steps_through_all_three_matrices()
    {
        using var blas = new Blas();
        float[] a = Draw(3 * 10), b = Draw(3 * 10);
        var result = blas.MultiplyBatch(2, 3, 2, a, 10, b, 10, 8, 3);
        for (var i = 0; i < 3; i++)
            for (var row = 0; row < 2; row++)
                for (var column = 0; column < 3; column++)
                    Assert.Equal(
                        a[i * 10 + row] * b[i * 10 + column * 2] + a[i * 10 + 2 + row] * b[i * 10 + column * 2 + 1], result[i * 8 + column * 2 + row],
                        1e-5);
    }

    [Fact]
    public void With_beta_zero_the_old_values_are_not_read()
    {
        using var blas = new Blas();
        Assert.Equal([6f], blas.Multiply(false, false, 1, 1, 1, 1, [2f], 1, [3f], 1, 0, [float.NaN], 1, F32, F32, Compute32));
    }

    [Theory]
    [InlineData(4, 3, 4, F32, Compute32, 7)]   // a leading dimension below the rows
    [InlineData(4, 4, 4, 1, Compute32, 15)]    // f64 inputs
    [InlineData(4, 4, 4, F32, 66, 15)]         // a compute type of other inputs
    public void Wrong_arguments_are_refused(int m, int lda, int ldc, int type, int compute, int status)
    {
        using var blas = new Blas();
        Assert.Equal(status, blas.Status(m, 4, 4, new float[16], lda, new float[16], 4, new float[16], ldc, type, compute));
    }

    [Fact]
    public void A_product_that_leaves_its_memory_fails_as_on_a_device()
    {
        using var blas = new Blas();
        Assert.Equal(0, blas.Status(4, 4, 4, new float[15], 4, new float[16], 4, new float[16], 4, F32, Compute32));
        Assert.Equal(700, Call("cuCtxSynchronize"));
    }

    private static float[] Draw(int count)
    {
        var random = new Random(count);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() * 2 - 1)];
    }

    private static double Round(float value, int bits)
    {
        if (value == 0)
            return 0;
        var step = Math.ScaleB(1, Math.ILogB(value) - bits);
        return Math.Round(value / step, MidpointRounding.ToEven) * step;
    }

    /// <summary>Shapes around the block that the emulator keeps in registers, each with all transpositions.</summary>
    private sealed class CombinatorialShapesAttribute : Xunit.v3.DataAttribute
    {
        public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(
            System.Reflection.MethodInfo testMethod, Xunit.Sdk.DisposalTracker disposalTracker)
        {
            var rows = new List<ITheoryDataRow>();
            foreach (var transposeA in new[] { false, true })
                foreach (var transposeB in new[] { false, true })
                    foreach (var (m, n, k, alpha, beta) in new[]
                    {
                        (1, 1, 1, 1f, 0f), (16, 4, 8, 1f, 1f), (17, 5, 33, 0.5f, -2f), (3, 9, 2, -1f, 0f), (2, 3, 0, 1f, 0.5f),
                    })
                        rows.Add(new TheoryDataRow(transposeA, transposeB, m, n, k, alpha, beta));
            return new(rows);
        }

        public override bool SupportsDiscoveryEnumeration() => true;
    }
}
