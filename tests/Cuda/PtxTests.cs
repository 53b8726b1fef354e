using GptGen.Emulator;
using Xunit;

namespace GptGen.Cuda.Tests;

/// <summary>What all kernels share compiles for real GPUs without a message, and the check itself sees mistakes.</summary>
[Collection(OtherProcesses.Name)]
public class PtxTests
{
    private const string Source = """
        extern "C" __global__ void __launch_bounds__(256) functions(float* x, bf16* y) {
            __shared__ float sums[8], largest[8];
            extern __shared__ float tile[];
            int i = blockIdx.x * 256 + threadIdx.x;
            float4 v = load4(x + 4 * i) + load4(y + 4 * i);
            float value = exponential(v.x) + logarithm(v.y) + sigmoid(v.z) + hyperbolicTangent(v.w) + normalCdf(sum(v)) + dot(v, v * 2.0f);
            tile[threadIdx.x] = blockSum<256>(value, sums) * blockMaximum<256>(maximum(v), largest);
            __syncthreads();
            store4(x + 4 * i, v * tile[threadIdx.x ^ 1]);
            store4(y + 4 * i, v - v * v);
            assign(y[i], __shfl_up_sync(WholeWarp, toFloat(y[i + 1]), 1));
        }

        extern "C" __global__ void product(const bf16* a, float* c) {
            __shared__ __align__(16) bf16 tile[512];
            copyAsync16(tile + threadIdx.x * 8, a + threadIdx.x * 8, threadIdx.x < 30);
            commitCopies();
            waitForCopies<0>();
            __syncthreads();
            unsigned left[4], right[4];
            loadMatrices(left, tile + threadIdx.x * 8);
            loadMatricesTransposed(right, tile + threadIdx.x * 8);
            unsigned half[2] = {right[0], right[1]};
            float sums[4] = {};
            multiplyBf16(sums, left, half);
            multiplyTf32(sums, left, half);
            c[threadIdx.x] = sums[0] + sums[1] + sums[2] + sums[3];
        }
        """;

    [Theory]
    [InlineData("sm_80")]
    [InlineData("sm_90")]
    public void The_shared_text_compiles_for_a_real_architecture(string architecture)
    {
        Assert.SkipWhen(PtxCompiler.Unavailable(architecture) is not null, PtxCompiler.Unavailable(architecture) ?? "");
        var result = PtxCompiler.Compile(SharedSources.Text("prelude.cuh", "tensor_cores.cuh") + Source, architecture);
        Assert.Equal("", result.Messages);
        Assert.Contains($".target {architecture}", result.Ptx);
        foreach (var instruction in new[]
        {
            ".entry functions", "shfl.sync.bfly", "ld.global.v4", "bar.sync", "mma.sync.aligned.m16n8k16", "ldmatrix.sync", "cp.async.cg",
        })
            Assert.Contains(instruction, result.Ptx);
        Assert.DoesNotContain("call", result.Ptx!.Replace("// callseq", ""), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("extern \"C\" __global__ void wrong(float* x) { x[0] = missing; }", "missing")]
    [InlineData("extern \"C\" __global__ void wrong(float* x) { x[0] = (bf16){1} + 1.0f; }", "invalid operands")]
    [InlineData("#include <cmath>\n", "file not found")]
    public void A_wrong_source_does_not_pass(string source, string message)
    {
        Assert.SkipWhen(PtxCompiler.Unavailable("sm_80") is not null, PtxCompiler.Unavailable("sm_80") ?? "");
        var result = PtxCompiler.Compile(SharedSources.Text("prelude.cuh") + source, "sm_80");
        Assert.Null(result.Ptx);
        Assert.Contains(message, result.Messages);
    }
}
