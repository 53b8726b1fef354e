using System.Globalization;
using System.Text.RegularExpressions;
using GptGen.Emulator;
using Xunit;
using static GptGen.Cuda.Tests.Emulator.RawCuda;

namespace GptGen.Cuda.Tests.Emulator;

/// <summary>The checker finds each kind of mistake, says where, and has nothing to say about the same kernel without it.</summary>
public class CheckerTests
{
    // MISTAKE picks one; 0 is the right kernel.
    private const string Source = """
        __device__ __forceinline__ void barrier(bool wanted) { if (wanted) __syncthreads(); }

        extern "C" __global__ void kernel(const float* in, float* out, int n) {
            __shared__ float tile[64];
            __shared__ float second[64];
            int i = blockIdx.x * 64 + threadIdx.x;
        #if MISTAKE == 1  // a missing barrier
            tile[threadIdx.x] = i < n ? in[i] : 0;
        #elif MISTAKE == 4  // a read that nobody wrote
            if (threadIdx.x != 5) tile[threadIdx.x] = i < n ? in[i] : 0;
            __syncthreads();
        #elif MISTAKE == 5  // half of the block at another barrier
            tile[threadIdx.x] = i < n ? in[i] : 0;
            if (threadIdx.x < 32) __syncthreads();
            else
                __syncthreads();
        #elif MISTAKE == 8  // a thread that leaves before the barrier
            if (i >= n) return;
            tile[threadIdx.x] = in[i];
            __syncthreads();
        #else
            tile[threadIdx.x] = i < n ? in[i] : 0;
            __syncthreads();
        #endif
            float value = tile[63 - threadIdx.x];
        #if MISTAKE != 6  // else: written again while others still read
            __syncthreads();
        #endif
            tile[threadIdx.x] = value;
            second[threadIdx.x] = value;
        #if MISTAKE == 7  // lanes of a warp exchange without a barrier of the warp
            value += second[threadIdx.x ^ 1];
        #else
            __syncwarp();
            value += second[threadIdx.x ^ 1];
        #endif
        #if MISTAKE == 2  // no guard for the last rows
            out[i] = value;
        #elif MISTAKE == 3  // far outside, where nothing else can lie
            if (i < n) out[i - (1ll << 40)] = value;
        #elif MISTAKE == 9  // two blocks write the same
            if (i < n) out[threadIdx.x] = value;
        #elif MISTAKE == 10  // a plain sum where an atomic one is needed
            if (i < n) out[0] += value;
        #elif MISTAKE == 11  // a shuffle from a lane that takes no part
            if (threadIdx.x < 16) value = __shfl_sync(0x0000ffffu, value, 20);
            if (i < n) out[i] = value;
        #elif MISTAKE == 12  // beyond the array in shared memory's neighbour
            if (i < n) out[i] = value + in[n + (int)threadIdx.x];
        #else
            if (i < n) out[i] = value;
        #endif
        }
        """;

    private const int Count = 100;

    [Fact]
    public void The_right_kernel_is_clean()
    {
        var (status, reports, output) = RunKernel(0);
        Assert.Equal((0, ""), (status, reports));
        Assert.Equal(Enumerable.Range(0, 64).Select(i => 63f - i + (63 - (i ^ 1))), output[..64]);
    }

    [Theory]
    [InlineData(1, "read of shared memory that nobody has written", 719)]
    [InlineData(2, "invalid global write of 4 bytes", 700)]
    [InlineData(3, "invalid global write of 4 bytes", 700)]
    [InlineData(4, "read of shared memory that nobody has written", 719)]
    [InlineData(5, "divergent __syncthreads: line 16, others wait at line 14", 719)]
    [InlineData(6, "race: write after a read by thread", 719)]
    [InlineData(7, "race: read after a write by thread", 719)]
    [InlineData(8, "divergent __syncthreads: a thread returned", 719)]
    [InlineData(9, "race: write after a write by thread 0 of block 0 on global memory", 719)]
    [InlineData(10, "on global memory", 719)]
    [InlineData(11, "reads lane 20, which takes no part", 719)]
    [InlineData(12, "invalid global read of 4 bytes", 700)]
    public void A_mistake_is_found_and_placed(int mistake, string finding, int expected)
    {
        var (status, reports, _) = RunKernel(mistake);
        Assert.Equal(expected, status);
        Assert.Contains(finding, reports);
        Assert.Matches(@"\[kernel kernel, block \(\d+,0,0\), thread \(\d+,0,0\)\]", reports);
    }

    [Fact]
    public void The_place_is_the_guilty_thread()
    {
        // Rows 100 to 127 lie outside, from thread 36 of block 1 on.
        var place = Regex.Match(RunKernel(2).Reports, @"block \(1,0,0\), thread \((\d+),0,0\)");
        Assert.InRange(int.Parse(place.Groups[1].Value, CultureInfo.InvariantCulture), 36, 63);
    }

    [Fact]
    public void A_thread_that_never_arrives_is_reported_without_the_checker()
    {
        using var cuda = new RawCuda();
        var kernel = cuda.Kernel("""
            extern "C" __global__ void stuck() {
                if (threadIdx.x < 16) __syncwarp(0x0000ffffu);
                else if (threadIdx.x < 31) __syncwarp(0xffff0000u);
                else __syncthreads();
            }
            """, "stuck");
        Assert.Equal(719, Run(kernel, 1, 32));
        Assert.Contains("deadlock: 16 of 32 threads never finished", CudaEmulator.Reports);
    }

    /// <summary>The processor would end the process.</summary>
    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    public void A_division_by_zero_is_reported_with_and_without_the_checker(string check)
    {
        using var cuda = new RawCuda(("CHECK", check));
        var kernel = cuda.Kernel(
            """extern "C" __global__ void divide(unsigned long long* values) { values[threadIdx.x] = 7 / values[threadIdx.x]; }""", "divide");
        Check(Run(kernel, 1, 2, cuda.Upload<ulong>([1, 7])));
        Assert.Equal(719, Run(kernel, 1, 2, cuda.Upload<ulong>([7, 0])));
        Assert.Contains("division of whole numbers by zero [kernel divide, block (0,0,0), thread (1,0,0)]", CudaEmulator.Reports);
    }

    [Theory]
    [InlineData("__syncthreads();", "")]
    [InlineData("", "race: write after a read")]
    public void An_asynchronous_copy_waits_until_nobody_reads_its_target(string barrier, string finding)
    {
        using var cuda = new RawCuda(("CHECK", "1"));
        var kernel = cuda.Kernel($$"""
            extern "C" __global__ void kernel(const float* in, float* out) {
                __shared__ __align__(16) float tile[128];
                for (int i = threadIdx.x; i < 128; i += 64) tile[i] = in[i];
                __syncthreads();
                float value = tile[127 - threadIdx.x];
                {{barrier}}
                if (threadIdx.x < 32) emulator_copy_async(tile + 4 * threadIdx.x, in + 4 * threadIdx.x, 16, 16);
                emulator_copy_commit();
                emulator_copy_wait(0);
                __syncthreads();
                out[threadIdx.x] = value + tile[threadIdx.x];
            }
            """, "kernel");
        var input = cuda.Upload<float>(Enumerable.Range(0, 128).Select(i => (float)i).ToArray());
        Assert.Equal(finding.Length > 0, Run(kernel, 1, 64, input, cuda.Allocate(256)) != 0);
        Assert.Contains(finding, CudaEmulator.Reports);
    }

    [Fact]
    public void Atomic_sums_of_all_threads_are_no_race()
    {
        using var cuda = new RawCuda(("CHECK", "1"));
        var kernel = cuda.Kernel("""extern "C" __global__ void count(int* out) { atomicAdd(out, 1); }""", "count");
        var output = cuda.Upload<int>([0]);
        Check(Run(kernel, 3, 70, output));
        Assert.Equal(210, Download<int>(output, 1)[0]);
    }

    [Fact]
    public void Dynamic_shared_memory_has_an_end()
    {
        using var cuda = new RawCuda(("CHECK", "1"));
        var kernel = cuda.Kernel("""extern "C" __global__ void fill() { extern __shared__ float tile[]; tile[threadIdx.x] = 1; }""", "fill");
        Check(Launch(kernel, (1, 1), 32, 128, 0));
        Check(Call("cuCtxSynchronize"));
        Check(Launch(kernel, (1, 1), 33, 128, 0));
        Assert.Equal(700, Call("cuCtxSynchronize"));
        Assert.Contains("outside the 128 bytes of dynamic shared memory [kernel fill, block (0,0,0), thread (32,0,0)]", CudaEmulator.Reports);
    }

    private static (int Status, string Reports, float[] Output) RunKernel(int mistake)
    {
        using var cuda = new RawCuda(("CHECK", "1"));
        var kernel = cuda.Kernel(Source, "kernel", [$"-DMISTAKE={mistake}"]);
        var input = cuda.Upload<float>(Enumerable.Range(0, Count).Select(i => (float)i).ToArray());
        var output = cuda.Upload<float>(new float[Count]);
        var status = Run(kernel, 2, 64, input, output, Count);
        var reports = CudaEmulator.Reports;
        CudaEmulator.Reset();
        return (status, reports, Download<float>(output, Count));
    }
}
