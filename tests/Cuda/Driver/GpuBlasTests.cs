using GptGen.Cuda.Driver;
using Xunit;

namespace GptGen.Cuda.Tests.Driver;

public class GpuBlasTests
{
    private const int Rows = 3;
    private const int Columns = 4;
    private const int Depth = 5;

    [Theory]
    [InlineData(false, false, 0)]
    [InlineData(true, false, 0)]
    [InlineData(false, true, 0)]
    [InlineData(true, true, 2)]
    [InlineData(false, false, 3)]
    public void Products_of_matrices_by_rows(bool transposeA, bool transposeB, int padding)
    {
        using var gpu = new TestGpu();
        using var blas = GpuBlas.Create(gpu.Stream);
        var a = Stored(Rows, Depth, transposeA, padding, seed: 1);
        var b = Stored(Depth, Columns, transposeB, padding, seed: 2);
        var c = Stored(Rows, Columns, false, padding, seed: 3);
        using var gpuA = gpu.Upload(a.Values);
        using var gpuB = gpu.Upload(b.Values);
        using var gpuC = gpu.Upload(c.Values);
        blas.Multiply(
            Rows, Columns, Depth, new(gpuA.Address, a.Stride, Transposed: transposeA), new(gpuB.Address, b.Stride, Transposed: transposeB),
            new(gpuC.Address, c.Stride), "Linear", scale: 2, keep: 0.5f);
        var expected = c.Values.ToArray();
        for (var row = 0; row < Rows; row++)
        {
            for (var column = 0; column < Columns; column++)
                expected[(row * c.Stride) + column] = (2 * Sum(a, transposeA, b, transposeB, row, column)) + (
                    0.5f * c.Values[(row * c.Stride) + column]);
        }

        Assert.Equal(expected, gpu.Download(gpuC));
    }

    [Fact]
    public void Batches_step_through_each_matrix()
    {
        using var gpu = new TestGpu();
        using var blas = GpuBlas.Create(gpu.Stream);
        using var a = gpu.Upload(1, 2, 10, 20);
        using var b = gpu.Upload(3, 5, 7, 11);
        using var c = gpu.Upload(0, 0, 0);
        blas.MultiplyBatch(2, 1, 1, 2, new(a.Address, 2), new(b.Address, 1), new(c.Address, 1), new(2, 2, 2), "Attention");
        Assert.Equal([13, 0, 290], gpu.Download(c));
    }

    [Fact]
    public void Nothing_is_asked_for_an_empty_result()
    {
        using var gpu = new TestGpu();
        using var blas = GpuBlas.Create(gpu.Stream);
        using var x = gpu.Upload(1);
        var matrix = new GpuMatrix(x.Address, 1);
        blas.Multiply(0, 1, 1, matrix, matrix, matrix, "Linear");
        blas.MultiplyBatch(0, 1, 1, 1, matrix, matrix, matrix, default, "Linear");
        Assert.Equal([1], gpu.Download(x));
        Assert.True(blas.Version() >= 12_00_00);
    }

    /// <summary>Small integers, so that sums are exact.</summary>
    private static (float[] Values, int Stride) Stored(int rows, int columns, bool transposed, int padding, int seed)
    {
        var (lines, width) = transposed ? (columns, rows) : (rows, columns);
        var random = new Random(seed);
        return ([.. Enumerable.Range(0, lines * (width + padding)).Select(_ => (float)random.Next(-8, 9))], width + padding);
    }

    private static float Sum((float[] Values, int Stride) a, bool transposeA, (float[] Values, int Stride) b, bool transposeB, int row, int column)
    {
        var sum = 0f;
        for (var k = 0; k < Depth; k++)
            sum += a.Values[transposeA ? (k * a.Stride) + row : (row * a.Stride) + k] * b.Values[
                transposeB ? (column * b.Stride) + k : (k * b.Stride) + column];
        return sum;
    }
}
