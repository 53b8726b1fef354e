using GptGen.Cuda.Driver;
using GptGen.Cuda.Kernels;
using GptGen.Cuda.Tests.Driver;
using GptGen.Emulator;
using Xunit;

namespace GptGen.Cuda.Tests;

/// <summary>The tensor cores' layouts: small products whose operands are asymmetric, so that a wrong lane or register shows.</summary>
public class TensorCoreTests
{
    // One warp: C (16 x 8) = A (16 x 16) B, with B given as 8 rows of 16.
    private const string Source = """
        extern "C" __global__ void productBf16(const bf16* a, const bf16* b, float* c) {
            __shared__ __align__(16) bf16 left[16 * 16], right[16 * 16];
            int t = threadIdx.x;
            copyAsync16(left + t * 8, a + t * 8);
            copyAsync16(right + t * 8, b + (t & 15) * 8, t < 16);
            commitCopies();
        #ifndef WITHOUT_WAIT
            waitForCopies<0>();
        #endif
            __syncthreads();
            unsigned rowFragment[4], columnFragment[4];
            loadMatrices(rowFragment, left + (t % 16) * 16 + t / 16 * 8);
            // Matrices 0 and 1: the two halves of k of the eight columns; 2 and 3 are the zeros behind.
            loadMatrices(columnFragment, right + (t % 8 + t / 16 * 8) * 16 + t / 8 % 2 * 8);
            unsigned columns[2] = {columnFragment[0], columnFragment[1]};
            float sums[4] = {0, 0, 0, 0};
            multiplyBf16(sums, rowFragment, columns);
            for (int i = 0; i < 4; i++) c[(t / 4 + i / 2 * 8) * 8 + t % 4 * 2 + i % 2] = sums[i];
        }

        // B given as 16 rows of 8, loaded transposed.
        extern "C" __global__ void productTransposed(const bf16* a, const bf16* b, float* c) {
            __shared__ __align__(16) bf16 right[16 * 8];
            int t = threadIdx.x;
            for (int i = t; i < 128; i += 32) right[i] = b[i];
            __syncwarp();
            unsigned rows[4], loaded[4];
            for (int i = 0; i < 4; i++) rows[i] = *(const unsigned*)(a + (t / 4 + i % 2 * 8) * 16 + i / 2 * 8 + t % 4 * 2);
            loadMatricesTransposed(loaded, right + t % 16 * 8);
            unsigned columns[2] = {loaded[0], loaded[1]};
            float sums[4] = {0, 0, 0, 0};
            multiplyBf16(sums, rows, columns);
            for (int i = 0; i < 4; i++) c[(t / 4 + i / 2 * 8) * 8 + t % 4 * 2 + i % 2] = sums[i];
        }

        // C (16 x 8) = A (16 x 8) B (8 x 8), B given by columns.
        extern "C" __global__ void productTf32(const float* a, const float* b, float* c) {
            int t = threadIdx.x;
            unsigned rows[4], columns[2];
            for (int i = 0; i < 4; i++) rows[i] = __float_as_uint(a[(t / 4 + i % 2 * 8) * 8 + t % 4 + i / 2 * 4]);
            for (int i = 0; i < 2; i++) columns[i] = __float_as_uint(b[t / 4 * 8 + t % 4 + i * 4]);
            float sums[4] = {1, 1, 1, 1};
            multiplyTf32(sums, rows, columns);
            for (int i = 0; i < 4; i++) c[(t / 4 + i / 2 * 8) * 8 + t % 4 * 2 + i % 2] = sums[i];
        }
        """;

    [Theory]
    [InlineData("productBf16", "0")]
    [InlineData("productBf16", "1")]
    [InlineData("productTransposed", "1")]
    public void A_bf16_product_agrees_with_the_sum(string name, string check)
    {
        using var gpu = new TestGpu(("CHECK", check));
        // Small integers are exact in bf16.
        int[] a = [.. Enumerable.Range(0, 256).Select(i => i * 7 % 23 - 11)], b = [.. Enumerable.Range(0, 128).Select(i => i * 5 % 19 - 9)];
        using var left = gpu.UploadSpan<ushort>(Narrow(a));
        using var right = gpu.UploadSpan<ushort>(Narrow(b));
        var result = Product(gpu, name, left, right);
        TestTarget.AssertNothingReported();
        for (var row = 0; row < 16; row++)
            for (var column = 0; column < 8; column++)
                Assert.Equal(
                    Enumerable.Range(0, 16).Sum(k => a[row * 16 + k] * b[name == "productBf16" ? column * 16 + k : k * 8 + column]),
                    result[row * 8 + column]);
    }

    [Fact]
    public void A_tf32_product_adds_to_what_is_there()
    {
        using var gpu = new TestGpu();
        float[] a = [.. Enumerable.Range(0, 128).Select(i => i * 7 % 23 - 11f)], b = [.. Enumerable.Range(0, 64).Select(i => i * 5 % 19 - 9f)];
        using var left = gpu.Upload(a);
        using var right = gpu.Upload(b);
        var result = Product(gpu, "productTf32", left, right);
        for (var row = 0; row < 16; row++)
            for (var column = 0; column < 8; column++)
                Assert.Equal(1 + Enumerable.Range(0, 8).Sum(k => a[row * 8 + k] * b[column * 8 + k]), result[row * 8 + column]);
    }

    [Fact]
    public void A_copy_that_nobody_waits_for_is_found()
    {
        TestTarget.RequireEmulator();
        using var gpu = new TestGpu(("CHECK", "1"));
        using var left = gpu.UploadSpan<ushort>(new ushort[256]);
        using var right = gpu.UploadSpan<ushort>(new ushort[128]);
        var message = Assert.Throws<GptGenException>(() => Product(gpu, "productBf16", left, right, new KernelDefine("WITHOUT_WAIT", 1))).Message;
        Assert.Contains("719", message);
        Assert.Contains("read of shared memory that nobody has written", CudaEmulator.Reports);
    }

    private static float[] Product(TestGpu gpu, string kernel, GpuMemory a, GpuMemory b, params KernelDefine[] defines)
    {
        var program = TestGpu.Program(SharedSources.Text("prelude.cuh", "tensor_cores.cuh") + Source, kernel) with { Defines = defines };
        using var module = GpuModule.Load(gpu.Context, program, gpu.Cache);
        using var c = gpu.Upload(new float[128]);
        gpu.Stream.Launch(module.Kernel(kernel), 1, 32, 0, a.Address, b.Address, c.Address);
        return gpu.Download(c);
    }

    private static ushort[] Narrow(int[] values) => [.. values.Select(value => (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16))];
}
