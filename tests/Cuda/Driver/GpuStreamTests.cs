using GptGen.Cuda.Driver;
using GptGen.Emulator;
using Xunit;

namespace GptGen.Cuda.Tests.Driver;

public class GpuStreamTests
{
    private const string Source = """
        extern "C" __global__ void Axpy(float* y, const float* x, float a, int n, long long offset, unsigned times)
        {
            int i = blockIdx.x * blockDim.x + threadIdx.x;
            if (i < n) y[i] += a * x[i] * times + offset;
        }
        template <int Factor> __global__ void Times(float* x) { x[threadIdx.x] *= Factor; }
        extern "C" __global__ void Reversed(float* x)
        {
            extern __shared__ float shared[];
            shared[threadIdx.x] = x[threadIdx.x];
            __syncthreads();
            x[threadIdx.x] = shared[blockDim.x - 1 - threadIdx.x];
        }
        """;

    [Fact]
    public void A_launch_passes_arguments_of_each_type()
    {
        using var gpu = new TestGpu();
        using var module = gpu.Load(Source, "Axpy");
        using var y = gpu.Upload(1, 2, 3);
        using var x = gpu.Upload(10, 20, 30);
        gpu.Stream.Launch(module.Kernel("Axpy"), GridSize.Covering(2, 32), 32, 0, y.Address, x.Address, 0.5f, 2, -1L, 3u);
        Assert.Equal([15, 31, 3], gpu.Download(y));
    }

    [Fact]
    public void Templates_are_launched_by_their_expression()
    {
        using var gpu = new TestGpu();
        using var module = gpu.Load(Source, "Times<3>", "Times<5>");
        using var x = gpu.Upload(1, 2);
        gpu.Stream.Launch(module.Kernel("Times<3>"), 1, 2, 0, x.Address);
        gpu.Stream.Launch(module.Kernel("Times<5>"), 1, 1, 0, x.Address);
        Assert.Equal([15, 6], gpu.Download(x));
    }

    [Fact]
    public void A_grid_without_blocks_is_no_launch()
    {
        TestTarget.RequireEmulator();
        using var gpu = new TestGpu();
        using var module = gpu.Load(Source, "Times<3>");
        using var x = gpu.Upload(1);
        var launches = CudaEmulator.LaunchCount;
        gpu.Stream.Launch(module.Kernel("Times<3>"), GridSize.Covering(0, 32), 32, 0, x.Address);
        Assert.Equal(launches, CudaEmulator.LaunchCount);
    }

    [Fact]
    public void Much_dynamic_shared_memory_is_asked_for()
    {
        using var gpu = new TestGpu();
        using var module = gpu.Load(Source, "Reversed");
        using var x = gpu.Upload(1, 2, 3);
        gpu.Stream.Launch(module.Kernel("Reversed"), 1, 3, 100_000, x.Address);
        Assert.Equal([3, 2, 1], gpu.Download(x));
    }

    [Fact]
    public void Copies_and_fills_reach_the_bytes_that_they_name()
    {
        using var gpu = new TestGpu();
        using var a = gpu.Upload(1, 2, 3, 4);
        using var b = gpu.Upload(5, 6, 7, 8);
        gpu.Stream.CopyOnGpu(a.Address + 4, b.Address + 8, 8, "a test");
        gpu.Stream.Clear(b.Address, 4, "a test");
        gpu.Stream.Fill(b.Address + 4, 0x40490fdb, 2, "a test");
        Assert.Equal([1, 7, 8, 4], gpu.Download(a));
        Assert.Equal([0, MathF.PI, MathF.PI, 8], gpu.Download(b));
    }

    [Fact]
    public void A_copy_outside_pinned_memory_is_refused()
    {
        using var gpu = new TestGpu();
        using var memory = gpu.Upload(1, 2);
        using var staging = PinnedMemory.Allocate(gpu.Context, 8, "a test");
        Assert.Throws<ArgumentOutOfRangeException>(() => gpu.Stream.CopyToHost(staging, 4, memory.Address, 8, "a test"));
        Assert.Throws<ArgumentOutOfRangeException>(() => gpu.Stream.CopyToGpu(memory.Address, staging, -1, 4, "a test"));
    }

    [Fact]
    public void A_second_stream_waits_for_a_mark_in_the_first()
    {
        using var gpu = new TestGpu(("DEFERRED", "1"));
        using var module = gpu.Load(Source, "Times<3>");
        using var x = gpu.Upload(7);
        using var copies = GpuStream.Create(gpu.Context);
        using var staging = PinnedMemory.Allocate(gpu.Context, 4, "a test");
        using var done = GpuEvent.Create(gpu.Context);
        gpu.Stream.Launch(module.Kernel("Times<3>"), 1, 1, 0, x.Address);
        gpu.Stream.Record(done, "a test");
        copies.Wait(done, "a test");
        copies.CopyToHost(staging, 0, x.Address, 4, "a test");
        copies.Synchronize("a test");
        Assert.Equal(21, staging.Span<float>(1)[0]);
    }

    [Fact]
    public void Timed_events_measure()
    {
        using var gpu = new TestGpu();
        using var start = GpuEvent.Create(gpu.Context, timed: true);
        using var end = GpuEvent.Create(gpu.Context, timed: true);
        gpu.Stream.Record(start, "a test");
        gpu.Stream.Record(end, "a test");
        end.Synchronize("a test");
        Assert.InRange(end.MillisecondsSince(start), 0, 10_000);
    }

    [Fact]
    public void A_graph_runs_again_and_takes_new_arguments()
    {
        using var gpu = new TestGpu();
        using var module = gpu.Load(Source, "Times<3>", "Times<5>");
        using var x = gpu.Upload(1);
        using var y = gpu.Upload(1);
        var graph = gpu.Stream.Capture(null, () => gpu.Stream.Launch(module.Kernel("Times<3>"), 1, 1, 0, x.Address), "a test");
        Assert.Equal([1], gpu.Download(x));
        gpu.Stream.Launch(graph, "a test");
        gpu.Stream.Launch(graph, "a test");
        Assert.Equal([9], gpu.Download(x));
        var updated = gpu.Stream.Capture(graph, () => gpu.Stream.Launch(module.Kernel("Times<3>"), 1, 1, 0, y.Address), "a test");
        Assert.Same(graph, updated);
        gpu.Stream.Launch(graph, "a test");
        Assert.Equal([9, 3], gpu.Download(x).Concat(gpu.Download(y)));
        gpu.Stream.Capture(
            graph,
            () =>
            {
                gpu.Stream.Launch(module.Kernel("Times<3>"), 1, 1, 0, x.Address);
                gpu.Stream.Launch(module.Kernel("Times<5>"), 1, 1, 0, x.Address);
            },
            "a test");
        gpu.Stream.Launch(graph, "a test");
        Assert.Equal([135], gpu.Download(x));
        graph.Dispose();
    }

    [Fact]
    public void A_recording_that_fails_leaves_the_stream_usable()
    {
        using var gpu = new TestGpu();
        using var x = gpu.Upload(4);
        Assert.Throws<InvalidOperationException>(() => gpu.Stream.Capture(null, () => throw new InvalidOperationException(), "a test"));
        Assert.False(gpu.Stream.Capturing);
        Assert.Equal([4], gpu.Download(x));
    }

    [Fact]
    public void Launches_copies_and_products_allocate_nothing()
    {
        using var gpu = new TestGpu();
        using var module = gpu.Load(Source, "Axpy");
        using var blas = GpuBlas.Create(gpu.Stream);
        using var x = gpu.Upload(1, 2, 3, 4);
        using var staging = PinnedMemory.Allocate(gpu.Context, 16, "a test");
        using var done = GpuEvent.Create(gpu.Context);
        var kernel = module.Kernel("Axpy");
        var matrix = new GpuMatrix(x.Address, 2);
        void Work()
        {
            gpu.Stream.Launch(kernel, 1, 32, 0, x.Address, x.Address, 0.5f, 4, 0L, 1u);
            gpu.Stream.CopyToGpu(x.Address, staging, 0, 16, "a test");
            gpu.Stream.CopyToHost(staging, 0, x.Address, 16, "a test");
            blas.Multiply(2, 2, 2, matrix, matrix, matrix, "a test");
            gpu.Stream.Record(done, "a test");
            gpu.Stream.Synchronize("a test");
        }

        Work();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10; i++)
            Work();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
