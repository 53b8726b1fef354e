using GptGen.Cuda.Driver;
using GptGen.Cuda.Kernels;
using GptGen.Emulator;
using Xunit;

namespace GptGen.Cuda.Tests.Driver;

/// <summary>Whatever fails is named: the call, what it was for, the status, and what to do.</summary>
public class BadStateTests
{
    private const string Source = """extern "C" __global__ void Set(float* x) { x[threadIdx.x] = VALUE; }""";

    [Theory]
    [InlineData("cuInit=100", "cuInit failed in the start of CUDA: CUDA_ERROR_NO_DEVICE (100", "CUDA_VISIBLE_DEVICES")]
    [InlineData("cuInit=803", "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH (803", "restart the machine")]
    [InlineData("cuDevicePrimaryCtxRetain=999", "cuDevicePrimaryCtxRetain failed in the opening of GPU 0: CUDA_ERROR_UNKNOWN", "Restart the program")]
    public void A_driver_that_does_not_start(string failure, string cause, string remedy)
    {
        TestGpu.Prepare(("FAIL", failure));
        var message = Assert.Throws<GptGenException>(() => GpuContext.Open()).Message;
        Assert.Contains(cause, message);
        Assert.Contains(remedy, message);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void A_driver_older_than_CUDA_12()
    {
        TestGpu.Prepare(("CUDA", "11080"));
        Assert.Contains("the driver runs CUDA 11.8, and at least CUDA 12 is needed", Assert.Throws<GptGenException>(() => GpuContext.Open()).Message);
    }

    [Fact]
    public void A_GPU_that_is_too_old_or_not_there()
    {
        TestGpu.Prepare(("CAPABILITY", "7.5"));
        Assert.Contains("compute capability 7.5, and the kernels need 8.0", Assert.Throws<GptGenException>(() => GpuContext.Open()).Message);
        TestGpu.Prepare();
        Assert.Contains("There is no GPU 3", Assert.Throws<GptGenException>(() => GpuContext.Open(3)).Message);
    }

    [Fact]
    public void Out_of_memory_tells_how_much_is_needed_and_free_and_leaves_the_GPU_usable()
    {
        using var gpu = new TestGpu(("MEMORY", "100000000"));
        using var first = GpuMemory.Allocate(gpu.Context, 60_000_000, "parameters");
        var message = Assert.Throws<GptGenException>(() => GpuMemory.Allocate(gpu.Context, 50_000_000, "activations")).Message;
        Assert.Contains("cuMemAlloc failed in activations: CUDA_ERROR_OUT_OF_MEMORY, 50.0 MB are needed and 40.0 of 100.0 MB are free", message);
        first.Dispose();
        using var second = GpuMemory.Allocate(gpu.Context, 50_000_000, "activations");
    }

    [Fact]
    public void A_launch_that_fails_names_the_kernel()
    {
        TestTarget.RequireEmulator();
        using var gpu = new TestGpu();
        using var module = GpuModule.Load(gpu.Context, Program(1), gpu.Cache);
        using var x = gpu.Upload(1);
        CudaEmulator.Set("FAIL", "cuLaunchKernel=701");
        var message = Assert.Throws<GptGenException>(() => gpu.Stream.Launch(module.Kernel("Set"), 1, 1, 0, x.Address)).Message;
        Assert.StartsWith("cuLaunchKernel failed in Set: CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES (701", message);
    }

    [Fact]
    public void A_kernel_that_fails_while_it_runs_shows_at_the_next_wait()
    {
        TestTarget.RequireEmulator();
        using var gpu = new TestGpu();
        using var module = GpuModule.Load(gpu.Context, Program(1), gpu.Cache);
        using var x = gpu.Upload(1);
        CudaEmulator.Set("FAIL", "kernel=700");
        var message = Assert.Throws<GptGenException>(() =>
        {
            gpu.Stream.Launch(module.Kernel("Set"), 1, 1, 0, x.Address);
            gpu.Stream.Synchronize("the step's end");
        }).Message;
        Assert.StartsWith("cuStreamSynchronize failed in the step's end: CUDA_ERROR_ILLEGAL_ADDRESS (700", message);
        Assert.Contains("GPTGEN_CUDA_SYNC=1", message);
    }

    [Fact]
    public void A_product_that_fails_names_the_operator()
    {
        TestTarget.RequireEmulator();
        using var gpu = new TestGpu();
        using var blas = GpuBlas.Create(gpu.Stream);
        using var x = gpu.Upload(1);
        CudaEmulator.Set("FAIL", "cublasGemmStridedBatchedEx=13");
        var matrix = new GpuMatrix(x.Address, 1);
        Assert.StartsWith(
            "cublasGemmStridedBatchedEx failed in Attention: CUBLAS_STATUS_EXECUTION_FAILED (13)",
            Assert.Throws<GptGenException>(() => blas.MultiplyBatch(1, 1, 1, 1, matrix, matrix, matrix, default, "Attention")).Message);
    }

    [Fact]
    public void Memory_is_freed_at_once_and_by_the_finalizer_where_that_was_forgotten()
    {
        TestTarget.RequireEmulator();
        using var gpu = new TestGpu();
        var before = CudaEmulator.AllocatedBytes;
        var memory = GpuMemory.Allocate(gpu.Context, 1 << 20, "a test");
        Assert.True(CudaEmulator.AllocatedBytes >= before + (1 << 20));
        memory.Dispose();
        memory.Dispose();
        Assert.Equal(before, CudaEmulator.AllocatedBytes);
        Forget(gpu.Context);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.Equal(before, CudaEmulator.AllocatedBytes);
    }

    [Fact]
    public void A_context_stays_open_until_its_last_resource_is_gone()
    {
        TestTarget.RequireEmulator();
        TestGpu.Prepare();
        var context = GpuContext.Open();
        var memory = GpuMemory.Allocate(context, 1000, "a test");
        context.Dispose();
        memory.Dispose();
        Assert.Equal(0, CudaEmulator.AllocatedBytes);
        Assert.Throws<ObjectDisposedException>(() => GpuStream.Create(context));
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static void Forget(GpuContext context) => GpuMemory.Allocate(context, 1 << 20, "a test");

    private static KernelProgram Program(int value) => TestGpu.Program(Source, "Set") with { Defines = [new("VALUE", value)] };
}
