using GptGen.Cpu;
using Xunit;

namespace GptGen.Runtime.Tests.Cpu;

/// <summary>Matrices that are kept in panels: what is written is read again, and products have the bits of those with rows.</summary>
public sealed unsafe class PackedPanelsTests
{
    public static TheoryData<int, int, int> Shapes => new()
    {
        { 1, 1, 16 }, { 5, 3, 16 }, { 16, 8, 16 }, { 33, 17, 16 }, { 40, 390, 8 }, { 70, 801, 32 }, { 35, 769, 6 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void PiecesComeToTheirPlaces(int lines, int depth, int width)
    {
        var panels = new PackedPanels(lines, depth, width);
        var random = new Random(lines);
        float[] values = [.. Enumerable.Range(0, lines * depth).Select(_ => random.NextSingle())];
        using NativeBuffer byRows = NativeBuffer.OfFloats(panels.Floats), byColumns = NativeBuffer.OfFloats(panels.Floats);
        for (int first = 0, count; first < values.Length; first += count)
        {
            count = Math.Min(values.Length - first, random.Next(1, 3 * depth * width));
            panels.Write(byRows.Floats, first, values.AsSpan(first, count));
        }

        for (int column = 0, count; column < depth; column += count)
        {
            count = Math.Min(depth - column, random.Next(1, 40));
            // Two runs of rows, of which the second may begin inside a panel.
            foreach (var (start, end) in ((int, int)[])[(0, lines / 3), (lines / 3, lines)])
            {
                var turned = Enumerable.Range(column, count)
                    .SelectMany(k => Enumerable.Range(start, end - start).Select(line => values[line * depth + k]));
                panels.WriteColumns(byColumns.Floats, start, end - start, column, [.. turned]);
            }
        }

        var read = new float[values.Length];
        for (int first = 0, count; first < values.Length; first += count)
        {
            count = Math.Min(values.Length - first, random.Next(1, 2 * depth));
            panels.Read(byRows.Floats, first, read.AsSpan(first, count));
        }

        Assert.Equal(values, read);
        Assert.True(new Span<float>(byRows.Floats, (int)panels.Floats).SequenceEqual(new Span<float>(byColumns.Floats, (int)panels.Floats)));
    }

    [Theory]
    [MemberData(nameof(Levels.Available), MemberType = typeof(Levels))]
    public void ProductsHaveTheBitsOfThoseWithRows(string name)
    {
        SimdLevel level = Levels.Parse(name);
        foreach ((int n, int k) in new[] { (1, 1), (33, 17), (100, 385), (70, 1100), (40, 6200) })
        {
            var panels = new PackedPanels(n, k, MicroKernels.ColumnsOf(level));
            using NativeBuffer kept = NativeBuffer.OfFloats(panels.Floats);
            foreach (int m in new[] { 1, 6, 17, 130 })
            {
                using var product = new TestProduct(m, n, k, transposeA: false, transposeB: true);
                panels.Write(kept.Floats, 0, product.StoredRight);
                // As many columns as the matrix has rows, and fewer, as without the padding of a vocabulary.
                foreach (int columns in new[] { n, Math.Max(1, n - 5) })
                {
                    foreach (int threads in new[] { 1, 3 })
                    {
                        using var pool = new WorkerPool(threads);
                        using var workspace = new GemmWorkspace(pool, level);
                        product.Run(workspace, accumulate: false, useBias: true);
                        var expected = product.Result.ToArray();
                        product.Run(workspace, accumulate: false, useBias: true, columns: columns, right: new(kept.Floats, panels));
                        for (int row = 0; row < m; row++)
                        {
                            Assert.True(
                                expected.AsSpan(row * product.Stride, columns).SequenceEqual(product.Result.Slice(row * product.Stride, columns)),
                                $"{m} x {columns} of {n} x {k} with {threads} threads differs");
                        }
                    }
                }
            }
        }
    }

    [Fact]
    public void PanelsOfAnotherShapeAreRefused()
    {
        using var pool = new WorkerPool(1);
        using var workspace = new GemmWorkspace(pool);
        var panels = new PackedPanels(8, 4, MicroKernels.ColumnsOf(workspace.Level));
        using NativeBuffer kept = NativeBuffer.OfFloats(panels.Floats), other = NativeBuffer.OfFloats(64);
        var packed = new MatrixOperand(kept.Floats, panels);
        var plain = new MatrixOperand(other.Floats, 4);
        Assert.Throws<ArgumentException>(() => Gemm.Multiply(workspace, 2, 9, 4, plain, packed, other.Floats, 9));
        Assert.Throws<ArgumentException>(() => Gemm.Multiply(workspace, 2, 8, 4, packed, plain, other.Floats, 8));
        var narrow = new MatrixOperand(kept.Floats, panels with { Width = 2 });
        Assert.Throws<ArgumentException>(() => Gemm.Multiply(workspace, 2, 8, 4, plain, narrow, other.Floats, 8));
    }
}
