using GptGen.Emulator;
using Xunit;
using static GptGen.Cuda.Tests.Emulator.RawCuda;

namespace GptGen.Cuda.Tests.Emulator;

public class LaunchTests
{
    private const string Scale = """
        extern "C" __global__ void scale(float* x, float factor, int n) {
            int i = blockIdx.x * blockDim.x + threadIdx.x;
            if (i < n) x[i] *= factor;
        }
        """;

    [Fact]
    public void A_kernel_runs_for_every_thread_of_the_grid()
    {
        using var cuda = new RawCuda();
        var x = cuda.Upload<float>(Enumerable.Range(0, 1000).Select(i => (float)i).ToArray());
        Check(Run(cuda.Kernel(Scale, "scale"), 4, 256, x, 3f, 1000));
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => 3f * i), Download<float>(x, 1000));
    }

    [Fact]
    public void Indices_follow_the_grid_and_the_block()
    {
        using var cuda = new RawCuda();
        var kernel = cuda.Kernel("""
            extern "C" __global__ void where(int* out) {
                int block = blockIdx.x + gridDim.x * blockIdx.y;
                out[block * blockDim.x + threadIdx.x] = (blockIdx.y * 10 + blockIdx.x) * 100 + threadIdx.x;
            }
            """, "where");
        var output = cuda.Allocate(4 * 3 * 2 * 40);
        Check(Launch(kernel, (3, 2), 40, 0, 0, output));
        var values = Download<int>(output, 240);
        for (var i = 0; i < values.Length; i++)
            Assert.Equal((i / 120 * 10 + i / 40 % 3) * 100 + i % 40, values[i]);
    }

    [Theory]
    [InlineData(0, 1, 0, 1)]       // no block
    [InlineData(1, 1025, 0, 1)]    // more threads than any device takes
    [InlineData(1, 65, 0, 701)]    // more than the kernel's launch bounds
    [InlineData(1, 32, 50000, 1)]  // more shared memory than the function was allowed
    public void What_a_device_refuses_is_refused(int grid, int threads, int dynamicShared, int status)
    {
        using var cuda = new RawCuda();
        var kernel = cuda.Kernel("""extern "C" __global__ void __launch_bounds__(64, 2) nothing() {}""", "nothing");
        Assert.Equal(status, Launch(kernel, (grid, 1), threads, dynamicShared, 0));
    }
}
