using System.Runtime.InteropServices;
using System.Text;
using GptGen.Emulator;
using Xunit;

namespace GptGen.Cuda.Tests.Emulator;

/// <summary>
/// The C interface of CUDA as far as the emulator's own tests need it, with nothing of the runtime between. Skips the test where the emulator cannot
/// be built.
/// </summary>
internal sealed unsafe class RawCuda : IDisposable
{
    private readonly List<ulong> allocations = [];
    private readonly List<nint> modules = [];

    /// <summary>A fresh machine with these settings, initialised, its primary context current.</summary>
    public RawCuda(params (string Name, string Value)[] settings)
    {
        TestTarget.RequireEmulator();
        CudaEmulator.Reset();
        foreach (var (name, value) in settings)
            CudaEmulator.Set(name, value);
        Check(Call("cuInit", 0));
        nint context;
        Check(Call("cuDevicePrimaryCtxRetain", (nint)(&context), 0));
        Check(Call("cuCtxSetCurrent", context));
    }

    /// <summary>Calls an entry point whose parameters are integers or pointers.</summary>
    public static int Call(string name, nint a = 0, nint b = 0, nint c = 0, nint d = 0, nint e = 0, nint f = 0) =>
        ((delegate* unmanaged<nint, nint, nint, nint, nint, nint, int>)CudaEmulator.EntryPoint(name))(a, b, c, d, e, f);

    /// <summary>The pointer that an entry point writes through its first parameter.</summary>
    public static nint Create(string name, nint b = 0, nint c = 0, nint d = 0)
    {
        nint result;
        Check(Call(name, (nint)(&result), b, c, d));
        return result;
    }

    public static void Check(int status) => Assert.True(status == 0, $"status {status} {CudaEmulator.Reports}");

    public ulong Allocate(int bytes)
    {
        ulong pointer;
        Check(Call("cuMemAlloc_v2", (nint)(&pointer), bytes));
        allocations.Add(pointer);
        return pointer;
    }

    public ulong Upload<T>(ReadOnlySpan<T> values) where T : unmanaged
    {
        var pointer = Allocate(values.Length * sizeof(T));
        fixed (T* source = values)
            Check(Call("cuMemcpyHtoD_v2", (nint)pointer, (nint)source, values.Length * sizeof(T)));
        return pointer;
    }

    public static T[] Download<T>(ulong pointer, int count) where T : unmanaged
    {
        var values = new T[count];
        fixed (T* target = values)
            Check(Call("cuMemcpyDtoH_v2", (nint)target, (nint)pointer, count * sizeof(T)));
        return values;
    }

    /// <summary>Compiles a program; the status and the compiler's messages.</summary>
    public static (int Status, string Log, byte[] Image) Compile(string source, string[]? options = null, Dictionary<string, string>? headers = null)
    {
        using var strings = new NativeStrings();
        headers ??= [];
        options ??= [];
        nint program;
        var create = (delegate* unmanaged<nint*, nint, nint, int, nint*, nint*, int>)CudaEmulator.EntryPoint("nvrtcCreateProgram");
        var created = create(
            &program, strings.Add(source), strings.Add("kernel.cu"), headers.Count, strings.AddAll(headers.Values), strings.AddAll(headers.Keys));
        Assert.Equal(0, created);
        var status = Call("nvrtcCompileProgram", program, options.Length, (nint)strings.AddAll(options));
        nuint size;
        Assert.Equal(0, Call("nvrtcGetProgramLogSize", program, (nint)(&size)));
        var log = new byte[size];
        fixed (byte* target = log)
            Assert.Equal(0, Call("nvrtcGetProgramLog", program, (nint)target));
        Assert.Equal(0, Call("nvrtcGetCUBINSize", program, (nint)(&size)));
        var image = new byte[size];
        fixed (byte* target = image)
            Assert.Equal(0, Call("nvrtcGetCUBIN", program, (nint)target));
        Assert.Equal(0, Call("nvrtcDestroyProgram", (nint)(&program)));
        return (status, Encoding.UTF8.GetString(log).TrimEnd('\0'), image);
    }

    public static (int Status, nint Module) Load(byte[] image)
    {
        nint module;
        fixed (byte* bytes = image)
            return (Call("cuModuleLoadData", (nint)(&module), (nint)bytes), module);
    }

    /// <summary>Compiles and loads a program that must be right, and gives one of its kernels.</summary>
    public nint Kernel(string source, string name, string[]? options = null, Dictionary<string, string>? headers = null)
    {
        var (status, log, image) = Compile(source, options, headers);
        Assert.True(status == 0, log);
        var (loaded, module) = Load(image);
        Check(loaded);
        modules.Add(module);
        return Function(module, name);
    }

    public static nint Function(nint module, string name)
    {
        using var strings = new NativeStrings();
        return Create("cuModuleGetFunction", module, strings.Add(name));
    }

    /// <summary>Launches on a stream; the status of the launch itself.</summary>
    public static int Launch(nint function, (int X, int Y) grid, int threads, int dynamicShared, nint stream, params object[] arguments)
    {
        var values = stackalloc byte[16 * arguments.Length];
        var pointers = stackalloc void*[arguments.Length + 1];
        for (var i = 0; i < arguments.Length; i++)
        {
            pointers[i] = values + 16 * i;
            switch (arguments[i])
            {
                case int value: *(int*)pointers[i] = value; break;
                case float value: *(float*)pointers[i] = value; break;
                case ulong value: *(ulong*)pointers[i] = value; break;
                default: throw new NotSupportedException(arguments[i].GetType().Name);
            }
        }

        var launch = (
            delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int>)CudaEmulator.EntryPoint("cuLaunchKernel");
        return launch(function, (uint)grid.X, (uint)grid.Y, 1, (uint)threads, 1, 1, (uint)dynamicShared, stream, pointers, null);
    }

    /// <summary>Launches and waits; the status that waiting gives.</summary>
    public static int Run(nint function, int grid, int threads, params object[] arguments)
    {
        Check(Launch(function, (grid, 1), threads, 0, 0, arguments));
        return Call("cuCtxSynchronize");
    }

    public void Dispose()
    {
        CudaEmulator.Reset();
        foreach (var pointer in allocations)
            Call("cuMemFree_v2", (nint)pointer);
        foreach (var module in modules)
            Call("cuModuleUnload", module);
        Call("cuDevicePrimaryCtxRelease_v2", 0);
    }
}

/// <summary>Strings that native code reads during one test.</summary>
internal sealed unsafe class NativeStrings : IDisposable
{
    private readonly List<nint> blocks = [];

    public nint Add(string text)
    {
        blocks.Add(Marshal.StringToCoTaskMemUTF8(text));
        return blocks[^1];
    }

    public nint* AddAll(IEnumerable<string> texts)
    {
        var list = texts.ToList();
        var array = Marshal.AllocCoTaskMem((list.Count + 1) * sizeof(nint));
        blocks.Add(array);
        for (var i = 0; i < list.Count; i++)
            ((nint*)array)[i] = Add(list[i]);
        return (nint*)array;
    }

    public void Dispose() => blocks.ForEach(Marshal.FreeCoTaskMem);
}
