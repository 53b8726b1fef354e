using GptGen.Cuda.Kernels;
using ManagedCuda;
using ManagedCuda.BasicTypes;

namespace GptGen.Cuda.Driver;

/// <summary>Compiled kernels in the GPU.</summary>
internal sealed class GpuModule : GpuResource
{
    private readonly CUmodule handle;
    private readonly Dictionary<string, GpuKernel> kernels = [];

    private GpuModule(GpuContext context, CUmodule handle) : base(context) => this.handle = handle;

    /// <summary>Compiles a program, or takes what was compiled before, and loads it.</summary>
    /// <exception cref="GptGenException">The program does not compile; the message has the log and the place of the source.</exception>
    public static GpuModule Load(GpuContext context, KernelProgram program, KernelCache cache)
    {
        var compiler = new KernelCompiler(context.Properties.ComputeCapability);
        var key = compiler.Key(program);
        var compiled = cache.TryRead(key);
        if (compiled is not null)
        {
            // A file that was written for another driver may be whole and yet refused; then it is made anew, like a damaged one.
            if (TryLoad(context, compiled) is { } module)
                return module;
        }

        compiled = compiler.Compile(program, cache);
        cache.TryWrite(key, compiled);
        return Load(context, compiled, program.Name);
    }

    /// <summary>A kernel by the name or expression that the program lists. Look kernels up once, not at each launch.</summary>
    public GpuKernel Kernel(string name) =>
        kernels.TryGetValue(name, out var kernel)
            ? kernel
            : throw new ArgumentException($"The program has no kernel '{name}'. Its kernels: {string.Join(", ", kernels.Keys)}.", nameof(name));

    /// <inheritdoc/>
    protected override void Free() => DriverAPINativeMethods.ModuleManagement.cuModuleUnload(handle);

    private static GpuModule Load(GpuContext context, CompiledKernels compiled, string program)
    {
        context.MakeCurrentToCreate();
        CUmodule handle = default;
        Status.Check(
            DriverAPINativeMethods.ModuleManagement.cuModuleLoadData(ref handle, compiled.Image), "cuModuleLoadData", $"the loading of {program}");
        var module = new GpuModule(context, handle);
        try
        {
            module.FindKernels(compiled, program);
            return module;
        }
        catch
        {
            module.Dispose();
            throw;
        }
    }

    private static GpuModule? TryLoad(GpuContext context, CompiledKernels compiled)
    {
        try
        {
            return Load(context, compiled, "a cached program");
        }
        catch (GptGenException)
        {
            return null;
        }
    }

    private void FindKernels(CompiledKernels compiled, string program)
    {
        foreach (var (name, symbol) in compiled.Symbols)
        {
            CUfunction function = default;
            Status.Check(
                DriverAPINativeMethods.ModuleManagement.cuModuleGetFunction(ref function, handle, symbol), "cuModuleGetFunction",
                $"{program}, kernel {name}");
            kernels.Add(name, new GpuKernel(this, name, function));
        }
    }
}

/// <summary>One kernel of a module; it lives as long as the module.</summary>
internal sealed class GpuKernel(GpuModule module, string name, CUfunction function)
{
    /// <summary>Shared memory that every kernel may have without asking.</summary>
    private const int FreeSharedBytes = 48 << 10;

    private int allowedSharedBytes = FreeSharedBytes;

    /// <summary>Its name in the program.</summary>
    public string Name => name;

    /// <summary>Its module.</summary>
    public GpuModule Module => module;

    internal CUfunction Function => function;

    /// <summary>
    /// Tells the driver that launches will ask for more than 48 KiB of dynamic shared memory. Costs one comparison when they do not.
    /// </summary>
    internal void AllowSharedBytes(int bytes)
    {
        if (bytes <= allowedSharedBytes)
            return;
        Status.Check(
            DriverAPINativeMethods.FunctionManagement.cuFuncSetAttribute(function, CUFunctionAttribute.MaxDynamicSharedSizeBytes, bytes),
            "cuFuncSetAttribute", name);
        allowedSharedBytes = bytes;
    }
}
