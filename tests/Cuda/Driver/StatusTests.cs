using System.Reflection;
using System.Runtime.InteropServices;
using GptGen.Cuda.Driver;
using GptGen.Cuda.Kernels;
using GptGen.Emulator;
using GptGen.Runtime.Tests;
using ManagedCuda;
using ManagedCuda.CudaBlas;
using ManagedCuda.NVRTC;
using Xunit;

namespace GptGen.Cuda.Tests.Driver;

/// <summary>Every call of CUDA's libraries that can fail, made to fail: none goes unseen, and the message names the call and the status.</summary>
public class StatusTests
{
    private const string Source = """extern "C" __global__ void Set(float* x) { x[0] = 1; }""";

    /// <summary>Calls that give back what there is, after which nothing is to be done, and those that put a status into words.</summary>
    private static readonly string[] s_unchecked =
    [
        "cuDevicePrimaryCtxRelease_v2", "cuModuleUnload", "cuMemFree_v2", "cuMemFreeHost", "cuStreamDestroy_v2", "cuEventDestroy_v2",
        "cuGraphExecDestroy", "cuGraphDestroy", "cublasDestroy_v2", "nvrtcDestroyProgram", "cuGetErrorName", "cuGetErrorString",
        "nvrtcGetErrorString",
    ];

    /// <summary>One compilation for all tests that do not test the compiler.</summary>
    private static readonly Lazy<TemporaryFolder> s_cache = new(static () =>
    {
        var folder = new TemporaryFolder();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Dispose();
        return folder;
    });

    private const string OtherBinding = "ManagedCuda's own packages declare more than is used.";

    /// <summary>The calls that are checked; one empty name where the binding is not ours, because a theory needs data.</summary>
    public static TheoryData<string> Calls => [.. EntryPoints().Except(s_unchecked).Order(StringComparer.Ordinal).DefaultIfEmpty("")];

    [Theory]
    [MemberData(nameof(Calls))]
    public void A_call_that_fails_is_named(string entryPoint)
    {
        Assert.SkipWhen(entryPoint.Length == 0, OtherBinding);
        TestTarget.RequireEmulator();
        TestGpu.Prepare(("FAIL", $"{entryPoint}=7"));
        using var empty = new TemporaryFolder();
        var cache = new KernelCache((IsOfCompilation(entryPoint) ? empty : s_cache.Value).Path);
        var message = Assert.Throws<GptGenException>(() => UseEverything(cache)).Message;
        var name = entryPoint.Replace("WithFlags", "", StringComparison.Ordinal).Split("_v2")[0];
        Assert.Matches($"^{name} failed in [^:]+: .*\\b7\\b.*\\. ", message);
        TestTarget.Reset();
        Assert.Equal(0, CudaEmulator.AllocatedBytes);
    }

    [Fact]
    public void The_calls_are_all_there_are()
    {
        TestTarget.RequireEmulator();
        Assert.SkipUnless(EntryPoints().Any(), OtherBinding);
        TestGpu.Prepare();
        Assert.Empty(s_unchecked.Except(EntryPoints()));
        Assert.InRange(Calls.Count(), 40, 100);
        UseEverything(new KernelCache(s_cache.Value.Path));
        Assert.Equal("", CudaEmulator.Reports);
        Assert.Equal(0, CudaEmulator.AllocatedBytes);
    }

    /// <summary>Whether it is made only where the cache lacks the program, or is made up for by a compilation where the cache has it.</summary>
    private static bool IsOfCompilation(string entryPoint) =>
        entryPoint.StartsWith("nvrtc", StringComparison.Ordinal) || entryPoint.StartsWith("cuModule", StringComparison.Ordinal);

    /// <summary>The functions that our binding declares; none where ManagedCuda's own packages stand in its place.</summary>
    private static IEnumerable<string> EntryPoints() =>
        from type in (Type[])[
            typeof(DriverAPINativeMethods), .. typeof(DriverAPINativeMethods).GetNestedTypes(BindingFlags.NonPublic), typeof(CudaBlasNativeMethods),
            typeof(NVRTCNativeMethods)]
        where type.Assembly == typeof(GptGenException).Assembly
        from method in type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
        let import = method.GetCustomAttribute<DllImportAttribute>()
        where import is not null
        select import.EntryPoint;

    /// <summary>Makes every call at least once.</summary>
    private static void UseEverything(KernelCache cache)
    {
        using var context = GpuContext.Open();
        context.Memory("a test");
        GpuProperties.BusAddress(0);
        using var stream = GpuStream.Create(context);
        using var module = GpuModule.Load(context, TestGpu.Program(Source, "Set"), cache);
        using var blas = GpuBlas.Create(stream);
        blas.Version();
        using var memory = GpuMemory.Allocate(context, 1024, "a test");
        using var pinned = PinnedMemory.Allocate(context, 1024, "a test");
        using var start = GpuEvent.Create(context, timed: true);
        using var end = GpuEvent.Create(context, timed: true);
        stream.Record(start, "a test");
        stream.Wait(start, "a test");
        stream.CopyToGpu(memory.Address, pinned, 0, 64, "a test");
        stream.CopyToHost(pinned, 0, memory.Address, 64, "a test");
        stream.CopyOnGpu(memory.Address + 512, memory.Address, 64, "a test");
        stream.Clear(memory.Address, 64, "a test");
        stream.Fill(memory.Address, 1, 16, "a test");
        stream.Launch(module.Kernel("Set"), 1, 1, 100_000, memory.Address);
        var matrix = new GpuMatrix(memory.Address, 1);
        blas.Multiply(1, 1, 1, matrix, matrix, matrix, "a test");
        blas.MultiplyBatch(1, 1, 1, 1, matrix, matrix, matrix, default, "a test");
        using var graph = stream.Capture(null, () => stream.Clear(memory.Address, 64, "a test"), "a test");
        stream.Capture(graph, () => stream.Clear(memory.Address, 32, "a test"), "a test");
        stream.Launch(graph, "a test");
        stream.Record(end, "a test");
        end.Synchronize("a test");
        end.MillisecondsSince(start);
        stream.Synchronize("a test");
        context.Synchronize("a test");
        // PTX, as for a GPU that is newer than the compiler.
        new KernelCompiler(200).Compile(TestGpu.Program(Source, "Set"), cache);
        var refusal = Assert.Throws<GptGenException>(() => new KernelCompiler(90).Compile(TestGpu.Program("wrong", "Set"), cache));
        if (!refusal.Message.StartsWith("The test's kernels do not compile", StringComparison.Ordinal))
            throw refusal;
    }
}
