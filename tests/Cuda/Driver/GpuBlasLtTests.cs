using GptGen.Cuda.Driver;
using GptGen.Cuda.Driver.CublasLt;
using GptGen.Cuda.Kernels;
using GptGen.Emulator;
using GptGen.Runtime.Tests;
using ManagedCuda.BasicTypes;
using ManagedCuda.CudaBlas;
using Xunit;

namespace GptGen.Cuda.Tests.Driver;

/// <summary>Products that cuBLASLt ends, against sums written out in double, and the choice of algorithms.</summary>
public sealed unsafe class GpuBlasLtTests
{
    private const int Rows = 5;
    private const int Columns = 8;
    private const int Depth = 12;

    /// <summary>All endings, with all transpositions, and where the result is added to something, to other memory and to itself.</summary>
    [Theory]
    [CombinatorialEndings]
    public void Products_end_as_asked(string ending, bool transposeA, bool transposeB, string added)
    {
        using var gpu = new TestGpu();
        using var blas = GpuBlas.Create(gpu.Stream);
        using var fused = Open(gpu, blas);
        using var data = new Data(gpu, transposeA, transposeB);
        var product = data.Product(Enum.Parse<ProductEnding>(ending)) with
        {
            Added = added switch { "residual" => data.Residual.Address, "result" => data.Result.Address, _ => default },
        };
        var old = added switch { "residual" => gpu.Download(data.Residual), "result" => gpu.Download(data.Result), _ => null };
        var (a, b) = (gpu.Download(data.A), gpu.Download(data.B));
        var (vector, second) = (gpu.Download(data.Vector), gpu.Download(data.Second));
        var isServed = fused.TryMultiply(product, "Linear");
        Assert.SkipWhen(TestTarget.IsRealGpu && !isServed, "This cuBLASLt does not serve the product, which is then computed otherwise.");
        Assert.True(isServed);
        var (result, newVector, newSecond) = (gpu.Download(data.Result), gpu.Download(data.Vector), gpu.Download(data.Second));
        for (var row = 0; row < Rows; row++)
        {
            for (var column = 0; column < Columns; column++)
            {
                var (at, sum) = ((row * Columns) + column, 0.0);
                for (var k = 0; k < Depth; k++)
                    sum += (double)a[transposeA ? (k * Data.StrideA(true)) + row : (row * Depth) + k] * b[
                        transposeB ? (column * Depth) + k : (k * Columns) + column];
                sum += old?[at] ?? 0;
                if (product.Ending is ProductEnding.Bias or ProductEnding.ReluBias or ProductEnding.GeluBias or ProductEnding.GeluBiasKept)
                    sum += vector[column];
                if (product.Ending is ProductEnding.GeluKept or ProductEnding.GeluBiasKept)
                    Assert.Equal(sum, newSecond[at], 1e-5);
                var expected = product.Ending switch
                {
                    ProductEnding.Relu or ProductEnding.ReluBias => Math.Max(sum, 0),
                    ProductEnding.Gelu or ProductEnding.GeluBias or ProductEnding.GeluKept or ProductEnding.GeluBiasKept => Gelu(sum),
                    ProductEnding.GeluBackward => sum * (Gelu(second[at] + 1e-5) - Gelu(second[at] - 1e-5)) / 2e-5,
                    _ => sum,
                };
                Assert.Equal(expected, result[at], 2e-5);
            }

            if (product.Ending == ProductEnding.RowSumsOfLeft)
            {
                var sum = Enumerable.Range(0, Depth).Sum(k => (double)a[transposeA ? (k * Data.StrideA(true)) + row : (row * Depth) + k]);
                Assert.Equal(sum, newVector[row], 1e-5);
            }
        }
    }

    [Fact]
    public void What_is_not_served_is_refused_and_nothing_is_done()
    {
        TestTarget.RequireEmulator();
        using var gpu = new TestGpu();
        using var blas = GpuBlas.Create(gpu.Stream);
        using var fused = Open(gpu, blas);
        using var data = new Data(gpu, false, true);
        var before = gpu.Download(data.Result);
        var product = data.Product(ProductEnding.Bias);
        Assert.False(fused.TryMultiply(product with { Rows = 0 }, "Linear"));
        Assert.False(fused.TryMultiply(product with { Depth = 0 }, "Linear"));
        Assert.False(fused.TryMultiply(product with { Vector = product.Vector + sizeof(float) }, "Linear"));
        Assert.False(fused.TryMultiply(product with { A = product.A with { RowStride = Depth + 1 } }, "Linear"));
        Assert.False(fused.TryMultiply(product with { A = product.A with { Element = GpuElement.BFloat16, RowStride = 16 } }, "Linear"));
        Assert.False(fused.TryMultiply(product with { Ending = (ProductEnding)208 }, "Linear"));
        // A second matrix whose stride is no multiple of eight.
        Assert.False(fused.TryMultiply(
            product with { Columns = 4, Ending = ProductEnding.GeluKept, Result = product.Result with { RowStride = 4 } }, "Linear"));
        Assert.Equal(before, gpu.Download(data.Result));
        Assert.Equal(0, fused.Products);
    }

    /// <summary>The emulated library's own refusals, one wrong argument each.</summary>
    [Fact]
    public void The_emulator_refuses_wrong_arguments()
    {
        TestTarget.RequireEmulator();
        using var gpu = new TestGpu();
        IntPtr* handle = stackalloc IntPtr[1], description = stackalloc IntPtr[1], layout = stackalloc IntPtr[1], preference = stackalloc IntPtr[1];
        HeuristicResult* offer = stackalloc HeuristicResult[1];
        int* count = stackalloc int[1];
        float* factors = stackalloc float[2] { 1, 0 };
        Assert.Equal(CublasStatus.Success, CublasLtNativeMethods.cublasLtCreate(handle));
        Assert.Equal(
            CublasStatus.InvalidValue, CublasLtNativeMethods.cublasLtMatmulDescCreate(description, ComputeType.Compute32F, cudaDataType.CUDA_R_16BF));
        Assert.Equal(
            CublasStatus.Success, CublasLtNativeMethods.cublasLtMatmulDescCreate(description, ComputeType.Compute32F, cudaDataType.CUDA_R_32F));
        Assert.Equal(CublasStatus.Success, CublasLtNativeMethods.cublasLtMatrixLayoutCreate(layout, cudaDataType.CUDA_R_32F, 8, 8, 8));
        Assert.Equal(CublasStatus.Success, CublasLtNativeMethods.cublasLtMatmulPreferenceCreate(preference));
        Assert.Equal(CublasStatus.InvalidValue, Set(DescriptionAttribute.TransposeA, (short)0));
        Assert.Equal(CublasStatus.InvalidValue, Set((DescriptionAttribute)99, 0));
        Assert.Equal(CublasStatus.Success, Align(4));
        *count = 9;
        Assert.Equal(CublasStatus.NotSupported, Offer(*layout));
        Assert.Equal(0, *count);
        Assert.Equal(CublasStatus.Success, Align(16));
        Assert.Equal(CublasStatus.Success, Offer(*layout));
        Assert.Equal(1, *count);
        Assert.Equal(CublasStatus.InvalidValue, Offer(*handle));
        using var memory = gpu.Upload(new float[256]);
        MatmulAlgorithm* other = stackalloc MatmulAlgorithm[] { offer->Algorithm };
        ((byte*)other)[8] ^= 1;
        Assert.Equal(CublasStatus.Success, Multiply(memory.Address.Value, &offer->Algorithm));
        Assert.Equal(CublasStatus.NotSupported, Multiply(memory.Address.Value + 4, &offer->Algorithm));
        Assert.Equal(CublasStatus.InvalidValue, Multiply(memory.Address.Value, other));
        Assert.Equal(
            CublasStatus.NotSupported,
            CublasLtNativeMethods.cublasLtMatmulAlgoCheck(*handle, *description, *layout, *layout, *layout, *layout, other, offer));
        // A bias without an address.
        Assert.Equal(CublasStatus.Success, Set(DescriptionAttribute.Epilogue, (int)ProductEnding.Bias));
        Assert.Equal(CublasStatus.Success, Offer(*layout));
        Assert.Equal(CublasStatus.InvalidValue, Multiply(memory.Address.Value, &offer->Algorithm));
        // Addresses for which the ending has no use.
        var address = memory.Address.Value;
        Assert.Equal(CublasStatus.Success, Set(DescriptionAttribute.BiasPointer, address));
        Assert.Equal(CublasStatus.Success, With(ProductEnding.Bias));
        Assert.Equal(CublasStatus.InvalidValue, With(ProductEnding.None));
        Assert.Equal(CublasStatus.Success, Set(DescriptionAttribute.EpilogueAuxPointer, address));
        Assert.Equal(CublasStatus.Success, With(ProductEnding.Bias));
        Assert.Equal(CublasStatus.NotSupported, With(ProductEnding.ReluBias));
        CublasLtNativeMethods.cublasLtMatmulPreferenceDestroy(*preference);
        CublasLtNativeMethods.cublasLtMatrixLayoutDestroy(*layout);
        CublasLtNativeMethods.cublasLtMatmulDescDestroy(*description);
        Assert.Equal(CublasStatus.Success, CublasLtNativeMethods.cublasLtDestroy(*handle));
        Assert.Equal(CublasStatus.NotInitialized, CublasLtNativeMethods.cublasLtDestroy(*handle));

        CublasStatus Set<T>(DescriptionAttribute attribute, T value)
            where T : unmanaged =>
            CublasLtNativeMethods.cublasLtMatmulDescSetAttribute(*description, attribute, &value, (nuint)sizeof(T));

        CublasStatus With(ProductEnding ending)
        {
            Assert.Equal(CublasStatus.Success, Set(DescriptionAttribute.Epilogue, (int)ending));
            Assert.Equal(CublasStatus.Success, Offer(*layout));
            return Multiply(memory.Address.Value, &offer->Algorithm);
        }

        CublasStatus Align(uint bytes) =>
            CublasLtNativeMethods.cublasLtMatmulPreferenceSetAttribute(*preference, PreferenceAttribute.MinAlignmentC, &bytes, sizeof(uint));

        CublasStatus Offer(IntPtr matrix) => CublasLtNativeMethods.cublasLtMatmulAlgoGetHeuristic(
            *handle, *description, *layout, matrix, *layout, *layout, *preference, 1, offer, count);

        CublasStatus Multiply(ulong address, MatmulAlgorithm* algorithm) => CublasLtNativeMethods.cublasLtMatmul(
            *handle, *description, factors, address, *layout, address, *layout, factors + 1, address, *layout, address, *layout, algorithm, 0, 0,
            gpu.Stream.Handle.Pointer);
    }

    /// <summary>The first run times the algorithms and keeps the fastest, also where the result is added to itself; later ones take it.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_fastest_algorithm_is_kept(bool addsInPlace)
    {
        TestTarget.RequireEmulator();
        using var folder = new TemporaryFolder();
        Assert.Equal(5, ChosenWhere(5));
        Assert.Equal(5, ChosenWhere(7));
        var file = Assert.Single(Directory.GetFiles(folder.Path, "*.choice"));
        File.WriteAllBytes(file, [1, 2, 3]);
        Assert.Equal(7, ChosenWhere(7));

        int ChosenWhere(int fastest)
        {
            using var gpu = new TestGpu(("FASTEST", $"{fastest}"));
            using var blas = GpuBlas.Create(gpu.Stream);
            using var fused = GpuBlasLt.TryCreate(gpu.Stream, blas, isTimed: true, new KernelCache(folder.Path))!;
            using var data = new Data(gpu, false, true);
            using var plain = new Data(gpu, false, true);
            using var untimed = Open(gpu, blas);
            Run(fused, data);
            Run(untimed, plain);
            Assert.Equal(gpu.Download(plain.Result), gpu.Download(data.Result));
            // Behind the cache's own beginning and checksum, and the emulator's mark and problem.
            var kept = File.ReadAllBytes(Directory.GetFiles(folder.Path, "*.choice").Single());
            return (int)BitConverter.ToUInt64(kept, kept.Length - MatmulAlgorithm.Bytes + (2 * sizeof(ulong)));
        }

        void Run(GpuBlasLt fused, Data data)
        {
            var product = data.Product(ProductEnding.Bias);
            Assert.True(fused.TryMultiply(product with { Added = addsInPlace ? data.Result.Address : default }, "Linear"));
        }
    }

    /// <summary>A recording waits for nothing, so nothing is timed in it.</summary>
    [Fact]
    public void A_recording_times_nothing()
    {
        using var folder = new TemporaryFolder();
        using var gpu = new TestGpu();
        using var blas = GpuBlas.Create(gpu.Stream);
        using var fused = GpuBlasLt.TryCreate(gpu.Stream, blas, isTimed: true, new KernelCache(folder.Path))!;
        using var data = new Data(gpu, false, true);
        using var graph = gpu.Stream.Capture(
            null, () => Assert.True(fused.TryMultiply(data.Product(ProductEnding.Bias), "Linear")), "a test");
        gpu.Stream.Launch(graph, "a test");
        gpu.Stream.Synchronize("a test");
        Assert.Empty(Directory.GetFiles(folder.Path, "*.choice"));
    }

    private static double Gelu(double x) => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x))));

    private static GpuBlasLt Open(TestGpu gpu, GpuBlas blas) => GpuBlasLt.TryCreate(gpu.Stream, blas, isTimed: false, gpu.Cache)!;

    /// <summary>A product's operands, of f32.</summary>
    private sealed class Data(TestGpu gpu, bool transposeA, bool transposeB) : IDisposable
    {
        public GpuMemory A { get; } = gpu.Upload(Draw(1, Math.Max(Rows * Depth, Depth * StrideA(true))));

        public GpuMemory B { get; } = gpu.Upload(Draw(2, Columns * Depth));

        public GpuMemory Result { get; } = gpu.Upload(Draw(3, Rows * Columns));

        public GpuMemory Residual { get; } = gpu.Upload(Draw(4, Rows * Columns));

        public GpuMemory Vector { get; } = gpu.Upload(Draw(5, Math.Max(Rows, Columns)));

        public GpuMemory Second { get; } = gpu.Upload(Draw(6, Rows * Columns));

        /// <summary>Rows of five numbers would not begin at multiples of 16 bytes.</summary>
        public static int StrideA(bool transposed) => transposed ? Rows + 3 : Depth;

        public FusedProduct Product(ProductEnding ending) => new(
            Rows, Columns, Depth, new(A.Address, StrideA(transposeA), Transposed: transposeA),
            new(B.Address, transposeB ? Depth : Columns, Transposed: transposeB), new(Result.Address, Columns))
        {
            Ending = ending,
            Vector = Vector.Address,
            Second = Second.Address,
        };

        public void Dispose()
        {
            foreach (var memory in (GpuMemory[])[A, B, Result, Residual, Vector, Second])
                memory.Dispose();
        }

        private static float[] Draw(int seed, int count)
        {
            var random = new Random(seed);
            return [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 2) - 1)];
        }
    }

    /// <summary>Each ending with each transposition and each sum.</summary>
    private sealed class CombinatorialEndingsAttribute : Xunit.v3.DataAttribute
    {
        public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(
            System.Reflection.MethodInfo testMethod, Xunit.Sdk.DisposalTracker disposalTracker) => new(
        [
            .. from ending in Enum.GetNames<ProductEnding>()
               from transposeA in (bool[])[false, true]
               from transposeB in (bool[])[false, true]
               from added in (string[])["", "residual", "result"]
               select new TheoryDataRow(ending, transposeA, transposeB, added),
        ]);

        public override bool SupportsDiscoveryEnumeration() => true;
    }
}
