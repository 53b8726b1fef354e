using Xunit;
using static GptGen.Cuda.Tests.Emulator.RawCuda;

namespace GptGen.Cuda.Tests.Emulator;

/// <summary>Shared memory and barriers: blocks whose threads need what the others wrote.</summary>
public class BlockTests
{
    private const string Source = """
        extern "C" __global__ void reverse(const float* in, float* out) {
            __shared__ float tile[64];
            tile[threadIdx.x] = in[blockIdx.x * 64 + threadIdx.x];
            __syncthreads();
            out[blockIdx.x * 64 + threadIdx.x] = tile[63 - threadIdx.x];
        }

        extern "C" __global__ void reverseDynamic(const float* in, float* out) {
            extern __shared__ __align__(16) float tile[];
            tile[threadIdx.x] = in[blockIdx.x * blockDim.x + threadIdx.x];
            __syncthreads();
            out[blockIdx.x * blockDim.x + threadIdx.x] = tile[blockDim.x - 1 - threadIdx.x];
        }

        // A tree: each level needs the one before.
        extern "C" __global__ void total(const float* in, float* out, int n) {
            __shared__ float sums[256];
            float sum = 0;
            for (int i = threadIdx.x; i < n; i += 256) sum += in[i];
            sums[threadIdx.x] = sum;
            for (int half = 128; half > 0; half /= 2) {
                __syncthreads();
                if (threadIdx.x < half) sums[threadIdx.x] += sums[threadIdx.x + half];
            }
            if (threadIdx.x == 0) *out = sums[0];
        }

        // One thread a query; tiles of keys and values through shared memory; softmax on the way.
        extern "C" __global__ void __launch_bounds__(32) attention(float* out, const float* q, const float* k, const float* v, int length) {
            __shared__ float keys[8][SIZE], values[8][SIZE];
            int query = blockIdx.x * 32 + threadIdx.x;
            float own[SIZE], sum[SIZE], largest = -3.4e38f, total = 0;
            for (int d = 0; d < SIZE; d++) {
                own[d] = query < length ? q[query * SIZE + d] : 0;
                sum[d] = 0;
            }
            for (int first = 0; first < min(length, (int)(blockIdx.x + 1) * 32); first += 8) {
                for (int i = threadIdx.x; i < 8 * SIZE; i += 32) {
                    int row = first + i / SIZE;
                    keys[i / SIZE][i % SIZE] = row < length ? k[row * SIZE + i % SIZE] : 0;
                    values[i / SIZE][i % SIZE] = row < length ? v[row * SIZE + i % SIZE] : 0;
                }
                __syncthreads();
                for (int j = 0; j < 8 && first + j <= query && first + j < length; j++) {
                    float score = 0;
                    for (int d = 0; d < SIZE; d++) score += own[d] * keys[j][d];
                    score *= rsqrtf((float)SIZE);
                    float next = fmaxf(largest, score), old = expf(largest - next), weight = expf(score - next);
                    total = total * old + weight;
                    for (int d = 0; d < SIZE; d++) sum[d] = sum[d] * old + weight * values[j][d];
                    largest = next;
                }
                __syncthreads();
            }
            if (query < length)
                for (int d = 0; d < SIZE; d++) out[query * SIZE + d] = sum[d] / total;
        }
        """;

    private const int Size = 16;

    private static readonly string[] Options = [$"-DSIZE={Size}", "--gpu-architecture=sm_90", "--std=c++17"];

    [Theory]
    [InlineData("reverse", 0)]
    [InlineData("reverseDynamic", 256)]
    public void Threads_exchange_through_shared_memory(string name, int dynamicShared)
    {
        using var cuda = new RawCuda();
        var input = Enumerable.Range(0, 192).Select(i => i * 0.5f).ToArray();
        var output = cuda.Allocate(4 * input.Length);
        Check(Launch(cuda.Kernel(Source, name, Options), (3, 1), 64, dynamicShared, 0, cuda.Upload<float>(input), output));
        Assert.Equal(input.Chunk(64).SelectMany(block => block.Reverse()), Download<float>(output, 192));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(255)]
    [InlineData(1000)]
    public void A_block_sums_an_array(int count)
    {
        using var cuda = new RawCuda();
        var input = Enumerable.Range(1, count).Select(i => (float)i).ToArray();
        var output = cuda.Allocate(4);
        Check(Run(cuda.Kernel(Source, "total", Options), 1, 256, cuda.Upload<float>(input), output, count));
        Assert.Equal(count * (count + 1) / 2, Download<float>(output, 1)[0]);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    public void Attention_by_tiles_agrees_with_the_definition(string check)
    {
        const int Length = 50;
        using var cuda = new RawCuda(("CHECK", check));
        var random = new Random(1);
        float[] Draw() => [.. Enumerable.Range(0, Length * Size).Select(_ => random.NextSingle() * 4 - 2)];
        float[] q = Draw(), k = Draw(), v = Draw();
        var output = cuda.Allocate(4 * q.Length);
        Check(
            Run(
                cuda.Kernel(Source, "attention", Options), 2, 32, output, cuda.Upload<float>(q), cuda.Upload<float>(k), cuda.Upload<float>(v),
                Length));
        var result = Download<float>(output, q.Length);
        for (var i = 0; i < Length; i++)
        {
            var weights = new double[i + 1];
            for (var j = 0; j <= i; j++)
                weights[j] = Math.Exp(Enumerable.Range(0, Size).Sum(d => (double)q[i * Size + d] * k[j * Size + d]) / Math.Sqrt(Size));
            for (var d = 0; d < Size; d++)
                Assert.Equal(Enumerable.Range(0, i + 1).Sum(j => weights[j] * v[j * Size + d]) / weights.Sum(), result[i * Size + d], 5e-6);
        }
    }
}
