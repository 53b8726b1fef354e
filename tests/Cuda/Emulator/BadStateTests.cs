using System.Runtime.InteropServices;
using GptGen.Emulator;
using Xunit;
using static GptGen.Cuda.Tests.Emulator.RawCuda;

namespace GptGen.Cuda.Tests.Emulator;

/// <summary>The bad states that tests of the runtime rely on: each can be had, each looks as on a real machine, each can be left.</summary>
public sealed unsafe class BadStateTests
{
    private const string Source = """
        extern "C" __global__ void add(float* x, float amount) { x[threadIdx.x] += amount; }
        """;

    [Fact]
    public void A_machine_without_a_device()
    {
        Assert.SkipUnless(CudaEmulator.IsAvailable, CudaEmulator.Unavailable);
        CudaEmulator.Reset();
        CudaEmulator.Set("DEVICES", "0");
        Assert.Equal(100, Call("cuInit", 0));
        CudaEmulator.Reset();
        Assert.Equal(0, Call("cuInit", 0));
    }

    [Fact]
    public void An_old_device_tells_its_age()
    {
        using var cuda = new RawCuda(("CAPABILITY", "7.5"), ("NAME", "Old"), ("CUDA", "12080"));
        int major, minor, version;
        Check(Call("cuDeviceGetAttribute", (nint)(&major), 75, 0));
        Check(Call("cuDeviceGetAttribute", (nint)(&minor), 76, 0));
        Check(Call("cuDriverGetVersion", (nint)(&version)));
        Assert.Equal((7, 5, 12080), (major, minor, version));
        Check(Call("nvrtcVersion", (nint)(&major), (nint)(&minor)));
        Assert.Equal((12, 8), (major, minor));
    }

    [Fact]
    public void Memory_ends()
    {
        using var cuda = new RawCuda(("MEMORY", "1000000"));
        cuda.Allocate(600_000);
        ulong pointer;
        Assert.Equal(2, Call("cuMemAlloc_v2", (nint)(&pointer), 500_000));
        nuint free, total;
        Check(Call("cuMemGetInfo_v2", (nint)(&free), (nint)(&total)));
        Assert.Equal((400_000u, 1_000_000u), (free, total));
        cuda.Allocate(400_000);
    }

    [Fact]
    public void Everything_freed_is_counted()
    {
        using (var cuda = new RawCuda())
        {
            cuda.Allocate(100);
            Assert.Equal(100, CudaEmulator.AllocatedBytes);
        }

        Assert.Equal(0, CudaEmulator.AllocatedBytes);
        Assert.Equal(1, Call("cuMemFree_v2", 12345));
    }

    [Fact]
    public void A_planted_failure_comes_at_its_call_and_once()
    {
        using var cuda = new RawCuda();
        var kernel = cuda.Kernel(Source, "add");
        var x = cuda.Upload<float>([0]);
        CudaEmulator.Set("FAIL", "cuLaunchKernel=701@2,cuCtxSynchronize=702@3");
        Assert.Equal([0, 701, 0], Enumerable.Range(0, 3).Select(_ => Launch(kernel, (1, 1), 1, 0, 0, x, 1f)));
        Assert.Equal([0, 0, 702, 0], Enumerable.Range(0, 4).Select(_ => Call("cuCtxSynchronize")));
        Assert.Equal([2f], Download<float>(x, 1));
    }

    [Fact]
    public void A_kernel_that_fails_breaks_the_context_for_good()
    {
        using var cuda = new RawCuda();
        var kernel = cuda.Kernel(Source, "add");
        var x = cuda.Upload<float>([0]);
        CudaEmulator.Set("FAIL", "kernel=700@2");
        Check(Launch(kernel, (1, 1), 1, 0, 0, x, 1f));
        Check(Launch(kernel, (1, 1), 1, 0, 0, x, 1f));
        Assert.Equal(700, Call("cuCtxSynchronize"));
        ulong pointer;
        Assert.Equal(700, Call("cuMemAlloc_v2", (nint)(&pointer), 4));
        Assert.Equal(700, Launch(kernel, (1, 1), 1, 0, 0, x, 1f));
    }

    [Fact]
    public void A_program_that_does_not_compile_gives_the_log_with_its_line()
    {
        using var cuda = new RawCuda();
        var (status, log, _) = Compile("""
            // A mistake in the next line.
            extern "C" __global__ void wrong(float* x) { x[0] = missing; }
            """);
        Assert.Equal(6, status);
        Assert.Contains("kernel.cu:2", log);
        Assert.Contains("'missing' was not declared", log);
    }

    [Fact]
    public void There_is_no_include_path_but_the_given_headers()
    {
        using var cuda = new RawCuda();
        Assert.Equal(6, Compile("#include <cuda_fp16.h>").Status);
        Assert.Equal(6, Compile("#include <cmath>").Status);
        var kernel = cuda.Kernel(
            """
            #include "shared/amount.cuh"
            extern "C" __global__ void add(float* x) { x[0] += AMOUNT; }
            """,
            "add",
            headers: new() { ["shared/amount.cuh"] = "#define AMOUNT 3.0f\n" });
        var x = cuda.Upload<float>([1]);
        Check(Run(kernel, 1, 1, x));
        Assert.Equal([4f], Download<float>(x, 1));
    }

    [Theory]
    [InlineData("--gpu-architecture=sm_90", "13000", 0)]
    [InlineData("--gpu-architecture=sm_70", "12080", 0)]
    [InlineData("--gpu-architecture=sm_70", "13000", 5)]
    [InlineData("--no-such-option", "13000", 5)]
    public void Options_are_checked(string option, string version, int status)
    {
        using var cuda = new RawCuda(("CUDA", version));
        Assert.Equal(status, Compile(Source, [option]).Status);
    }

    [Fact]
    public void Damaged_and_foreign_images_are_refused()
    {
        using var cuda = new RawCuda();
        var image = Compile(Source).Image;
        Assert.Equal(0, Load(image).Status);
        var damaged = image.ToArray();
        damaged[image.Length / 2] ^= 1;
        Assert.Equal(200, Load(damaged).Status);
        Assert.Equal(200, Load(new byte[4096]).Status);
        CudaEmulator.Set("CHECK", "1");
        Assert.Equal(209, Load(image).Status);
    }

    [Fact]
    public void A_kernel_that_is_not_there_is_not_found()
    {
        using var cuda = new RawCuda();
        var module = Load(Compile(Source + "template <int N> __global__ void other() {}").Image).Module;
        using var strings = new NativeStrings();
        nint function;
        Assert.Equal(500, Call("cuModuleGetFunction", (nint)(&function), module, strings.Add("other")));
        Assert.Equal(500, Call("cuModuleGetFunction", (nint)(&function), module, strings.Add("missing")));
        Check(Call("cuModuleUnload", module));
        Assert.Equal(400, Call("cuModuleGetFunction", (nint)(&function), module, strings.Add("add")));
    }

    [Fact]
    public void Copies_stay_inside_their_allocation()
    {
        using var cuda = new RawCuda();
        var x = cuda.Allocate(16);
        var host = stackalloc byte[32];
        Assert.Equal(1, Call("cuMemcpyHtoD_v2", (nint)x, (nint)host, 17));
        Assert.Equal(1, Call("cuMemsetD8Async", (nint)x + 1, 0, 16, 0));
        Assert.Equal(0, Call("cuMemsetD8Async", (nint)x + 1, 0, 15, 0));
    }

    [Fact]
    public void Statuses_have_names_and_the_findings_of_a_failed_kernel()
    {
        using var cuda = new RawCuda();
        nint text;
        Check(Call("cuGetErrorName", 700, (nint)(&text)));
        Assert.Equal("CUDA_ERROR_ILLEGAL_ADDRESS", Marshal.PtrToStringUTF8(text));
        var kernel = cuda.Kernel("""extern "C" __global__ void odd() { if (threadIdx.x) __syncthreads(); else __syncwarp(2); }""", "odd");
        Assert.Equal(719, Run(kernel, 1, 32));
        Check(Call("cuGetErrorString", 719, (nint)(&text)));
        Assert.Contains("the calling lane is not in its mask [kernel odd, block (0,0,0), thread (0,0,0)]", Marshal.PtrToStringUTF8(text));
    }
}
