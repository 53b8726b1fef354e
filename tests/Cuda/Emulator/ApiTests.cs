using System.Runtime.InteropServices;
using GptGen.Emulator;
using Xunit;
using static GptGen.Cuda.Tests.Emulator.RawCuda;

namespace GptGen.Cuda.Tests.Emulator;

/// <summary>The library under the names that programs look for, and the less common ways in.</summary>
public sealed unsafe class ApiTests
{
    [Fact]
    public void Each_library_name_has_its_entry_points()
    {
        Assert.SkipUnless(CudaEmulator.IsAvailable, CudaEmulator.Unavailable);
        (string Library, string[] Names)[] expected =
        [
            ("libcuda.so.1", ["cuInit", "cuMemAlloc_v2", "cuMemAllocAsync", "cuMemHostAlloc", "cuMemcpyHtoDAsync_v2", "cuMemsetD32Async",
                "cuStreamBeginCapture_v2", "cuGraphInstantiateWithFlags", "cuGraphExecUpdate_v2", "cuFuncSetAttribute", "cuLaunchKernel",
                "cuLaunchKernelEx", "cuGetProcAddress_v2"]),
            ("libcublas.so.12", ["cublasCreate_v2", "cublasGemmEx"]),
            ("libcublas.so.13", ["cublasCreate_v2", "cublasGemmStridedBatchedEx", "cublasSgemm_v2", "cublasSetWorkspace_v2"]),
            ("libnvrtc.so.12", ["nvrtcCreateProgram", "nvrtcGetCUBIN"]),
            ("libnvrtc.so.13", ["nvrtcGetLoweredName", "nvrtcGetSupportedArchs"]),
        ];
        foreach (var (library, names) in expected)
        {
            var handle = NativeLibrary.Load(Path.Combine(CudaEmulator.Folder, library));
            foreach (var name in names)
                Assert.True(NativeLibrary.TryGetExport(handle, name, out _), $"{library} lacks {name}");
        }
    }

    [Fact]
    public void Libraries_linked_elsewhere_are_the_same_machine()
    {
        using var cuda = new RawCuda(("DEVICES", "3"));
        var folder = Directory.CreateTempSubdirectory().FullName;
        CudaEmulator.LinkInto(folder, "libcuda.so.1");
        Assert.Equal(["libcuda.so.1"], Directory.EnumerateFiles(folder).Select(Path.GetFileName));
        var count = (delegate* unmanaged<int*, int>)NativeLibrary.GetExport(
            NativeLibrary.Load(Path.Combine(folder, "libcuda.so.1")), "cuDeviceGetCount");
        int devices;
        Check(count(&devices));
        Assert.Equal(3, devices);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void Templates_are_found_by_their_lowered_names()
    {
        using var cuda = new RawCuda();
        using var strings = new NativeStrings();
        nint program;
        var create = (delegate* unmanaged<nint*, nint, nint, int, nint, nint, int>)CudaEmulator.EntryPoint("nvrtcCreateProgram");
        Check(
            create(
                &program,
                strings.Add("template <int N, class T> __global__ void add(T* x) { *x += N; } extern \"C\" __global__ void one(int* x) { *x += 1; }"),
                0, 0, 0, 0));
        string[] expressions = ["add<5, int>", "add<7, float>", "one"];
        foreach (var expression in expressions)
            Check(Call("nvrtcAddNameExpression", program, strings.Add(expression)));
        Check(Call("nvrtcCompileProgram", program, 0));
        nuint size;
        Check(Call("nvrtcGetPTXSize", program, (nint)(&size)));
        var image = new byte[size];
        fixed (byte* target = image)
            Check(Call("nvrtcGetPTX", program, (nint)target));
        var module = Load(image).Module;
        var functions = new List<nint>();
        foreach (var expression in expressions)
        {
            nint name;
            Check(Call("nvrtcGetLoweredName", program, strings.Add(expression), (nint)(&name)));
            functions.Add(Function(module, Marshal.PtrToStringUTF8(name)!));
        }

        ulong integer = cuda.Upload<int>([10]), real = cuda.Upload<float>([10]);
        Check(Run(functions[0], 1, 1, integer));
        Check(Run(functions[1], 1, 1, real));
        Check(Run(functions[2], 1, 1, integer));
        Assert.Equal((16, 17f), (Download<int>(integer, 1)[0], Download<float>(real, 1)[0]));
    }

    [Fact]
    public void Entry_points_are_found_by_name_in_their_newest_form()
    {
        using var cuda = new RawCuda();
        using var strings = new NativeStrings();
        nint address;
        int found;
        Check(Call("cuGetProcAddress_v2", strings.Add("cuMemAlloc"), (nint)(&address), 13000, 0, (nint)(&found)));
        Assert.Equal(CudaEmulator.EntryPoint("cuMemAlloc_v2"), address);
        Assert.Equal(500, Call("cuGetProcAddress_v2", strings.Add("cuNothing"), (nint)(&address), 13000, 0, (nint)(&found)));
    }

    [Fact]
    public void A_launch_configuration_launches()
    {
        using var cuda = new RawCuda();
        var kernel = cuda.Kernel("""extern "C" __global__ void mark(int* x) { x[blockIdx.x * blockDim.x + threadIdx.x] = 1; }""", "mark");
        var x = cuda.Upload<int>(new int[6]);
        // CUlaunchConfig: grid, block, shared bytes, stream, attributes, their count.
        var configuration = stackalloc uint[14];
        for (var i = 0; i < 14; i++)
            configuration[i] = i is < 6 ? 1u : 0u;
        (configuration[0], configuration[3]) = (2, 2);
        var arguments = stackalloc nint[1];
        arguments[0] = (nint)(&x);
        Check(Call("cuLaunchKernelEx", (nint)configuration, kernel, (nint)arguments));
        Assert.Equal([1, 1, 1, 1, 0, 0], Download<int>(x, 6));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5000)]
    [InlineData((5 << 20) + 4)]
    public void Memory_that_nobody_wrote_holds_NaNs_whatever_was_there_before(int bytes)
    {
        using var cuda = new RawCuda();
        var zeros = Create("cuMemAlloc_v2", bytes);
        Check(Call("cuMemsetD8_v2", zeros, 0, bytes));
        Check(Call("cuMemFree_v2", zeros));
        Assert.DoesNotContain(Download<float>(cuda.Allocate(bytes), bytes / 4), static value => !float.IsNaN(value));
    }

    [Fact]
    public void Nothing_works_before_there_is_a_context()
    {
        using var cuda = new RawCuda();
        var (allocation, creation) = (0, 0);
        // A context is current in one thread alone.
        var other = new Thread(() =>
        {
            ulong pointer;
            allocation = Call("cuMemAlloc_v2", (nint)(&pointer), 4);
            creation = Call("cublasCreate_v2", (nint)(&pointer));
        });
        other.Start();
        other.Join();
        Assert.Equal(201, allocation);
        Assert.Equal(1, creation);
    }
}
